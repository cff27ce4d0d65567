"""The assignment as it was released: the only notebooks whose metadata and prose are trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from graders.assignment import Rules
from graders.model import Points
from graders.nbgrader.errors import CourseError
from lab_env.errors import SubmissionError
from lab_env.lesson import Lesson, fill
from lab_env.submission.notebooks import written_by, written_path

Slot = TypeVar("Slot", "AnswerCell", "GivenCell")

_AGAIN = "Run `lab course release` (or `nbgrader generate_assignment`) again."


@dataclass(frozen=True)
class AnswerCell:
    """A cell whose text is the learner's.

    :param index: 0-based place in the notebook.
    :param path: the file that it writes by its first line, ``%%hcl PATH``; None when it writes none.
    :param source: its text as released.
    """

    id: str
    index: int
    cell_type: str
    path: str | None
    source: str


@dataclass(frozen=True)
class GivenCell:
    """A cell that learners find written, and that writes a file when it is run. :param index: 0-based place in the notebook."""

    id: str
    index: int
    path: str
    source: str


@dataclass(frozen=True)
class CheckCell:
    """A cell that carries marks. :param requirements: the rubric's ids that it is about, which ``points`` is the sum of."""

    id: str
    index: int
    requirements: tuple[str, ...]
    points: Points


@dataclass(frozen=True)
class ReleasedNotebook:
    """:param document: the whole notebook as JSON; not to be changed."""

    name: str
    document: Mapping[str, Any]
    answers: tuple[AnswerCell, ...]
    checks: tuple[CheckCell, ...]
    given: tuple[GivenCell, ...] = ()

    @property
    def slots(self) -> tuple[AnswerCell | GivenCell, ...]:
        """The cells in which a learner's are shown, in order."""
        return tuple(sorted((*self.answers, *self.given), key=lambda cell: cell.index))


@dataclass(frozen=True)
class Release:
    """:param notebooks: in the order of their names."""

    assignment: str
    notebooks: tuple[ReleasedNotebook, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The notebooks' names, without ``.ipynb``."""
        return frozenset(notebook.name for notebook in self.notebooks)

    @cached_property
    def slot_ids(self) -> frozenset[str]:
        """nbgrader's ids of the cells in which a learner's are shown."""
        return frozenset(slot.id for notebook in self.notebooks for slot in notebook.slots)

    @property
    def checks(self) -> tuple[CheckCell, ...]:
        """The check cells of all notebooks."""
        return tuple(check for notebook in self.notebooks for check in notebook.checks)

    def notebook(self, name: str) -> ReleasedNotebook:
        """:raises CourseError: there is no such notebook."""
        found = next((notebook for notebook in self.notebooks if notebook.name == name), None)
        if found is None:
            raise CourseError(f"{self.assignment} was released without a notebook {name}.", next_step=_AGAIN)
        return found


def read_release(directory: Path, assignment: str, rules: Rules = Rules()) -> Release:
    """Read and check ``release/<assignment>``.

    :param rules: what is asked of the class.
    :raises CourseError: it is not there or not readable, or a check cell does not fit the rubric.
    """
    paths = sorted(directory.glob("*.ipynb"))
    if not paths:
        raise CourseError(f"{directory} holds no released notebook.", next_step=_AGAIN)
    release = Release(assignment, tuple(_notebook(path, rules) for path in paths))
    seen: set[str] = set()
    for check in release.checks:
        twice = seen.intersection(check.requirements)
        if twice:
            raise CourseError(f"{min(twice)} is checked by two cells.", next_step="Check each requirement once.")
        seen.update(check.requirements)
    return release


def filled(release: Release, lesson: Lesson) -> Release:
    """The release as a learner with these values has it: they stand in the places of the marks, in given files too."""
    return replace(release, notebooks=tuple(_filled(notebook, lesson) for notebook in release.notebooks))


def _filled(notebook: ReleasedNotebook, lesson: Lesson) -> ReleasedNotebook:
    def full(cell: Slot) -> Slot:
        return replace(cell, source=fill(cell.source, lesson), path=fill(cell.path, lesson) if cell.path else cell.path)

    # A value has no sign that JSON would escape.
    document = json.loads(fill(json.dumps(notebook.document), lesson))
    answers, given = tuple(map(full, notebook.answers)), tuple(map(full, notebook.given))
    return replace(notebook, document=document, answers=answers, given=given)


def _notebook(path: Path, rules: Rules) -> ReleasedNotebook:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        cells = [(index, cell, cell["metadata"].get("nbgrader") or {}) for index, cell in enumerate(document["cells"])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} cannot be read ({type(error).__name__}).", next_step=_AGAIN) from error
    return ReleasedNotebook(
        path.stem,
        document,
        answers=tuple(_answer(index, cell, ours["grade_id"]) for index, cell, ours in cells if ours.get("solution")),
        checks=tuple(_checks(path.name, cells, rules)),
        given=tuple(_given(cells)),
    )


def _answer(index: int, cell: Mapping[str, Any], id_: str) -> AnswerCell:
    source = joined(cell["source"])
    return AnswerCell(id_, index, cell["cell_type"], _path(cell, source), source)


def _given(cells: list[tuple[int, Any, Any]]) -> Iterator[GivenCell]:
    for index, cell, ours in cells:
        source = joined(cell["source"])
        path = _path(cell, source)
        if path is not None and not ours.get("solution") and not ours.get("grade"):
            yield GivenCell(ours.get("grade_id") or "", index, path, source)


def _path(cell: Mapping[str, Any], source: str) -> str | None:
    """The file that a released cell writes.

    :raises CourseError: its path does not stay inside.
    """
    word = written_by(source)[0] if cell["cell_type"] == "code" else None
    try:
        return None if word is None else written_path(word, where="a released cell")
    except SubmissionError as error:
        raise CourseError(error.message, next_step="Give the cell another path and release again.") from error


def _checks(name: str, cells: list[tuple[int, Any, Any]], rules: Rules) -> Iterator[CheckCell]:
    from graders.rubric import registry

    for index, cell, ours in cells:
        if not ours.get("grade") or ours.get("solution"):
            continue
        id_ = ours["grade_id"]
        requirements = tuple((cell["metadata"].get("secrets_lab") or {}).get("requirements") or ())
        if not requirements:
            raise CourseError(
                f"The check cell {id_} of {name} names no requirement.",
                next_step="Build the source with `python -m notebooks.build` and release it again.",
            )
        worth = sum(registry(rules).get(requirement).points for requirement in requirements)
        if ours.get("points") != worth:
            raise CourseError(
                f"The check cell {id_} of {name} has {ours.get('points')} points; its requirements are worth {worth}.",
                next_step="Build the source with `python -m notebooks.build` and release it again.",
            )
        yield CheckCell(id_, index, requirements, worth)


def joined(source: object) -> str:
    """A cell's text, which a notebook's JSON holds as a string or as a list of lines."""
    if isinstance(source, list):
        return "".join(piece for piece in source if isinstance(piece, str))
    return source if isinstance(source, str) else ""
