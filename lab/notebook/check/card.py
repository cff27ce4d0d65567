"""The card of ``%lab_check``: verdicts, evidence with the learner's own lines, one next step, hints on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graders.model import Depth, RequirementResult, Status, SubmissionResult, SubmissionStatus
from graders.report.cards import Card, Proof, section
from graders.report.marks import MARKS, SUBMISSION_MARKS, Mark
from graders.report.sources import quotes
from lab.notebook.output.display import Output
from lab_env.text import counted, listed, one_line

if TYPE_CHECKING:
    from lab.notebook.session.place import Place

_LEVELS = 3


@dataclass(frozen=True)
class CheckView:
    """One state of a check.

    :param words: what was asked for.
    :param result: None while nothing has been found yet.
    :param rows: of the result, what was asked for.
    :param first: what to do next; ``blocker`` is the same when it is none of ``rows``.
    :param depth: how far the result goes.
    :param busy: what is going on; empty when the check is over.
    :param share: how far that is, 0 to 1.
    :param hint: the level of the hint to show for ``first``, 0 for none.
    :param kept: the files are those of an earlier check, and so are the verdicts.
    """

    words: tuple[str, ...]
    result: SubmissionResult | None
    rows: tuple[RequirementResult, ...]
    first: RequirementResult | None
    blocker: RequirementResult | None
    depth: Depth
    busy: str
    share: float
    notes: tuple[str, ...]
    hint: int
    kept: bool

    @property
    def judged(self) -> tuple[RequirementResult, ...]:
        return tuple(row for row in self.rows if row.status is not Status.NOT_RUN)

    @property
    def mark(self) -> tuple[Mark, str] | None:
        """The whole card's mark and its class; none while that is open."""
        if self.result is None or self.busy:
            return None
        if self.result.status is not SubmissionStatus.GRADED:
            return SUBMISSION_MARKS[self.result.status], "fail"
        if self.judged and all(row.status is Status.PASS for row in self.judged):
            return MARKS[Status.PASS], "pass"
        return (MARKS[Status.FAIL], "fail") if self.judged else (MARKS[Status.NOT_RUN], "not_run")

    @property
    def lead(self) -> str:
        """What it comes to, in a sentence."""
        if self.result is None:
            return ""
        if self.result.status is not SubmissionStatus.GRADED:
            return one_line(self.result.reason or "no reason given")
        passed = sum(row.status is Status.PASS for row in self.judged)
        earned, points = sum(row.earned or 0 for row in self.judged), sum(row.points for row in self.judged)
        told = f"{passed} of {len(self.judged)} pass, {earned} of {counted(points, 'point')}."
        hidden = len(self.rows) - len(self.judged)
        if hidden and self.depth is Depth.FULL:
            told += f" {hidden} cannot be seen on this engine."
        elif hidden and not self.busy:
            told += f" {hidden} more can be seen when it is deployed."
        return told


def hint_level(shown: int) -> int:
    """The next level of a requirement's hints, after the one that was shown last."""
    return min(_LEVELS, shown + 1)


def output(view: CheckView, place: Place) -> Output:
    """The card for people who see it, and for those who read or hear it."""
    from lab.notebook.output.pages import fill

    cards, waiting = _cards(view, place), tuple(_waiting(view))
    html = fill(
        "check_card.html.j2",
        view=view,
        cards=cards,
        waiting=waiting,
        place=place,
        next_step=_next(view),
        notes=_notes(view, place),
        remark=_remark(view),
        cell=lambda proof: _cell(proof, place),
        hints=_hints(view, cards),
        levels=_LEVELS,
    )
    return Output(html, "\n".join(_plain(view, cards, waiting, place)))


def _cards(view: CheckView, place: Place) -> tuple[Card, ...]:
    """Those to be shown in full: what was asked for and looked at, after what stands in its way."""
    if view.result is None or view.result.status in (SubmissionStatus.UNGRADABLE, SubmissionStatus.ERROR):
        return ()
    rows = (*((view.blocker,) if view.blocker else ()), *view.rows)
    shown = tuple(row for row in rows if row.status not in (Status.NOT_RUN, Status.BLOCKED))
    texts = {path: place.text(path) or "" for row in shown for e in row.evidence if (path := e.path)}
    one = section(1, view.result.model_copy(update={"requirements": shown}), quotes(shown, texts))
    return tuple(card for group in one.groups for card in group.cards)


