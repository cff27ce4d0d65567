"""Settings that need more than a word; the course's ``nbgrader_config.py`` uses them."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from graders.nbgrader.assignments import LESSON, holds_lesson, is_lesson
from graders.nbgrader.kept import is_student_id

HCL_STUB = "# Write this part."
"""What learners find where the solution was, in HCL's own comment."""
_STEPS = ("release", "source")


def escape_in_formgrader() -> None:
    """Have formgrader show names as text: nbgrader 0.9.6 puts them into its pages as they are (``Environment`` without autoescape).

    A student's name, or a link to formgrader with a script in its path, would run in the instructor's browser, in the place from
    which JupyterLab starts terminals. There is no setting for it. Nothing that formgrader puts into these pages is HTML.
    """
    from jinja2 import Environment
    from nbgrader.server_extensions.formgrader import formgrader

    formgrader.Environment = partial(Environment, autoescape=True)


def unused_files(course: Path) -> list[str]:
    """Patterns for ``CourseDirectory.ignore`` by which autograding copies nothing of a submission beside its notebooks.

    nbgrader joins a pattern to the directory it looks at, and an absolute one stands for itself. So these name the directories of
    the lesson's submissions and nothing else; by default nbgrader would copy every file, and follow links to do so.
    """
    roots = dict.fromkeys((str(course), str(course.resolve())))
    lessons = sorted({LESSON, *(name for name in _assignments(course) if holds_lesson(name, _places(course, name)))})
    return [f"{glob.escape(root)}/submitted/*/{glob.escape(name)}" for root in roots for name in lessons]


def _assignments(course: Path) -> set[str]:
    return {path.name for step in _STEPS for path in course.glob(f"{step}/*") if path.is_dir()}


def _places(course: Path, assignment: str) -> list[Path]:
    return [course / step / assignment for step in _STEPS]


def find_every_submission() -> None:
    """Have autograding come to every submission: nbgrader 0.9.6 passes one over in which no notebook lies where it looks for one.

    Its notebooks may lie a directory deeper, or its files be no notebooks; and one that holds nothing is to lose its older mark.
    There is no setting for it.
    """
    from nbgrader.converters import Autograde
    from nbgrader.converters.base import NbGraderException

    found_by_nbgrader = Autograde.init_notebooks
    if getattr(found_by_nbgrader, "finds_every_submission", False):
        return

    def init_notebooks(self: Any) -> None:
        passed_over = _passed_over(self)
        try:
            found_by_nbgrader(self)
        except NbGraderException:
            if not passed_over:
                raise
        self.assignments = {**self.assignments, **passed_over}

    init_notebooks.finds_every_submission = True  # type: ignore[attr-defined]
    Autograde.init_notebooks = init_notebooks


def instead_of_notebooks(coursedir: Any) -> list[str]:
    """What stands for the notebooks of a submission in which nbgrader finds none: the first that was released, by its name."""
    release = coursedir.format_path(coursedir.release_directory, ".", coursedir.assignment_id)
    return sorted(path.name for path in Path(release).glob("*.ipynb"))[:1]


def _passed_over(converter: Any) -> dict[str, list[str]]:
    """Each submission in which nbgrader finds no notebook, with what stands for them."""
    coursedir = converter.coursedir
    if coursedir.notebook_id != "*" or not is_lesson(coursedir, coursedir.assignment_id):
        return {}
    instead = instead_of_notebooks(coursedir)
    pattern = coursedir.format_path(coursedir.submitted_directory, coursedir.student_id, coursedir.assignment_id)
    return {
        directory: [str(Path(directory) / name) for name in instead]
        for directory in glob.glob(pattern)  # noqa: PTH207 - nbgrader's own way, the form of the paths included
        if instead and is_student_id(Path(directory).parent.name) and not any(Path(directory).glob("*.ipynb"))
    }


def with_missing(*, assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook before a submission of the lesson is converted: what was released and not handed in is converted, too.

    Otherwise a missing notebook would lose points that the others earned for it, and no feedback would say that it is missing.

    :param notebooks: nbgrader's own list, in the course's directory; it goes on with what is in it afterwards.
    """
    directory = Path(notebooks[0]).parent
    if not holds_lesson(directory.name, _places(Path.cwd(), directory.name)):
        return
    released = Path.cwd() / "release" / directory.name
    known = {path.stem for path in released.glob("*.ipynb")}
    there = {Path(notebook).stem for notebook in notebooks}
    gone: Sequence[str] = sorted(name for name in known - there if not (directory / f"{name}.ipynb").exists())
    notebooks.extend(str(directory / f"{name}.ipynb") for name in gone)
    notebooks.sort()
