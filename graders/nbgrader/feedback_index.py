"""A page a learner that nbgrader's feedback, a page a notebook, does not have: the total, and the way to each notebook's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbgrader.api import Gradebook, MissingEntry

from graders.nbgrader.export import MarkStatus, Row
from graders.report.pages import fill
from lab_env.files import write_output

NAME = "index.html"
_NO_MARK = "The mark comes later."


def write(
    gradebook: Gradebook, assignment: str, rows: Iterable[Row], directory_of: Callable[[str], Path]
) -> tuple[str, ...]:
    """Write everybody's page who handed something in.

    :param directory_of: where somebody's feedback is: ``feedback/<student>/<assignment>``.
    :return: their ids.
    :raises UsageError: a page cannot be written.
    """
    written = []
    for row in rows:
        place = directory_of(row.student)
        if row.status is MarkStatus.MISSING or (row.mark is None and not place.is_dir()):
            continue
        place.mkdir(parents=True, exist_ok=True)
        write_output(place / NAME, page(gradebook, assignment, row, {path.stem for path in place.glob("*.html")}))
        written.append(row.student)
    return tuple(written)


def page(gradebook: Gradebook, assignment: str, row: Row, there: set[str]) -> str:
    """The page's text: nothing of anybody else.

    :param there: the names of the notebooks that have a page.
    """
    try:
        submission = gradebook.find_submission(assignment, row.student)
    except MissingEntry:
        submission = None
    mark = row.mark
    notebooks = sorted(submission.notebooks, key=lambda one: str(one.name)) if submission is not None else []
    refused = row.status in (MarkStatus.REJECTED, MarkStatus.UNGRADABLE)
    return fill(
        "index.html.j2",
        styles=("page.css",),
        packages=("graders.nbgrader",),
        student=row.student,
        assignment=assignment,
        # What is meant for the instructor is left out: of a mark that is not there, only that it comes.
        reason=row.reason if refused else "" if mark is not None else _NO_MARK,
        total=None
        if mark is None or submission is None
        else {
            "score": _points(mark.score),
            "maximum": _points(submission.max_score),
            "penalty": _points(mark.penalty) if mark.penalty else "",
        },
        notebooks=[_line(one, there) for one in notebooks],
    )


def _line(notebook: Any, there: set[str]) -> dict[str, str]:
    name = str(notebook.name)
    return {
        "name": name,
        "page": f"{quote(name)}.html" if name in there else "",
        "score": _points(notebook.score),
        "maximum": _points(notebook.max_score),
    }


def _points(value: float) -> str:
    return f"{round(value, 2):g}"