def _waiting(view: CheckView) -> Iterator[tuple[Mark, str]]:
    """What could not be looked at, a line for each reason."""
    for by in dict.fromkeys(row.blocked_by for row in view.rows if row.status is Status.BLOCKED):
        ids = [row.id for row in view.rows if row.status is Status.BLOCKED and row.blocked_by == by]
        yield MARKS[Status.BLOCKED], f"{listed(ids)} cannot be looked at until {by} is met."
    later = [row.id for row in view.rows if row.status is Status.NOT_RUN]
    if later and view.depth is not Depth.FULL:
        yield MARKS[Status.NOT_RUN], f"{listed(later)} can be seen when the module is deployed."
    elif later:
        yield MARKS[Status.NOT_RUN], f"{listed(later)} cannot be seen on this engine."


def _next(view: CheckView) -> str:
    if view.busy or view.result is None:
        return ""
    if view.first is not None:
        return one_line(view.first.message)
    if any(row.status is Status.NOT_RUN for row in view.rows) and view.depth is not Depth.FULL:
        return f"%lab_check {' '.join(view.words)} --depth full deploys it and runs the drills."
    return "Go on with the next cell." if view.mark == (MARKS[Status.PASS], "pass") else ""


def _notes(view: CheckView, place: Place) -> tuple[str, ...]:
    from lab.notebook.terraform.views import declares_environment

    notes = [*view.notes, *(view.result.notes if view.result else ())]
    if not declares_environment(place):
        notes.insert(0, "variables.tf is not there yet: run the cells of notebook 00, which declare the environment.")
    return tuple(map(one_line, notes))


def _remark(view: CheckView) -> str:
    return (
        "The files have not changed since an earlier check of this session: these are its verdicts."
        if view.kept
        else ""
    )


def _hints(view: CheckView, cards: tuple[Card, ...]) -> Mapping[str, tuple[str, ...]]:
    """The three hints of everything that fails."""
    from graders.rubric import registry

    return {card.row.id: registry().get(card.row.id).hints for card in cards if card.row.status is Status.FAIL}


def _cell(proof: Proof, place: Place) -> str:
    from lab.notebook.hcl.cells import cell_line

    found = cell_line(place, proof.seen.path, proof.seen.line)
    return str(found) if found else ""


def _plain(
    view: CheckView, cards: tuple[Card, ...], waiting: tuple[tuple[Mark, str], ...], place: Place
) -> Iterator[str]:
    mark = f"{view.mark[0].symbol} {view.mark[0].word}: " if view.mark else ""
    yield one_line(f"{mark}lab_check {' '.join(view.words)}")
    for line in (view.lead, view.busy, *(f"Note: {note}" for note in _notes(view, place))):
        if line:
            yield one_line(line)
    for card in cards:
        row = card.row
        yield ""
        yield one_line(f"{card.mark.symbol} {card.mark.word}  {row.id}  {card.points}  {row.title}")
        if row.status is not Status.PASS:
            yield from _body(card, place)
    for sign, text in waiting:
        yield ""
        yield one_line(f"{sign.symbol} {sign.word}: {text}")
    if view.hint and view.first is not None:
        hints = _hints(view, cards).get(view.first.id, ())
        if hints:
            yield ""
            yield one_line(f"Hint {view.hint} of {_LEVELS} for {view.first.id}: {hints[view.hint - 1]}")
    step = _next(view)
    if step:
        yield ""
        yield one_line(f"Next: {step}")
        if view.first is not None and view.first.status is Status.FAIL and view.hint < _LEVELS:
            yield one_line(f"Hints: %lab_check {view.first.id} --hint")
    if _remark(view):
        yield _remark(view)


def _body(card: Card, place: Place) -> Iterator[str]:
    row = card.row
    yield f"    {one_line(row.message)}"
    if row.observed and row.observed != row.message:
        yield f"    observed  {one_line(row.observed)}"
    if row.expected:
        yield f"    expected  {one_line(row.expected)}"
    for proof in card.proofs:
        cell = _cell(proof, place)
        where = " ".join(filter(None, [proof.where or proof.seen.address or "", f"({cell})" if cell else ""]))
        yield f"    seen      {one_line(f'{where}  {proof.seen.detail}')}"
        for line in proof.excerpt.lines if proof.excerpt else ():
            if line.hit:
                yield f"    {line.number:>8} | {''.join(piece.text for piece in line.pieces)}"
