"""The questions of the course: predict first, then run. They earn no points."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import Field, model_validator

from lab.notebook.drills.predictions import Prediction
from lab.notebook.output.cards import Card, Cell, Fold, Lines, Mark, Table
from lab_env.errors import UsageError
from lab_env.tables import ClosedTable, Text, toml_table

_FILE = "questions.toml"


class Option(ClosedTable):
    """One answer, and why it is right or not."""

    letter: Text
    text: Text
    why: Text


class Question(ClosedTable):
    """A question with at least two options, one of them right."""

    id: Text
    prompt: Text
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
        """The option of a letter.

        :raises UsageError: there is none.
        """
        found = next((option for option in self.options if option.letter == letter.strip().lower()), None)
        if found is None:
            letters = ", ".join(option.letter for option in self.options)
            raise UsageError(f"{self.id} has no answer {letter}.", next_step=f"Answer with one of {letters}.")
        return found


def question(id: str) -> Question:
    """The question of an id.

    :raises UsageError: there is none.
    """
    known = questions()
    if id not in known:
        near = difflib.get_close_matches(id, known, 1)
        raise UsageError(
            f"There is no question {id}.",
            next_step=f"Did you mean %predict {near[0]}?" if near else f"The questions are {', '.join(known)}.",
        )
    return known[id]


@cache
def questions() -> Mapping[str, Question]:
    """All questions by id, in the order of the file."""
    return read(files("lab.notebook").joinpath(_FILE).read_text(encoding="utf-8"))


class _File(ClosedTable):
    question: tuple[Question, ...]

    @model_validator(mode="after")
    def _once(self) -> _File:
        if twice := [id for id, count in Counter(asked.id for asked in self.question).items() if count > 1]:
            raise ValueError(f"the question {twice[0]} is there twice")
        return self


def read(text: str) -> Mapping[str, Question]:
    """The questions of a file.

    :raises RubricError: one is not well formed: an id or letter twice, no such right answer, an explanation missing.
    """
    return {asked.id: asked for asked in toml_table(text, _File, _FILE).question}


def overview_card(answers: Mapping[str, Prediction]) -> Card:
    """All questions, and which were answered."""
    rows = []
    for asked in questions().values():
        given = answers.get(asked.id)
        mark = Mark("·", "open", "not_run")
        if given is not None:
            mark = Mark("✓", "right", "pass") if given.right else Mark("✗", "not so", "fail")
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
    """The question with its options, and the answer folded away."""
    return Card(
        asked.prompt,
        "Decide first, then run the cell that shows it. This earns no points.",
        None,
        (
            Lines(tuple(f"{option.letter}) {option.text}" for option in asked.options)),
            Fold("Show the answer", f"{asked.right}) {asked.answer.why}", spoiler=True),
        ),
        f"Answer with %predict {asked.id} and a letter, such as %predict {asked.id} {asked.options[0].letter}.",
    )


def verdict_card(asked: Question, letter: str) -> Card:
    """What an answer is worth: right or not, and why."""
    chosen = asked.option(letter)
    right = chosen.letter == asked.right
    return Card(
        f"{chosen.letter}) {chosen.text}",
        chosen.why,
        Mark("✓", "right", "pass") if right else Mark("✗", "not so", "fail"),
        (),
        "Run the cell that shows it." if right else f"Think again, then %predict {asked.id} with another letter.",
    )
