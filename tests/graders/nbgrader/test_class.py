"""A class of eight, from handing in to marks and feedback."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.nbgrader.export import MarkStatus, Row
from graders.report import json_report
from lab.course import steps
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, Notebook, cell, cell_writing, code, replace

LIKE: Mapping[str, str] = {
    "ann-honest": "solved",
    "ben-partial": "partial",
    "cleo-empty": "released",
    "dan-broken": "broken",
    "eva-twice": "solved",
    "fay-no-checks": "partial",
    "gil-prints": "released",
    "hal-claims": "partial",
}
"""Each student, and the plain submission that theirs is worth as much as."""


def plain(course: Course) -> dict[str, dict[str, Notebook]]:
    """The submissions without anything odd about them."""
    partial = course.solved()
    replace(cell_writing(partial, "modules/secrets/placeholder.tf"), "ignore_changes = [secret_string]", "")
    replace(cell_writing(partial, "modules/secrets/kms.tf"), "= 7", "= 30")
    return {"solved": course.solved(), "partial": partial, "released": course.released(), "broken": course.solved()}


def hand_in(course: Course) -> None:
    """The class hands in."""
    for student, like in LIKE.items():
        handed = plain(course)[like]
        if student == "eva-twice":
            answer = cell_writing(handed, "modules/secrets/kms.tf")
            again = {**answer, "source": "%%hcl modules/secrets/kms.tf\n# again", "id": "again"}
            handed["01-kms-key"]["cells"].append(again)
        if student == "fay-no-checks":
            for notebook in handed.values():
                notebook["cells"] = [
                    one for one in notebook["cells"] if not one["metadata"].get("nbgrader", {}).get("grade")
                ]
        if student == "gil-prints":
            check = cell(handed["01-kms-key"], "kms-check")
            at = handed["01-kms-key"]["cells"].index(check)
            handed["01-kms-key"]["cells"].insert(at, code("print(17)"))
            check["outputs"] = [
                {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "17"}}
            ]
        if student == "hal-claims":
            check = cell(handed["03-ignore-changes"], "rotation-check")
            check["metadata"]["secrets_lab"] = {"requirements": ["module.valid"]}
            check["metadata"]["nbgrader"]["points"] = 1
        directory = course.hand_in(student, handed)
        if student == "dan-broken":
            (directory / "03-ignore-changes.ipynb").write_text('{"cells": [')


@dataclass(frozen=True)
class Graded:
    course: Course
    depth: str
    rows: tuple[Row, ...]
    marks: Mapping[str, float]
    """What the batch grader gives the plain submissions, by their names."""

    def row(self, student: str) -> Row:
        return next(row for row in self.rows if row.student == student)


@pytest.fixture(
    scope="module",
    params=["static", pytest.param("full", marks=[pytest.mark.engine, pytest.mark.terraform, pytest.mark.longest])],
)
def graded(request: pytest.FixtureRequest, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class after autograding and feedback, beside what `lab grade` says of notebooks as they are handed in."""
    if request.param == "full":
        request.getfixturevalue("engine")
        request.getfixturevalue("toolchain")
    place = tmp_path_factory.mktemp("class")
    course = Course(Path(shutil.copytree(released, place / "course")))
    hand_in(course)
    done = steps.autograde(course.root, depth=request.param)
    for student in ("eva-twice", "dan-broken"):
        steps.feedback(course.root, student=student)
    shutil.copytree(released, place / "other")
    other = Course(place / "other")
    for name, notebooks in plain(other).items():
        other.hand_in(name, notebooks)
    (other.submitted("broken") / "03-ignore-changes.ipynb").write_text('{"cells": [')
    out = place / "results.json"
    words = [sys.executable, "-m", "lab.cli", "grade", str(other.root / "submitted"), "--depth", request.param]
    subprocess.run([*words, "--json", str(out)], check=True, capture_output=True)
    marks = {one.id: float(one.score or 0) for one in json_report.load(out).submissions}
    return Graded(course, request.param, done.rows, marks)


