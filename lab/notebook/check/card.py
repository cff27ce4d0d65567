"""The card of ``%lab_check``: verdicts, evidence with the learner's own lines, one next step, hints on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from graders.assignment import Rules
from graders.model import Depth, RequirementResult, Status, SubmissionResult, SubmissionStatus
from graders.report.cards import Card, Proof, says_again, section
from graders.report.marks import MARKS, SUBMISSION_MARKS, Mark
from graders.report.sources import quotes
from lab.checking import apart, not_looked_at, nothing_yet
from lab.output.view import View
from lab_env.text import counted, listed, one_line, visible

if TYPE_CHECKING:
    from lab.session.place import NotebookDirectory

_LEVELS = 3
BEGIN = "Write the block that the task above asks for, run its cell, then run this one again."


@dataclass(frozen=True)
class CheckState:
    """How far a check has come and what it has found.

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
            if not_looked_at(self.rows, full=self.depth is Depth.FULL):
                return MARKS[Status.NOT_RUN], "not_run"
            return MARKS[Status.PASS], "pass"
        return (MARKS[Status.FAIL], "fail") if self.judged else (MARKS[Status.NOT_RUN], "not_run")

    @property
    def lead(self) -> str:
        """What it comes to, in a sentence."""
        if self.result is None:
            return ""
        if self.result.status is not SubmissionStatus.GRADED:
            if any(says_again(row, self.result.reason or "") for row in (self.first, *self.rows) if row is not None):
                return "Nothing can be looked at until this is put right."  # and the row says what
            return one_line(self.result.reason or "no reason given")
        if nothing_yet(self.result):
            return "The module has no resource yet: this is where everybody begins."
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
    """Give the next level of a requirement's hints, after the one that was shown last."""
    return min(_LEVELS, shown + 1)


@dataclass(frozen=True)
class CheckView(View):
    """One state of a check with all that is shown of it; :func:`check_view` makes it.

    :param cards: what is shown in full: what was asked for and looked at, after what stands in its way.
    :param waiting: what could not be looked at, a sentence for each reason.
    :param errors: what Terraform could not create: it explains more than any verdict, so it comes first.
    :param hints: the three hints of everything that fails, by its id.
    :param cells: where a line of a file is in its notebook, by path and line.
    """

    template: ClassVar = "check_card.html.j2"
    levels: ClassVar = _LEVELS
    state: CheckState
    cards: tuple[Card, ...]
    waiting: tuple[tuple[Mark, str], ...]
    errors: tuple[str, ...]
    notes: tuple[str, ...]
    hints: Mapping[str, tuple[str, ...]]
    cells: Mapping[tuple[str | None, int | None], str]
    next_step: str

    @property
    def remark(self) -> str:
        if not self.state.kept:
            return ""
        return "The files have not changed since an earlier check of this session: these are its verdicts."

    def cell(self, proof: Proof) -> str:
        """Say where the proof's line is in a notebook; empty when no cell wrote it."""
        return self.cells.get((proof.seen.path, proof.seen.line), "")

    def lines(self) -> Iterator[str]:
        """Give the text form, line by line."""
        state, first = self.state, self.state.first
        mark = f"{state.mark[0].symbol} {state.mark[0].word}: " if state.mark else ""
        yield one_line(f"{mark}lab_check {' '.join(state.words)}")
        failed = (f"✗ {error}" for error in self.errors)
        for line in (*failed, state.lead, state.busy, *(f"Note: {note}" for note in self.notes)):
            if line:
                yield one_line(line)
        for card in self.cards:
            row = card.row
            yield ""
            yield one_line(f"{card.mark.symbol} {card.mark.word}  {row.id}  {card.points}  {row.title}")
            if row.status is not Status.PASS:
                yield from self._body(card)
        for sign, text in self.waiting:
            yield ""
            yield one_line(f"{sign.symbol} {sign.word}: {text}")
        if state.hint and first is not None and (hints := self.hints.get(first.id)):
            yield ""
            yield one_line(f"Hint {state.hint} of {_LEVELS} for {first.id}: {hints[state.hint - 1]}")
        if self.next_step:
            yield ""
            yield one_line(f"Next: {self.next_step}")
            if first is not None and first.status is Status.FAIL and state.hint < _LEVELS:
                yield one_line(f"Hints: %lab_check {first.id} --hint")
        if self.remark:
            yield self.remark

    def _body(self, card: Card) -> Iterator[str]:
        row = card.row
        yield f"    {one_line(row.message)}"
        if row.advice is not None:
            yield f"    means     {one_line(row.advice.means)}"
            for number, put in enumerate((row.advice.line or "").split("\n") if row.advice.line else ()):
                yield f"    {'put right' if number == 0 else '         '} {visible(put)}"
        if card.observed:
            yield f"    observed  {one_line(card.observed)}"
        if row.expected:
            yield f"    expected  {one_line(row.expected)}"
        for proof in card.proofs:
            cell = self.cell(proof)
            where = " ".join(filter(None, [proof.where or proof.seen.address or "", f"({cell})" if cell else ""]))
            yield f"    seen      {one_line(f'{where}  {card.detail(proof)}')}"
            for line in proof.excerpt.lines if proof.excerpt else ():
                if line.hit:
                    yield f"    {line.number:>8} | {''.join(piece.text for piece in line.pieces)}"


