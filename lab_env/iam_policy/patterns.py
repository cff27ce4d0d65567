"""Wildcard patterns: actions, resource ARNs, condition values, and the policy variables in them.

A pattern is a tuple of tokens, so that a ``*`` which comes out of a variable's value is an ordinary character.

Sources: IAM User Guide, "IAM JSON policy elements: Action" (case-insensitive), "Resource" (case-sensitive; a wildcard
stays in its colon-separated segment, but a ``*`` that ends a segment may reach beyond it), "Variables and tags", "IAM
identifiers" (an incomplete ARN).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from lab_env.iam_policy.keys import surely_absent

ContextValue = str | Sequence[str]
Context = Mapping[str, ContextValue]


class Wild(Enum):
    """A wildcard token: any characters or one character, over colons or within one ARN segment."""

    ANY = auto()
    ONE = auto()
    ANY_IN_SEGMENT = auto()
    ONE_IN_SEGMENT = auto()


Token = str | Wild
Pattern = tuple[Token, ...]

# Also where no brace closes it, so that the rest of a text of nothing but beginnings is read once.
_VARIABLE = re.compile(r"\$\{([^}]*+)(\}?)")
_DEFAULTED = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?")


@dataclass(frozen=True)
class Unresolved:
    """A text whose variable has no value.

    :param absent: the key is known not to be in the request (otherwise nothing is known about it).
    """

    variable: str
    absent: bool


def action_matches(pattern: str, action: str) -> bool:
    """Whether an ``Action`` value covers an action such as ``kms:Decrypt`` (letters' case does not count)."""
    return _action_regex(pattern.lower()).fullmatch(action.lower()) is not None


@lru_cache(maxsize=4096)
def _action_regex(pattern: str) -> re.Pattern[str]:
    """What stands between two ``*`` is taken at its first place and never tried at a later one, which could not do better."""
    first, *between = (re.escape(piece).replace(r"\?", ".") for piece in pattern.split("*"))
    if not between:
        return re.compile(first, re.DOTALL)
    *between, last = between
    return re.compile(f"{first}{''.join(f'(?>.*?{piece})' for piece in between)}.*{last}", re.DOTALL)


def glob(text: str) -> Pattern:
    """``*`` and ``?`` over any character: actions and ``StringLike``."""
    return tuple({"*": Wild.ANY, "?": Wild.ONE}.get(char, char) for char in text)


def arn(text: str) -> Pattern:
    """A ``Resource`` value: wildcards stay within a segment, but a ``*`` that ends its segment."""
    return _in_segments(glob(text))


_FIELDS = 6


def real_arns(text: str) -> Pattern:
    """The ARNs that there can be of a format such as ``arn:*:kms:*:*:key/*``: no field but the last holds a colon."""
    head, last = text.split(":")[: _FIELDS - 1], text.split(":", _FIELDS - 1)[-1]
    within = {Wild.ANY: Wild.ANY_IN_SEGMENT, Wild.ONE: Wild.ONE_IN_SEGMENT}
    first = tuple(
        within.get(token, token) if isinstance(token, Wild) else token for token in glob(":".join(head) + ":")
    )
    return (*first, *glob(last))


def missing_fields(text: str) -> int:
    """How many of an ARN's six fields a ``Resource`` value leaves out at its end; none of what is no ARN."""
    if not text.startswith("arn:"):
        return 0
    return max(0, _FIELDS - 1 - _VARIABLE.sub("", text).count(":"))


def matches(pattern: Pattern, value: str) -> bool:
    """Whether the whole value fits the pattern (case-sensitive)."""
    places = _places(value)
    everywhere = (1 << len(value)) - 1
    outside_colons = everywhere & ~places.get(":", 0)
    # Bit n: the tokens so far can have taken the first n characters. All ways are followed at once, so that a pattern of many
    # wildcards does not try one way of sharing the value out after the other.
    taken = 1
    for token in pattern:
        if token is Wild.ANY:
            taken = (everywhere << 1 | 1) & -(taken & -taken)
        elif token is Wild.ANY_IN_SEGMENT:
            # Adding carries each bit through the ones above it, to the first character that is a colon.
            taken |= (outside_colons + (taken & outside_colons)) ^ outside_colons
        elif token is Wild.ONE:
            taken = (taken & everywhere) << 1
        elif token is Wild.ONE_IN_SEGMENT:
            taken = (taken & outside_colons) << 1
        else:
            taken = (taken & places.get(token, 0)) << 1
        if not taken:
            return False
    return bool(taken >> len(value) & 1)


@lru_cache(maxsize=256)
def _places(value: str) -> dict[str, int]:
    """Where each character stands, as bits."""
    places: dict[str, int] = {}
    for index, char in enumerate(value):
        places[char] = places.get(char, 0) | 1 << index
    return places


def _in_segments(pattern: Pattern) -> Pattern:
    if pattern == (Wild.ANY,):
        return pattern
    result: list[Token] = []
    for index, token in enumerate(pattern):
        ends_segment = index + 1 == len(pattern) or pattern[index + 1] == ":"
        if token is Wild.ANY and not ends_segment:
            result.append(Wild.ANY_IN_SEGMENT)
        elif token is Wild.ONE:
            result.append(Wild.ONE_IN_SEGMENT)
        else:
            result.append(token)
    return tuple(result)


def arn_components_match(pattern: Pattern, value: str) -> bool | None:
    """``ArnEquals`` and ``ArnLike``: each of the six colon-separated components is compared by itself.

    None when the pattern is no ARN: AWS does not say what happens then.
    (IAM User Guide, "Condition operators", Amazon Resource Name (ARN) condition operators.)
    """
    wanted = _six(pattern)
    if wanted is None:
        return None
    found = value.split(":", _FIELDS - 1)
    return len(found) == _FIELDS and all(matches(part, text) for part, text in zip(wanted, found, strict=True))


def _six(pattern: Pattern) -> list[Pattern] | None:
    parts: list[list[Token]] = [[]]
    for piece in pattern:
        if piece == ":" and len(parts) < _FIELDS:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(part) for part in parts] if len(parts) == _FIELDS else None


