"""``%lab_progress``: where you left off, as a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.output.cards import Card, Cell, Kind, Lines, Table
from lab.output.cards import Mark as CardMark

if TYPE_CHECKING:
    from graders.assignment import Rules
    from lab.left_off import StepSeen
    from lab.session.place import NotebookDirectory
    from lab.working_copy import Progress

_KINDS: dict[str, Kind] = {"Pass": "pass", "Fail": "fail", "Blocked": "blocked"}


def progress_card(place: NotebookDirectory, rules: Rules | None = None) -> Card:
    """Show what was checked so far, and what to do next.

    :param rules: what is asked of this learner; the standard lesson when left out.
    """
    from lab import left_off, working_copy

    known = working_copy.load_progress(place.root)
    if not known.checked:
        return _fresh(place)
    steps = left_off.steps(known, rules)
    earned, points = sum(step.earned for step in steps), sum(step.points for step in steps)
    old = any(one.old for step in steps for one in step.seen)
    stale = ("* seen before your last changes; %lab_check looks again.",) if old else ()
    notes = (*stale, *_questions(place))
    rest = next((one.id for step in steps for one in step.seen if one.mark.word != "Pass"), None)
    return Card(
        "Pick up where you left off",
        f"{earned} of {points} points so far. Last check: {known.checked}, depth {known.depth}.",
        None,
        (_table(steps), *((Lines(notes),) if notes else ())),
        _next(known, rest),
    )


def _fresh(place: NotebookDirectory) -> Card:
    written = place.paths()
    if written:
        return Card(
            "Nothing is checked yet", f"Written so far: {', '.join(written)}.", None, (), "Run the next check cell."
        )
    return Card(
        "Welcome",
        "Nothing is written and nothing is checked yet. Your answers go to files beside the notebooks, and what you reach "
        "is remembered there.",
        None,
        (),
        "Read on, and run each cell in turn (Shift+Enter).",
    )


def _questions(place: NotebookDirectory) -> tuple[str, ...]:
    """Say how the learner did with the questions: a line, or none before the first answer."""
    from lab.drills.questions import load_predictions, questions

    known = load_predictions(place.root)
    if not known:
        return ()
    asked = questions()
    answered = [asked[id].right == one.first for id, one in known.items() if id in asked]
    return (f"Questions: {len(answered)} of {len(asked)} answered, {sum(answered)} right at the first try (%predict).",)


def _next(known: Progress, rest: str | None) -> str:
    if known.next_step:
        return known.next_step
    return f"%lab_check {rest}" if rest else "Everything passes. Hand in your notebooks."


def _table(steps: Sequence[StepSeen]) -> Table:
    rows = []
    for step in steps:
        words: dict[str, int] = {}
        for one in step.seen:
            words[one.mark.word] = words.get(one.mark.word, 0) + 1
        done = step.earned == step.points
        kind = "pass" if done else "fail" if "Fail" in words else _KINDS.get(step.seen[0].mark.word, "not_run")
        word = "done" if done else ", ".join(f"{count} {word.lower()}" for word, count in words.items())
        rows.append(
            (
                Cell(step.title),
                Cell(step.id, code=True),
                Cell(f"{step.earned} of {step.points}"),
                Cell(" ".join(one.symbol for one in step.seen)),
                Cell(mark=CardMark("✓" if done else "•", word, kind)),
            )
        )
    return Table("Points by step", ("Step", "Called", "Points", "Verdicts", "In words"), tuple(rows))
