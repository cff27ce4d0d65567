"""An experiment of a lesson, run in a terminal: the lines that a notebook's cell has, with those before it that they need."""

from __future__ import annotations

import ast
import contextlib
import difflib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from lab.lessons.course import Experiment, Lesson
from lab_env.errors import UsageError

_GIVEN = "demos"
"""What every experiment calls, whichever cell of its notebook has imported it."""


@dataclass(frozen=True)
class Trial:
    """An experiment with what has to be run before it, in order.

    :param before: experiments of the same lesson whose results it uses.
    """

    lesson: Lesson
    experiment: Experiment
    before: tuple[Experiment, ...]


def experiments(lesson: Lesson) -> tuple[Experiment, ...]:
    """List a lesson's experiments in their order."""
    return tuple(part for part in lesson.parts if isinstance(part, Experiment))


def find(lessons: Sequence[Lesson], id_: str) -> Trial:
    """Find an experiment.

    :raises UsageError: there is none of this id.
    """
    known: list[str] = []
    for lesson in lessons:
        earlier: list[Experiment] = []
        for one in experiments(lesson):
            if one.id == id_:
                return Trial(lesson, one, _needed(one, earlier))
            earlier.append(one)
            known.append(one.id)
    near = difflib.get_close_matches(id_, known, 1)
    raise UsageError(
        f"There is no experiment {id_}.",
        next_step=f"Did you mean lab try {near[0]}?" if near else "lab try alone lists all of them.",
    )


def run(trial: Trial, say: Callable[[str], None]) -> None:
    """Run it. What has to be run before it says nothing: it was seen when it was the learner's turn.

    :param say: gets each line that it prints, as soon as it is whole.
    :raises LabError: it cannot be shown now; says what it needs.
    """
    names: dict[str, object] = {_GIVEN: import_module("lab.demos")}
    for one in trial.before:
        with contextlib.redirect_stdout(io.StringIO()):
            _execute(one, names)
    with contextlib.redirect_stdout(_Lines(say)) as lines:
        _execute(trial.experiment, names)
        lines.end()


def _execute(one: Experiment, names: dict[str, object]) -> None:
    # The lines are this installation's own, from the notebooks that came with it.
    exec(compile(one.source, one.id, "exec"), names)  # noqa: S102


def _needed(one: Experiment, earlier: Sequence[Experiment]) -> tuple[Experiment, ...]:
    wanted = _names(one, ast.Load) - {_GIVEN}
    found: list[Experiment] = []
    for before in reversed(earlier):
        if _names(before, ast.Store) & wanted:
            found.insert(0, before)
            wanted = (wanted - _names(before, ast.Store)) | (_names(before, ast.Load) - {_GIVEN})
    return tuple(found)


def _names(one: Experiment, context: type[ast.expr_context]) -> set[str]:
    return set(_walked(ast.parse(one.source), context))


def _walked(tree: ast.AST, context: type[ast.expr_context]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            yield node.id


class _Lines(io.TextIOBase):
    """Hands on what is printed, line by line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._open = ""

    def write(self, text: str) -> int:
        *whole, self._open = (self._open + text).split("\n")
        for line in whole:
            self._say(line)
        return len(text)

    def end(self) -> None:
        """Hand on a last line without an end."""
        if self._open:
            self._say(self._open)
            self._open = ""
