"""The most frequent failing lines: what many learners wrote alike, and what was found wrong with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from graders.evidence.plan import third_environment
from graders.model import Evidence, RequirementResult, Status, SubmissionResult
from graders.report.excerpts import ExcerptLine
from graders.report.sources import Quotes, Sources
from lab_env.text import one_line

_SHOWN = 10
_OBSERVED = 3
_WIDEST = 240  # characters of an observation
_HEAD = re.compile(r"\{$")
_ARGUMENT = re.compile(r"\"?(?P<name>\w+)\"? ?[=:{]")
_NAME = re.compile(r"[a-zA-Z]\w+")
_SETS_NO = re.compile(r"(?P<type>\w+)\S* sets no (?P<name>\w+)")


@dataclass(frozen=True)
class FailingLine:
    """A group of fails.

    :param id: the requirement that they fail.
    :param text: the learners' own line, white space and comments evened out, when ``quoted``; else the argument that they left
        out, or what was observed.
    :param where: positions in the results of the submissions with it, in their order.
    :param observed: for a quoted line, what was observed about it, the most frequent first, with how often; at most
        three, ``more`` says how many there are besides.
    """

    id: str
    title: str
    text: str
    quoted: bool
    where: tuple[int, ...]
    observed: tuple[tuple[str, int], ...]
    more: int


def failing_lines(submissions: Sequence[SubmissionResult], sources: Sources) -> tuple[FailingLine, ...]:
    """The ten groups with most submissions, equal ones in the rubric's order."""
    groups: dict[tuple[str, str, bool], list[tuple[int, RequirementResult]]] = {}
    for position, submission in enumerate(submissions):
        quotes = sources.get(submission.id, Quotes())
        for row in submission.requirements:
            if row.status is Status.FAIL:
                text, quoted = _line(row, quotes) or (_observed(row, submission.digest), False)
                groups.setdefault((row.id, text, quoted), []).append((position, row))
    ids = list(dict.fromkeys(row.id for one in submissions for row in one.requirements))
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), ids.index(group[0][0]), group[0]))
    return tuple(_group(key, members, submissions) for key, members in ranked[:_SHOWN])


def _group(
    key: tuple[str, str, bool],
    members: Sequence[tuple[int, RequirementResult]],
    submissions: Sequence[SubmissionResult],
) -> FailingLine:
    id_, text, quoted = key
    seen = Counter(_observed(row, submissions[position].digest) for position, row in members if quoted)
    ranked = sorted(seen.items(), key=lambda one: (-one[1], one[0]))
    return FailingLine(
        id=id_,
        title=members[0][1].title,
        text=text,
        quoted=quoted,
        where=tuple(position for position, _ in members),
        observed=tuple(ranked[:_OBSERVED]),
        more=len(ranked[_OBSERVED:]),
    )


def failing_place(row: RequirementResult, quotes: Quotes) -> tuple[str, str] | None:
    """The learner's own line that a row fails by, and where it stands; None when no line of theirs is at hand.

    Evidence names a whole block where the rule is about more than one argument of it. Its first line, the block's head, is
    the same for everybody: so it is the line in it that the row speaks of, where there is one.
    """
    for seen in row.evidence:
        if seen.kind != "hcl" or seen.path is None or seen.line is None:
            continue
        plain = quotes.plain_line(seen)
        if not plain:
            continue
        if _HEAD.search(plain) and (excerpt := quotes.excerpt(seen)) is not None:
            for line in excerpt.lines:
                text = _plain_of(line)
                if line.hit and (found := _ARGUMENT.match(text)) and found["name"] in _spoken_of(row):
                    return f"{seen.path}:{line.number}", text
        return f"{seen.path}:{seen.line}", plain
    return None


def shortened(text: str, widest: int) -> str:
    """A text on one line, cut where it is too long."""
    line = one_line(text)
    return line if len(line) <= widest else f"{line[: widest - 1]}…"


def _line(row: RequirementResult, quotes: Quotes) -> tuple[str, bool] | None:
    """What learners have alike, and whether it is their own line: that line, or the argument that they left out."""
    left_out = next((_left_out(seen) for seen in row.evidence if _left_out(seen)), None)
    if left_out is not None:
        return left_out, False
    found = failing_place(row, quotes)
    return None if found is None else (found[1], True)


def _left_out(seen: Evidence) -> str | None:
    """``aws_kms_key sets no enable_key_rotation``, whatever the learner calls the block."""
    found = _SETS_NO.fullmatch(seen.detail) if seen.kind == "hcl" else None
    return None if found is None else f"{found['type']} sets no {found['name']}"


def _plain_of(line: ExcerptLine) -> str:
    return " ".join("".join(piece.text for piece in line.pieces if piece.kind != "comment").split())


def _spoken_of(row: RequirementResult) -> frozenset[str]:
    """The names in what is said of a row."""
    said = [row.observed, row.expected, row.message, *(seen.detail for seen in row.evidence)]
    return frozenset(_NAME.findall(" ".join(said)))


def _observed(row: RequirementResult, digest: str) -> str:
    """What was observed, without the one name in it that is another for every submission."""
    text = one_line(row.observed)
    if digest:
        text = text.replace(third_environment(digest), "<third environment>")
    return shortened(text, _WIDEST)
