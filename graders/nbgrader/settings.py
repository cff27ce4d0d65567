"""Settings that need more than a word; the course's ``nbgrader_config.py`` uses them."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from graders.nbgrader.assignments import LESSON, holds_lesson

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
