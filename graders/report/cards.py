"""One submission as the pages show it: its steps, a card a requirement, the evidence with the learner's own lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from graders.model import Evidence, RequirementResult, Status, SubmissionResult
from graders.report.excerpts import Excerpt
from graders.report.marks import MARKS, SUBMISSION_MARKS, Mark, Step, first_to_do, steps, uniform
from graders.report.sources import Quotes

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
    def observed(self) -> str:
        """What was observed, where the message has not said it."""
        return "" if says_again(self.row, self.row.observed) else self.row.observed

    def detail(self, proof: Proof) -> str:
        """What was seen, where the message has not said it, or there is nothing else to show for it."""
        shown = proof.where or proof.seen.address
        return "" if shown and says_again(self.row, proof.seen.detail) else proof.seen.detail

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
    """One submission of a page.

    :param share: score as a fraction of the maximum, 0 to 1.
    :param uniform: all its cards would say the same, so they are left out.
    :param depth: ``static`` or ``plan`` where the run was not full.
    """

    result: SubmissionResult
    mark: Mark
    anchor: str
    share: float
    groups: tuple[Group, ...]
    counts: tuple[tuple[Mark, Status, int], ...]
    next: Card | None
    uniform: bool
    depth: str = ""


def says_again(row: RequirementResult, text: str) -> bool:
    """Whether a text has nothing that the row's message has not said: an error that is explained is said once."""
    if row.advice is None:
        return text == row.message
    words = " ".join(text.split()).rstrip(".")
    message = " ".join(row.message.split())
    return words in message or (bool(words) and all(part.rstrip(".") in message for part in words.split(": ", 1)))


def where_of(seen: Evidence) -> str:
    """``modules/secrets/kms.tf:3-5, cell 2`` (people count cells from 1); empty when there is no file."""
    if seen.path is None:
        return ""
    where = seen.path
    if seen.line is not None:
        where += f":{seen.line}"
        if seen.end_line is not None and seen.end_line > seen.line:
            where += f"-{seen.end_line}"
    return where if seen.cell is None else f"{where}, cell {seen.cell + 1}"


def section(
    number: int,
    submission: SubmissionResult,
    quotes: Quotes,
    *,
    quote_passed: bool = True,
    depth: str = "",
    where: Callable[[Evidence], str] = where_of,
) -> Section:
    """``submission`` as the page's part with this number, counted from 1.

    :param quotes: the learner's lines that the evidence names.
    :param where: says where a piece of evidence is.
    :param quote_passed: whether what passed quotes them too.
    :param depth: ``static`` or ``plan`` where the run was not full.
    """
    anchors = anchors_of(number, submission)
    groups = tuple(
        Group(
            step,
            f"{section_anchor(number)}-{step.id}",
            tuple(
                _card(row, anchors, quotes if quote_passed or row.status is not Status.PASS else Quotes(), where)
                for row in step.rows
            ),
        )
        for step in steps(submission)
    )
    cards = {card.row.id: card for group in groups for card in group.cards}
    to_do = first_to_do(submission)
    return Section(
        result=submission,
        mark=SUBMISSION_MARKS[submission.status],
        anchor=section_anchor(number),
        share=share(submission),
        groups=groups,
        counts=tuple(
            (mark, status, count)
            for status, mark in MARKS.items()
            if (count := sum(1 for row in submission.requirements if row.status is status))
        ),
        next=cards[to_do.id] if to_do else None,
        uniform=uniform(submission),
        depth=depth,
    )


def section_anchor(number: int) -> str:
    """The fragment under which a page shows its submission of this number, counted from 1."""
    return f"s{number}"


def anchors_of(number: int, submission: SubmissionResult) -> dict[str, str]:
    """The fragment of each requirement's card, by the requirement's id."""
    return {row.id: f"{section_anchor(number)}-{index}" for index, row in enumerate(submission.requirements, start=1)}


def share(submission: SubmissionResult) -> float:
    """The score as a fraction of the maximum, 0 to 1; 0 without a score."""
    if submission.score is None or submission.max_score <= 0:
        return 0.0
    return min(1.0, max(0.0, submission.score / submission.max_score))


def _card(row: RequirementResult, anchors: Mapping[str, str], quotes: Quotes, where: Callable[[Evidence], str]) -> Card:
    return Card(
        row=row,
        mark=MARKS[row.status],
        anchor=anchors[row.id],
        blocker=anchors.get(row.blocked_by or ""),
        layer=_LAYERS[row.layer],
        proofs=tuple(_proofs(row.evidence, quotes, where)),
    )


def _proofs(evidence: Iterable[Evidence], quotes: Quotes, where: Callable[[Evidence], str]) -> Iterable[Proof]:
    shown: set[tuple[str | None, int | None, int | None]] = set()
    for seen in evidence:
        span = (seen.path, seen.line, seen.end_line)
        quoted = None if span in shown else quotes.excerpt(seen)
        shown.add(span)
        yield Proof(seen, _KINDS[seen.kind], where(seen), quoted)