def substitute(text: str, lookup: Lookup, *, wildcards: bool) -> Pattern | Unresolved:
    """Replace the policy variables of a text (documents of version 2012-10-17 only).

    ``${aws:username}`` is the key's value, ``${key, 'default'}`` has a default, ``${*}``, ``${?}`` and ``${$}`` are the
    characters themselves.

    :param wildcards: whether ``*`` and ``?`` outside variables are wildcards.
    """
    tokens: list[Token] = []
    position = 0
    for found in _VARIABLE.finditer(text):
        if not found.group(2):
            break
        tokens += _plain(text[position : found.start()], wildcards)
        position = found.end()
        inner = found.group(1)
        if inner in ("*", "?", "$"):
            tokens.append(inner)
            continue
        parts = _DEFAULTED.fullmatch(inner)
        if parts is None:
            return Unresolved(inner, absent=False)
        value = lookup(parts.group(1))
        if isinstance(value, Unresolved):
            if not value.absent or parts.group(2) is None:
                return value
            value = parts.group(2)
        tokens += list(value)
    tokens += _plain(text[position:], wildcards)
    return tuple(tokens)


def _plain(text: str, wildcards: bool) -> list[Token]:
    return list(glob(text)) if wildcards else list(text)


@dataclass(frozen=True)
class Lookup:
    """A key's single value in the request's context, or why there is none.

    :param context: lower-case keys.
    :param version: the document's; before 2012-10-17 there are no variables.
    :param unknown: beginnings of keys about which nothing is known (lower case).
    """

    context: Context
    version: str
    unknown: tuple[str, ...] = ()

    def __call__(self, key: str) -> str | Unresolved:
        value = self.context.get(key.lower())
        if value is None:
            return Unresolved(key, absent=surely_absent(key, self.unknown))
        if isinstance(value, str):
            return value
        return value[0] if len(value) == 1 else Unresolved(key, absent=not value)

    def pattern(self, text: str, *, wildcards: bool) -> Pattern | Unresolved:
        """The text with its variables replaced, where its document's version knows variables."""
        if self.version != "2012-10-17":
            return tuple(_plain(text, wildcards))
        return substitute(text, self, wildcards=wildcards)

    def resource(self, text: str, *, complete: bool = True) -> Pattern | Unresolved:
        """A ``Resource`` value's pattern.

        :param complete: fill an incomplete ARN's missing fields with ``*``, as AWS does in an identity-based policy:
            ``arn:aws:sqs`` is ``arn:aws:sqs:*:*:*`` (IAM User Guide, "IAM identifiers",
            https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
        """
        pattern = self.pattern(text + ":*" * missing_fields(text) if complete else text, wildcards=True)
        return pattern if isinstance(pattern, Unresolved) else _in_segments(pattern)
