"""What instructors elsewhere reported of notebooks that came back otherwise than released, tried by nbgrader and by `lab grade`:
docs/instructors-reports.md."""

from __future__ import annotations

import copy
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.nbgrader.export import Row
from graders.report import json_report
from lab.course import steps
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, cell_writing
from tests.graders.nbgrader.reports import GONE, Notebooks

PLACEHOLDER = "modules/secrets/placeholder.tf"


def _copied_answer(notebooks: Notebooks) -> None:
    cells = notebooks[GONE]["cells"]
    answer = cell_writing(notebooks, PLACEHOLDER)
    cells.insert(cells.index(answer) + 1, copy.deepcopy(answer))


def _answer_as_markdown(notebooks: Notebooks) -> None:
    answer = cell_writing(notebooks, PLACEHOLDER)
    answer["cell_type"] = "markdown"
    del answer["outputs"], answer["execution_count"]


def _metadata_gone(notebooks: Notebooks) -> None:
    for notebook in notebooks.values():
        notebook["metadata"] = {}
        for one in notebook["cells"]:
            one["metadata"] = {}
            one.pop("id", None)


def _renamed(notebooks: Notebooks) -> None:
    for name in list(notebooks):
        notebooks[f"{name} (1)"] = notebooks.pop(name)


def _renamed_at_will(notebooks: Notebooks) -> None:
    for number, name in enumerate(sorted(notebooks), 1):
        notebooks[f"WMS q{number}"] = notebooks.pop(name)


ROADS = {
    "copied-answer": _copied_answer,
    "answer-as-markdown": _answer_as_markdown,
    "metadata-gone": _metadata_gone,
    "renamed": _renamed,
    "renamed-at-will": _renamed_at_will,
}
WHOLE = ("metadata-gone", "renamed", "renamed-at-will")
"""What costs nothing."""
SAID = {
    "copied-answer": ("declared twice", "declared twice"),
    "answer-as-markdown": ("a Markdown cell", "handed in as a Markdown or raw cell"),
}
"""What the instructor reads, and what the learner reads."""


@dataclass(frozen=True)
class Both:
    """A class by both graders.

    :param rows: nbgrader's line of each student; ``by_lab_grade``: status and score.
    """

    course: Course
    rows: Mapping[str, Row]
    by_lab_grade: Mapping[str, tuple[str, float]]

    def by_nbgrader(self, student: str) -> tuple[str, float | None]:
        row = self.rows[student]
        return row.status.value, row.mark.score if row.mark is not None else None


@pytest.fixture(scope="module")
def both(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Each of them, and the plain submission, by `lab grade` and by `lab course autograde` of the same directory, with pages."""
    place = tmp_path_factory.mktemp("roads")
    course = Course(Path(shutil.copytree(released, place / "course")))
    course.hand_in("solved", course.solved())
    for name, change in ROADS.items():
        notebooks = course.solved()
        change(notebooks)
        course.hand_in(name, notebooks)
    words = [sys.executable, "-m", "lab.cli", "grade", str(course.root / "submitted"), "--depth", "static"]
    subprocess.run([*words, "--json", str(place / "results.json")], check=True, capture_output=True)
    results = json_report.load(place / "results.json").submissions
    rows = steps.autograde(course.root, depth="static").rows
    steps.feedback(course.root)
    return Both(
        course,
        {row.student: row for row in rows},
        {one.id: (one.status.value, float(one.score or 0)) for one in results},
    )


@pytest.mark.parametrize("student", sorted(ROADS))
def test_one_mark_on_both_roads(both: Both, student: str) -> None:
    """Is nbgrader's verdict `lab grade`'s where other graders stumble, and everything where nothing is lost?"""
    assert both.by_nbgrader(student) == both.by_lab_grade[student]
    if student in WHOLE:
        assert both.by_lab_grade[student] == both.by_lab_grade["solved"]
    else:
        assert both.by_lab_grade[student][1] < both.by_lab_grade["solved"][1]


@pytest.mark.parametrize("student", sorted(SAID))
def test_what_is_lost_is_said(both: Both, student: str) -> None:
    """Do the instructor in the line, and the learner on the page, read why it is not everything?"""
    pages = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted((both.course.root / "feedback" / student / ASSIGNMENT).glob("*.html"))
    )
    to_the_instructor, to_the_learner = SAID[student]
    assert to_the_instructor in both.rows[student].reason
    assert to_the_learner in pages
