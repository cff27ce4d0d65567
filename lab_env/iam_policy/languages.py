"""Whether one set of wildcard patterns lies inside others, decided exactly: patterns are automata over characters.

Instead of trying a few made-up names against a policy, we ask whether *any* string exists that a statement grants and
that no Deny takes away and no allowance covers; if one does, the shortest is the witness.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from lab_env.iam_policy.patterns import Pattern, Wild

_LIMIT = 4_000
_LOOPS = {Wild.ANY, Wild.ANY_IN_SEGMENT}
_WITHIN = {Wild.ANY_IN_SEGMENT, Wild.ONE_IN_SEGMENT}

_State = frozenset[int]


class UndecidedError(Exception):
    """The patterns are too tangled to decide within the limit; the caller takes the safe side."""


def witness(patterns: Sequence[Pattern], wanted: Callable[[Sequence[bool]], bool]) -> str | None:
    """The shortest string for which ``wanted`` holds of "which patterns match it", or None when there is none.

    :raises UndecidedError: more than 4,000 states (the policies of this lesson need under 1,000).
    """
    alphabet = _alphabet(patterns)
    start = tuple(_closure(pattern, frozenset({0})) for pattern in patterns)
    seen = {start}
    queue: deque[tuple[tuple[_State, ...], str]] = deque([(start, "")])
    while queue:
        states, text = queue.popleft()
        if wanted([len(pattern) in state for pattern, state in zip(patterns, states, strict=True)]):
            return text
        for char in alphabet:
            following = tuple(_step(pattern, state, char) for pattern, state in zip(patterns, states, strict=True))
            if following not in seen:
                if len(seen) >= _LIMIT:
                    raise UndecidedError
                seen.add(following)
                queue.append((following, text + char))
    return None


def _alphabet(patterns: Sequence[Pattern]) -> str:
    """The characters that matter: those in the patterns, the colon, and one that stands for all others."""
    used = {token for pattern in patterns for token in pattern if isinstance(token, str)} | {":"}
    other = next(char for char in map(chr, range(ord("a"), 0x10FFFF)) if char not in used)
    return "".join(sorted(used | {other}))


def _closure(pattern: Pattern, positions: frozenset[int]) -> _State:
    """A star may match nothing: whoever stands before it also stands behind it."""
    found = set(positions)
    for position in sorted(positions):
        while position < len(pattern) and pattern[position] in _LOOPS:
            position += 1
            found.add(position)
    return frozenset(found)


def _step(pattern: Pattern, state: _State, char: str) -> _State:
    following: set[int] = set()
    for position in state:
        if position == len(pattern):
            continue
        token = pattern[position]
        if isinstance(token, str):
            if token == char:
                following.add(position + 1)
        elif not (token in _WITHIN and char == ":"):
            following.add(position if token in _LOOPS else position + 1)
    return _closure(pattern, frozenset(following))