def check_view(state: CheckState, place: NotebookDirectory, rules: Rules = Rules()) -> CheckView:
    """Read what is to be shown of a state: the learner's lines, the cells they are in, the hints.

    :param rules: what is asked of this learner.
    """
    from graders.rubric import registry

    cards = _cards(state, place)
    errors, told = apart(state.result.notes if state.result else ())
    return CheckView(
        state,
        cards,
        tuple(_waiting(state)),
        tuple(map(one_line, errors)),
        _notes(state, told, place),
        {card.row.id: registry(rules).get(card.row.id).hints for card in cards if card.row.status is Status.FAIL},
        dict(_cells(cards, place)),
        _next(state),
    )


def _cards(state: CheckState, place: NotebookDirectory) -> tuple[Card, ...]:
    """Quote what is shown in full."""
    if state.result is None or state.result.status in (SubmissionStatus.UNGRADABLE, SubmissionStatus.ERROR):
        return ()
    rows = (*((state.blocker,) if state.blocker else ()), *state.rows)
    shown = tuple(row for row in rows if row.status not in (Status.NOT_RUN, Status.BLOCKED))
    texts = {path: place.text(path) or "" for row in shown for e in row.evidence if (path := e.path)}
    one = section(1, state.result.model_copy(update={"requirements": shown}), quotes(shown, texts))
    return tuple(card for group in one.groups for card in group.cards)


def _waiting(state: CheckState) -> Iterator[tuple[Mark, str]]:
    """Say what could not be looked at, a sentence for each reason."""
    for by in dict.fromkeys(row.blocked_by for row in state.rows if row.status is Status.BLOCKED):
        ids = [row.id for row in state.rows if row.status is Status.BLOCKED and row.blocked_by == by]
        yield MARKS[Status.BLOCKED], f"{listed(ids)} cannot be looked at until {by} is met."
    later = [row.id for row in state.rows if row.status is Status.NOT_RUN]
    if later and state.depth is not Depth.FULL:
        yield MARKS[Status.NOT_RUN], f"{listed(later)} can be seen when the module is deployed."
    elif later:
        yield MARKS[Status.NOT_RUN], f"{listed(later)} cannot be seen on this engine."


def _next(state: CheckState) -> str:
    if state.busy or state.result is None:
        return ""
    if nothing_yet(state.result):
        return BEGIN
    if state.first is not None and state.first.advice is not None:
        return "Put it right in its cell, run that cell, then this one again."  # the card says what it is
    if state.first is not None:
        return one_line(state.first.message)
    if any(row.status is Status.NOT_RUN for row in state.rows) and state.depth is not Depth.FULL:
        return f"%lab_check {' '.join(state.words)} --depth full deploys it and runs the drills."
    return "Go on with the next cell." if state.mark == (MARKS[Status.PASS], "pass") else ""


def _notes(state: CheckState, told: tuple[str, ...], place: NotebookDirectory) -> tuple[str, ...]:
    from lab.terraform.views import declares_environment

    notes = [*state.notes, *told]
    if not declares_environment(place):
        notes.insert(0, "variables.tf is not there yet: run the cells of notebook 00, which declare the environment.")
    return tuple(map(one_line, notes))


def _cells(cards: tuple[Card, ...], place: NotebookDirectory) -> Iterator[tuple[tuple[str | None, int | None], str]]:
    from lab.session.cells import cell_line

    for seen in {(proof.seen.path, proof.seen.line) for card in cards for proof in card.proofs}:
        if found := cell_line(place, *seen):
            yield seen, str(found)
