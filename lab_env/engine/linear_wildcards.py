"""Matches the wildcards of policies on the engine in time that grows with the text, never by trying one way after the other.

MiniStack makes a regular expression of a pattern, with ``.*`` for every ``*``. Python's ``re`` tries all ways of sharing a value
out among them: fourteen ``*?`` in a row, in any policy of anybody's, and a first request that meets it computes for longer than a
course lasts, in the engine's only thread and with the interpreter's lock. Everybody on the engine would stand. Here all ways are
followed at once, as in :mod:`lab_env.iam_policy.patterns`.

The answers are MiniStack's own, its flags included: a wildcard is no line feed, one line feed may follow. Two letters of no
action and no ARN are the exception: ``re`` takes ``ſ`` for an s and ``ı`` for an i where letters' case does not count; AWS and
we do not. Nothing is kept: MiniStack's cache of compiled patterns is left empty, so that no learner's patterns fill it for others.
"""

from __future__ import annotations

from dataclasses import dataclass

from lab_env.iam_policy.patterns import glob, matches


@dataclass(frozen=True, slots=True)
class Wildcards:
    """Stands where MiniStack has a compiled expression: it has ``match``, and nothing else of one is used.

    :param pattern: ``*`` is any characters, ``?`` is one, every other character itself.
    :param ignore_case: as for actions and principals.
    """

    pattern: str
    ignore_case: bool

    def match(self, value: str) -> Wildcards | None:
        """Itself when the whole value fits, else None."""
        pattern = self.pattern
        if self.ignore_case:
            pattern, value = pattern.lower(), value.lower()
        return self if _fits(pattern.split("\n"), value.split("\n")) else None


def _fits(patterns: list[str], lines: list[str]) -> bool:
    """Line for line, for no wildcard reaches over a line feed: ``.`` does not. ``$`` is also true before the last one."""
    if len(lines) == len(patterns) + 1 and not lines[-1]:
        lines = lines[:-1]
    return len(lines) == len(patterns) and all(
        matches(glob(pattern), line) for pattern, line in zip(patterns, lines, strict=True)
    )


def match_in_linear_time() -> None:
    """Make the engine use it. There is no setting for that, hence the pinned ministack: another one may match elsewhere, too."""
    from ministack.core import iam_evaluator

    vars(iam_evaluator)["_fnmatch_compile"] = Wildcards
