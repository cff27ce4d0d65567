"""The course as a whole: where its parts lie, and the rules that no single lesson can keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from notebooks.edition import Edition
from notebooks.source_format import Cell, Lesson, LessonError, lessons

HERE = Path(__file__).resolve().parent
LESSONS = HERE / "lessons"
ASSIGNMENT = "secrets-management"
SOURCE = HERE / "source" / ASSIGNMENT
RELEASED = HERE / "released"
"""The notebooks as released; a learner's installation has them in place of the sources."""


def course(directory: Path = LESSONS, edition: Edition = Edition()) -> tuple[Lesson, ...]:
    """Check all lessons together.

    :param edition: for whom.
    :raises LessonError: a lesson is not well written; a cell's id, a written path or a checked requirement is in two
        places; the rubric has no such requirement, or one that is checked nowhere.
    """
    read = _with_own(tuple(lessons(directory, edition)), edition)
    if not read:
        raise LessonError(directory / "NN-name.md", 1, "there is no lesson.")
    _require_once(read, edition)
    return read


def _with_own(read: tuple[Lesson, ...], edition: Edition) -> tuple[Lesson, ...]:
    """The lessons with a check of what the instructor's own packages require, at the end of the last one."""
    from graders.rubric import registry

    own = [one for one in registry(edition.rules).requirements if one.own]
    if not own or not read:
        return read
    last = read[-1]
    items = "\n".join(f"- {one.title} (`{one.id}`)" for one in own)
    text = f"## Further requirements\n\nIn this course these hold as well:\n\n{items}"
    number = last.name[:2]
    cells = (
        Cell("text", f"{number}-further-requirements", 1, text),
        Cell("check", "own-check", 1, "", requirements=tuple(one.id for one in own)),
    )
    return (*read[:-1], replace(last, cells=(*last.cells, *cells)))


def _require_once(read: Sequence[Lesson], edition: Edition) -> None:
    from graders.rubric import registry

    known = {requirement.id for requirement in registry(edition.rules).requirements}
    places: dict[tuple[str, str], str] = {}
    for lesson in read:
        for cell in lesson.cells:
            for name in cell.also:
                if name not in known:
                    raise _unknown(lesson, cell, name)
            for thing, name in _named(cell):
                if thing == "the requirement" and name not in known:
                    raise _unknown(lesson, cell, name)
                if (thing, name) in places:
                    raise LessonError(lesson.path, cell.line, f"{thing} {name} is in {places[thing, name]} already.")
                places[thing, name] = lesson.path.name
    missing = sorted(id_ for id_ in known if ("the requirement", id_) not in places)
    if missing:
        raise LessonError(read[-1].path, 1, f"no lesson checks {', '.join(missing)}.")


def _unknown(lesson: Lesson, cell: Cell, name: str) -> LessonError:
    return LessonError(lesson.path, cell.line, f"the rubric has no requirement {name!r}.")


def _named(cell: Cell) -> Iterator[tuple[str, str]]:
    """Check what may be in one place of the course only."""
    yield "the id", cell.id
    if cell.path is not None:
        yield "the file", cell.path
    for id_ in cell.requirements:
        yield "the requirement", id_
