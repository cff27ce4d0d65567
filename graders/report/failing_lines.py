"""The most frequent failing lines: what many learners wrote alike, and what was found wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from graders.evidence.plan import third_environment
from graders.model import RequirementResult, Status, SubmissionResult
from graders.report.sources import Quotes, Sources
from lab_env.text import one_line

_SHOWN = 10
_OBSERVED = 3
_WIDEST = 240  # characters of an observation


@dataclass(frozen=True)
class FailingLine:
    """A group of fails.

    :param id: the requirement that they fail.
    :param text: the learners' own line, white space and comments evened out, when ``quoted``; else what was observed.
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
                line = _line(row, quotes)
                text = _observed(row, submission.digest) if line is None else line
                groups.setdefault((row.id, text, line is not None), []).append((position, row))
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


def _line(row: RequirementResult, quotes: Quotes) -> str | None:
    """The first line of the learner's own files that the row's evidence names and that can be read."""
    lines = (quotes.plain_line(seen) for seen in row.evidence if seen.kind == "hcl")
    return next((line for line in lines if line), None)


def _observed(row: RequirementResult, digest: str) -> str:
    """What was observed, without the one name in it that is another for every submission."""
    text = one_line(row.observed)
    if digest:
        text = text.replace(third_environment(digest), "<third environment>")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
