"""The most frequent failing lines: what many learners wrote alike, and what was found wrong with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from graders.evidence.plan import third_environment
from graders.marking.wording import Wording, for_all
from graders.model import Evidence, RequirementResult, Status, SubmissionResult
from graders.report.excerpts import ExcerptLine
from graders.report.sources import Quotes, Sources
from lab_env.text import one_line

_SHOWN = 10
_OBSERVED = 3
_WIDEST = 240  # characters of an observation
_OPENS = re.compile(r"[{\[(]$")
_HEAD = re.compile(r"[a-z_]+( \"[^\"]*\")* \{$")
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
    wordings = for_all(submissions)
    return tuple(_group(key, members, submissions, wordings.get(key[0])) for key, members in ranked[:_SHOWN])


def _group(
    key: tuple[str, str, bool],
    members: Sequence[tuple[int, RequirementResult]],
    submissions: Sequence[SubmissionResult],
    wording: Wording | None,
) -> FailingLine:
    id_, text, quoted = key
    seen = Counter(_observed(row, submissions[position].digest) for position, row in members if quoted)
    ranked = sorted(seen.items(), key=lambda one: (-one[1], one[0]))
    return FailingLine(
        id=id_,
        title=wording.title if wording is not None else members[0][1].title,
        text=text,
        quoted=quoted,
        where=tuple(position for position, _ in members),
        observed=tuple(ranked[:_OBSERVED]),
        more=len(ranked[_OBSERVED:]),
    )


def failing_place(row: RequirementResult, quotes: Quotes) -> tuple[str, str] | None:
    """The learner's own line that a row fails by, and where it stands; None when no line of theirs is at hand that says it.

    Evidence names a whole block, or an argument with a value of many lines, where the rule is about something in it. Its first line
    is the same for everybody: so it is the line in it that the row speaks of. A block's head alone says nothing.
    """
    for seen in row.evidence:
        if seen.kind != "hcl" or seen.path is None or seen.line is None:
            continue
        plain = quotes.plain_line(seen)
        if not plain:
            continue
        if _OPENS.search(plain) is None:
            return f"{seen.path}:{seen.line}", plain
        excerpt = quotes.excerpt(seen)
        inside = [line for line in excerpt.lines if line.hit and line.number > seen.line] if excerpt is not None else []
        if (found := _spoken_of(row, inside)) is not None:
            return f"{seen.path}:{found[0]}", found[1]
        if _HEAD.match(plain) is None:
            return f"{seen.path}:{seen.line}", plain
    return None


def _spoken_of(row: RequirementResult, lines: Sequence[ExcerptLine]) -> tuple[int, str] | None:
    """The first line that holds a name from what was observed, or sets an argument that is called like a word of it.

    Of what was expected nothing is looked for: that may be right, and in the line beside.
    """
    texts = [
        (line.number, " ".join("".join(p.text for p in line.pieces if p.kind != "comment").split())) for line in lines
    ]
    observed = frozenset(_NAME.findall(row.observed))
    # With an underscore it is no word of a sentence: APP_KEY in an entry of a list.
    names = frozenset(name for name in observed if "_" in name)
    for number, text in texts:
        if not names.isdisjoint(_NAME.findall(text)):
            return number, text
    for number, text in texts:
        if (found := _ARGUMENT.match(text)) and found["name"] in observed:
            return number, text
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


def _observed(row: RequirementResult, digest: str) -> str:
    """What was observed, without the one name in it that is another for every submission."""
    text = one_line(row.observed)
    if digest:
        text = text.replace(third_environment(digest), "<third environment>")
    return shortened(text, _WIDEST)
