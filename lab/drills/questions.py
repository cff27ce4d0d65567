"""The questions of the course: predict first, then run. They earn no points.

The answers are kept beside the progress in a file of their own. Front ends that have widgets get buttons; everybody else types
the letter.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from lab.output.cards import Card, Cell, Fold, Lines, Mark, Table
from lab_env.errors import UsageError
from lab_env.lesson import STANDARD, Lesson, fill
from lab_env.tables import ClosedTable, Text, toml_table

_QUESTIONS = "questions.toml"

if TYPE_CHECKING:
    from ipywidgets import VBox  # type: ignore[import-untyped]

VIEW = "application/vnd.jupyter.widget-view+json"
_FILE = "predictions.json"
_SCHEMA = 1


class Option(ClosedTable):
    """One answer, and why it is right or not."""

    letter: Text
    text: Text
    why: Text


class Question(ClosedTable):
    """A question with at least two options, one of them right. ``source``: the documentation that its answers stand on."""

    id: Text
    prompt: Text
    source: Text
    options: tuple[Option, ...] = Field(alias="option", min_length=2)
    right: str

    @model_validator(mode="after")
    def _can_be_answered(self) -> Question:
        letters = [option.letter for option in self.options]
        if len(set(letters)) < len(letters):
            raise ValueError(f"two options of {self.id} have the same letter")
        if self.right not in letters:
            raise ValueError(f"right = {self.right!r} is no option of {self.id}; there are {', '.join(letters)}")
        return self

    @property
    def answer(self) -> Option:
        """The right option."""
        return self.option(self.right)

    def option(self, letter: str) -> Option:
        """Find the option of a letter.

        :raises UsageError: there is none.
        """
        found = next((option for option in self.options if option.letter == letter.strip().lower()), None)
        if found is None:
            letters = ", ".join(option.letter for option in self.options)
            raise UsageError(f"{self.id} has no answer {letter}.", next_step=f"Answer with one of {letters}.")
        return found


def question(id: str, lesson: Lesson = STANDARD) -> Question:
    """Find the question of an id.

    :param lesson: what is asked of this learner.
    :raises UsageError: there is none.
    """
    known = questions(lesson)
    if id not in known:
        near = difflib.get_close_matches(id, known, 1)
        raise UsageError(
            f"There is no question {id}.",
            next_step=f"Did you mean %predict {near[0]}?" if near else f"The questions are {', '.join(known)}.",
        )
    return known[id]


@cache
def questions(lesson: Lesson = STANDARD) -> Mapping[str, Question]:
    """Read all questions by id, in the order of the file and the words of a lesson."""
    return read(fill(files("lab.notebook").joinpath(_QUESTIONS).read_text(encoding="utf-8"), lesson))


class _File(ClosedTable):
    question: tuple[Question, ...]

    @model_validator(mode="after")
    def _once(self) -> _File:
        if twice := [id for id, count in Counter(asked.id for asked in self.question).items() if count > 1]:
            raise ValueError(f"the question {twice[0]} is there twice")
        return self


def read(text: str) -> Mapping[str, Question]:
    """Read the questions of a file.

    :raises RubricError: one is not well formed: an id or letter twice, no such right answer, an explanation missing.
    """
    return {asked.id: asked for asked in toml_table(text, _File, _QUESTIONS).question}


@dataclass(frozen=True)
class Prediction:
    """The answers to one question.

    :param first: the letter that was answered first: the prediction.
    :param last: the letter that was answered last; ``right``: whether it is the right one.
    """

    first: str
    last: str
    right: bool


def load_predictions(root: Path) -> Mapping[str, Prediction]:
    """Read the answers by question id; nothing when there is no file, or one that somebody broke."""
    from lab.working_copy import MEMORY

    try:
        document = json.loads((root / MEMORY / _FILE).read_text(encoding="utf-8"))
        if document["schema"] != _SCHEMA:
            return {}
        return {
            str(id): Prediction(str(one["first"]), str(one["last"]), one["right"] is True)
            for id, one in document["answers"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def remember_prediction(root: Path, id: str, letter: str, *, right: bool) -> Prediction:
    """Keep an answer; the first one to a question stays known.

    :raises UsageError: the directory cannot be written to.
    """
    from lab.working_copy import memory
    from lab_env.files import write_output

    known = dict(load_predictions(root))
    before = known.get(id)
    known[id] = Prediction(before.first if before else letter, letter, right)
    answers = {key: {"first": p.first, "last": p.last, "right": p.right} for key, p in sorted(known.items())}
    write_output(memory(root) / _FILE, json.dumps({"schema": _SCHEMA, "answers": answers}, indent=2) + "\n")
    return known[id]


def overview_card(answers: Mapping[str, Prediction]) -> Card:
    """Show all questions, and which were answered."""
    rows = []
    for asked in questions().values():
        given = answers.get(asked.id)
        mark = Mark("·", "open", "not_run")
        if given is not None:
            mark = Mark("✓", "right", "pass") if given.right else Mark("✗", "wrong", "fail")
        rows.append((Cell(asked.id, code=True), Cell(mark=mark), Cell(asked.prompt)))
    unanswered = [id for id in questions() if id not in answers]
    return Card(
        "Questions of the course",
        f"{len(questions()) - len(unanswered)} of {len(questions())} answered. They earn no points.",
        None,
        (Table("Your last answer to each", ("Question", "Answer", "Asks"), tuple(rows)),),
        f"%predict {unanswered[0]}" if unanswered else "",
    )


def question_card(asked: Question) -> Card:
    """Show the question with its options, and the answer folded away."""
    return Card(
        asked.prompt,
        "Decide first, then run what shows it. This earns no points.",
        None,
        (
            Lines(tuple(f"{option.letter}) {option.text}" for option in asked.options)),
            Fold("Show the answer", f"{asked.right}) {asked.answer.why}", spoiler=True),
        ),
        f"Choose below. Where there is nothing to choose from, add a cell of your own and run "
        f"%predict {asked.id} {asked.options[0].letter}, or another letter.",
    )


def verdict_card(asked: Question, letter: str) -> Card:
    """Show what an answer is worth: right or not, and why."""
    chosen = asked.option(letter)
    right = chosen.letter == asked.right
    return Card(
        f"{chosen.letter}) {chosen.text}",
        chosen.why,
        Mark("✓", "right", "pass") if right else Mark("✗", "wrong", "fail"),
        (Lines((f"Documentation: {asked.source}",)),),
        "Now run what shows the outcome." if right else "Think again, and choose another answer.",
    )


def answer(root: Path, asked: Question, letter: str) -> Card:
    """Keep an answer, and show what it is worth.

    :raises UsageError: there is no such option, or the directory cannot be written to.
    """
    chosen = asked.option(letter).letter
    remember_prediction(root, asked.id, chosen, right=chosen == asked.right)
    return verdict_card(asked, chosen)


def buttons(asked: Question, on_answer: Callable[[str], object]) -> VBox | None:
    """Make radio buttons and a button to check; None where ipywidgets is not installed.

    :param on_answer: told the letter of each answer that is checked.
    """
    try:
        import ipywidgets
    except ImportError:
        return None
    choice = ipywidgets.RadioButtons(
        options=[f"{option.letter})" for option in asked.options], value=None, description="Answer:"
    )
    check = ipywidgets.Button(description="Check", tooltip=f"Check the answer to {asked.id}", disabled=True)
    said = ipywidgets.HTML()

    def chosen(change: Any) -> None:
        check.disabled = change["new"] is None

    def checked(_: object) -> None:
        if choice.value is None:
            return
        letter = choice.value.removesuffix(")")
        on_answer(letter)
        said.value = verdict_card(asked, letter).html

    choice.observe(chosen, "value")
    check.on_click(checked)
    return ipywidgets.VBox([choice, check, said])


def bundle(box: VBox) -> dict[str, Any]:
    """Make what is put out: the widget, and for a front end without widgets a line that the question above makes plain."""
    shown = dict(box._repr_mimebundle_())
    return {**shown, "text/html": "", "text/plain": ""} if VIEW in shown else shown