def test_marks_are_those_of_the_batch_grader(graded: Graded) -> None:
    """Has each student the mark that `lab grade` gives the same answers, whatever else is in the notebooks?"""
    assert {row.student: row.mark.score for row in graded.rows if row.mark} == {
        student: graded.marks[like] for student, like in LIKE.items()
    }
    assert graded.marks["solved"] > graded.marks["partial"] > graded.marks["released"] == 0
    if graded.depth == "full":
        assert graded.marks["solved"] > graded.marks["broken"] > 0


def test_a_full_run_goes_from_nothing_to_everything(graded: Graded) -> None:
    """Does the solved course earn all points, and the released one none?"""
    if graded.depth != "full":
        assert graded.marks["solved"] < 100  # what needs a deployment has no points
        return
    assert graded.row("ann-honest").mark.score == 100  # type: ignore[union-attr]
    assert graded.row("cleo-empty").mark.score == 0  # type: ignore[union-attr]


def test_everybody_has_a_status(graded: Graded) -> None:
    """Is everybody graded, and is it said of the broken notebook that it could not be read?"""
    assert {row.student for row in graded.rows if row.status is not MarkStatus.GRADED} == {
        *(["cleo-empty", "gil-prints"] if graded.row("cleo-empty").status is MarkStatus.REJECTED else []),
    }
    assert "03-ignore-changes.ipynb is not a readable notebook" in graded.row("dan-broken").reason


def test_each_check_cell_has_one_number_and_a_checklist(graded: Graded) -> None:
    """Is the one output of each check cell a number within its points, with what was seen, expected and to be done?"""
    release = graded.course.release
    for student in LIKE:
        for notebook in release.notebooks:
            shown = graded.course.autograded(student, notebook.name)
            for check in notebook.checks:
                (output,) = shown["cells"][check.index]["outputs"]
                assert 0 <= float("".join(output["data"]["text/plain"])) <= check.points
                page = "".join(output["data"]["text/html"])
                assert "<script" not in page.lower()
                assert all(f">{requirement}<" in page for requirement in check.requirements)
    page = _page(graded, "ben-partial", "03-ignore-changes", "rotation-check")
    for word in ("Next step:", "Observed", "Expected", "Evidence", "modules/secrets/placeholder.tf:", "cell"):
        assert word in page


def _page(graded: Graded, student: str, name: str, id_: str) -> str:
    return "".join(cell(graded.course.autograded(student, name), id_)["outputs"][0]["data"]["text/html"])


def test_learners_get_pages(graded: Graded) -> None:
    """Is there a page for each notebook, with the checklist, the answer in HCL's colours and the remark on it?"""
    page = graded.course.feedback("eva-twice", "01-kms-key")
    assert "lab-checklist" in page
    assert "2 cells write this file" in page
    assert "# again" in page
    assert "<span class=k>resource</span>" in page  # a reserved word
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"|@import', page) == []
    assert "could not be read" in graded.course.feedback("dan-broken", "03-ignore-changes")


def test_the_export_says_the_same(graded: Graded, tmp_path: Path) -> None:
    """Are the rows of the CSV those of the autograding?"""
    import csv

    target, rows = steps.export(graded.course.root, tmp_path / "marks.csv", any_depth=True)
    assert rows == graded.rows
    with target.open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    assert [(line["student_id"], line["status"], float(line["score"])) for line in lines] == [
        (row.student, row.status.value, row.mark.score) for row in graded.rows if row.mark
    ]
    assert {line["assignment"] for line in lines} == {ASSIGNMENT}


def test_nothing_is_graded_twice(graded: Graded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a second autograding of an unchanged class looked up, with the same marks?"""
    from graders.nbgrader import class_run

    asked: list[int] = []

    def grade_class(
        wanted: Mapping[str, object], settings: object, rules: object, on_event: object
    ) -> dict[str, object]:
        asked.append(len(wanted))
        return {}

    monkeypatch.setattr(class_run, "grade_class", grade_class)
    assert steps.autograde(graded.course.root, depth=graded.depth).rows == graded.rows
    assert set(asked) <= {0}
