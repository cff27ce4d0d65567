"""The HTML report: one page that needs nothing but itself: no script, no request, readable on a phone and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from graders.model import Evidence, RequirementResult, Results, Status, SubmissionResult, SubmissionStatus
from graders.report.files import write_atomically
from graders.report.marks import MARKS, SUBMISSION_MARKS, Mark, Step, first_to_do, steps, uniform
from graders.report.sources import Excerpt, Sources, excerpt
from graders.report.text import counted, visible

_KINDS = {"hcl": "Your file", "plan": "Plan", "api": "AWS API", "drill": "Drill"}
_LAYERS = {"hcl": "your files", "plan": "the plan", "deployed": "the deployed account", "behaviour": "a drill"}


@dataclass(frozen=True)
class Proof:
    """One piece of evidence with the learner's lines, where it has any that no earlier piece showed."""

    seen: Evidence
    kind: str
    where: str
    excerpt: Excerpt | None


@dataclass(frozen=True)
class Card:
    """One requirement of one submission. ``blocker``: the anchor of the card that blocks it."""

    row: RequirementResult
    mark: Mark
    anchor: str
    blocker: str | None
    layer: str
    proofs: tuple[Proof, ...]

    @property
    def points(self) -> str:
        if self.row.status is Status.NOT_RUN:
            return "–"
        return f"{'–' if self.row.earned is None else self.row.earned} / {self.row.points}"


@dataclass(frozen=True)
class Group:
    step: Step
    anchor: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Section:
    """One submission of the page.

    :param share: score as a fraction of the maximum, 0 to 1.
    :param uniform: all its cards would say the same, so they are left out.
    """

    result: SubmissionResult
    mark: Mark
    anchor: str
    share: float
    groups: tuple[Group, ...]
    counts: tuple[tuple[Mark, Status, int], ...]
    next: Card | None
    uniform: bool


@dataclass(frozen=True)
class Standing:
    """One requirement over the whole class: how many met it, of those with a verdict on it."""

    id: str
    title: str
    met: int
    judged: int


def render(results: Results, sources: Sources | None = None) -> str:
    """The page's text.

    :param sources: the learners' files, for quoting the lines that the evidence names.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("graders.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    style = files("graders.report").joinpath("templates/page.css").read_text(encoding="utf-8")
    sections = [
        _section(number, submission, (sources or {}).get(submission.id, {}))
        for number, submission in enumerate(results.submissions, start=1)
    ]
    return environment.get_template("page.html.j2").render(
        results=results,
        sections=sections,
        style=Markup(style),  # noqa: S704 - our own file, nothing of a learner's in it
        standings=_standings(results.submissions),
        step_titles=_step_titles(sections),
        average=_average(results.submissions),
        full=sum(1 for one in results.submissions if one.score is not None and one.score == one.max_score > 0),
        counted=counted,
    )


def write(results: Results, path: Path, sources: Sources | None = None) -> None:
    """Writes the page to ``path``, whole or not at all."""
    write_atomically(path, render(results, sources))


def _visible(value: Any) -> Any:
    """Every text that the template puts out passes here, before Jinja escapes it."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _section(number: int, submission: SubmissionResult, texts: Mapping[str, str]) -> Section:
    anchors = {row.id: f"s{number}-{index}" for index, row in enumerate(submission.requirements, start=1)}
    groups = tuple(
        Group(step, f"s{number}-{step.id}", tuple(_card(row, anchors, texts) for row in step.rows))
        for step in steps(submission)
    )
    cards = {card.row.id: card for group in groups for card in group.cards}
    to_do = first_to_do(submission)
    return Section(
        result=submission,
        mark=SUBMISSION_MARKS[submission.status],
        anchor=f"s{number}",
        share=_share(submission),
        groups=groups,
        counts=tuple(
            (mark, status, count)
            for status, mark in MARKS.items()
            if (count := sum(1 for row in submission.requirements if row.status is status))
        ),
        next=cards[to_do.id] if to_do else None,
        uniform=uniform(submission),
    )


def _card(row: RequirementResult, anchors: Mapping[str, str], texts: Mapping[str, str]) -> Card:
    return Card(
        row=row,
        mark=MARKS[row.status],
        anchor=anchors[row.id],
        blocker=anchors.get(row.blocked_by or ""),
        layer=_LAYERS[row.layer],
        proofs=tuple(_proofs(row.evidence, texts)),
    )


def _proofs(evidence: Iterable[Evidence], texts: Mapping[str, str]) -> Iterable[Proof]:
    shown: set[tuple[str | None, int | None, int | None]] = set()
    for seen in evidence:
        span = (seen.path, seen.line, seen.end_line)
        quoted = None if span in shown else excerpt(seen, texts)
        shown.add(span)
        yield Proof(seen, _KINDS[seen.kind], _where(seen), quoted)


def _where(seen: Evidence) -> str:
    """``modules/secrets/kms.tf:3-5, cell 2`` (people count cells from 1); empty when there is no file."""
    if seen.path is None:
        return ""
    where = seen.path
    if seen.line is not None:
        where += f":{seen.line}"
        if seen.end_line is not None and seen.end_line > seen.line:
            where += f"-{seen.end_line}"
    return where if seen.cell is None else f"{where}, cell {seen.cell + 1}"


def _share(submission: SubmissionResult) -> float:
    if submission.score is None or submission.max_score <= 0:
        return 0.0
    return min(1.0, max(0.0, submission.score / submission.max_score))


def _standings(submissions: Iterable[SubmissionResult]) -> list[Standing]:
    by_id: dict[str, list[RequirementResult]] = {}
    for submission in submissions:
        for row in submission.requirements:
            by_id.setdefault(row.id, []).append(row)
    return [
        Standing(
            id=id_,
            title=rows[0].title,
            met=sum(1 for row in rows if row.status is Status.PASS),
            judged=sum(1 for row in rows if row.status not in (Status.NOT_RUN, Status.ERROR)),
        )
        for id_, rows in by_id.items()
    ]


def _step_titles(sections: Iterable[Section]) -> dict[str, str]:
    return {group.step.id: group.step.title for section in sections for group in section.groups}


def _average(submissions: Iterable[SubmissionResult]) -> float | None:
    """Mean score as a percentage over the submissions that have one."""
    shares = [_share(one) for one in submissions if one.status is not SubmissionStatus.ERROR and one.max_score > 0]
    return round(100 * sum(shares) / len(shares), 1) if shares else None
