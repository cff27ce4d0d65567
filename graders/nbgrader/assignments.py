"""Which of a course's assignments is the lesson: a course directory may hold others, and those are nbgrader's as ever."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from graders.nbgrader import marks

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

LESSON = "secrets-management"
"""The lesson's own name; a copy under another one is known by what its notebooks say of themselves."""
NO_STUDENT = "."
# A key of our notebooks' metadata, as JSON writes it: within a cell's text its quotes would be escaped.
_OURS = b'"secrets_lab"'


def is_lesson(coursedir: CourseDirectory, assignment: str) -> bool:
    """Whether an assignment of this course is the lesson, or a copy of it.

    nbgrader runs submissions of all others, so what cannot be read counts as the lesson.
    """
    steps = (coursedir.release_directory, coursedir.source_directory)
    places = (Path(coursedir.format_path(step, NO_STUDENT, assignment)) for step in steps)
    return holds_lesson(assignment, places) or marks.are_kept(Path(coursedir.root), assignment)


def holds_lesson(assignment: str, places: Iterable[Path]) -> bool:
    """The same of directories: its release and its source."""
    return assignment == LESSON or any(_is_ours(path) for place in places for path in sorted(place.glob("*.ipynb")))


def directories(coursedir: CourseDirectory, step: str, assignment: str, student: str = "*") -> Mapping[str, str]:
    """The directories of a step by student, sorted; paths are in nbgrader's own form.

    :param step: such as ``coursedir.submitted_directory``.
    :param student: an id, or nbgrader's pattern for ids.
    """
    pattern = coursedir.format_path(step, "(?P<student_id>.*)", re.escape(assignment), escape=True)
    paths = sorted(glob.glob(coursedir.format_path(step, student, assignment)))  # noqa: PTH207
    excluded = set(coursedir.student_id_exclude.split(","))
    found = ((match["student_id"], path) for path in paths if (match := re.fullmatch(pattern, path)))
    return dict(sorted((id_, path) for id_, path in found if id_ not in excluded))


def _is_ours(path: Path) -> bool:
    try:
        return _OURS in path.read_bytes()
    except OSError:
        return True
