"""What instructors elsewhere reported of handing in again, grading again and releasing, tried: docs/instructors-reports.md."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

from lab.course import steps
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, cell, cell_writing, joined, replace, submit
from tests.graders.nbgrader.reports import GONE
from tests.lab.conftest import Ran
from tests.lab.conftest import lab as lab  # the console script in this process

Lab = Callable[..., Ran]
FIRST, SECOND = "2026-11-20 10:00:00 UTC", "2026-11-21 09:00:00 UTC"


PENALTY = """
from nbgrader.plugins import BasePlugin


class HalfOfIt(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2
"""


@pytest.fixture(scope="module")
def once_marked(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which Ann, without one notebook, and Ben have their marks and pages, to be copied."""
    course = Course(Path(shutil.copytree(released, tmp_path_factory.mktemp("again") / "course")))
    solved = course.solved()
    course.hand_in("ben", solved, FIRST)
    del solved[GONE]
    course.hand_in("ann", solved, FIRST)
    steps.autograde(course.root, depth="static")
    steps.feedback(course.root)
    return course.root


@pytest.fixture
def marked(once_marked: Path, tmp_path: Path) -> Course:
    return Course(Path(shutil.copytree(once_marked, tmp_path / "course")))


def exported(lab: Lab, course: Course) -> dict[str, dict[str, str]]:
    """The lines of the CSV by student."""
    assert lab("course", "export", "--dir", course.root, "--any-depth").code == 0
    with (course.root / "grades.csv").open(newline="", encoding="utf-8") as stream:
        return {line["student_id"]: line for line in csv.DictReader(stream)}


def autograde(lab: Lab, course: Course, *words: str) -> Ran:
    return lab("course", "autograde", "--dir", course.root, "--depth", "static", *words)


def worse(course: Course) -> Mapping[str, Any]:
    """The solved notebooks without what keeps the rotated password."""
    notebooks = course.solved()
    replace(cell_writing(notebooks, "modules/secrets/placeholder.tf"), "ignore_changes = [secret_string]", "")
    return notebooks


def held(course: Course) -> list[tuple[object, ...]]:
    """What the gradebook holds of cells, points and marks."""
    with sqlite3.connect(course.root / "gradebook.db") as db:
        tables = {
            "grade_cells": "SELECT id, max_score, cell_type FROM grade_cells ORDER BY id",
            "source_cell": "SELECT id, source FROM source_cell ORDER BY id",
            "grade": "SELECT id, auto_score, manual_score, needs_manual_grade FROM grade ORDER BY id",
        }
        return [row for query in tables.values() for row in db.execute(query)]


def source(course: Course) -> Path:
    return course.root / "source" / ASSIGNMENT / "01-kms-key.ipynb"


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def release_files(course: Course) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (course.root / "release" / ASSIGNMENT).iterdir()}


def test_a_mark_and_comment_by_hand_stay(marked: Course, lab: Lab) -> None:
    """Do an instructor's mark and comment stay when the learner hands in again, and is it said that they are to be looked at?"""
    with Gradebook(f"sqlite:///{marked.root / 'gradebook.db'}") as book:
        book.find_grade("kms-check", "01-kms-key", ASSIGNMENT, "ben").manual_score = 9.0
        book.find_comment("kms-answer", "01-kms-key", ASSIGNMENT, "ben").manual_comment = "Seen in the lab."
        book.db.commit()
    before = float(exported(lab, marked)["ben"]["score"])
    marked.hand_in("ben", worse(marked), SECOND)
    assert autograde(lab, marked).code == 0
    line = exported(lab, marked)["ben"]
    assert float(line["score"]) == before - 4  # the line that the newer one misses; the 9 points are in both
    assert "given by hand" in line["reason"]
    with Gradebook(f"sqlite:///{marked.root / 'gradebook.db'}") as book:
        grade = book.find_grade("kms-check", "01-kms-key", ASSIGNMENT, "ben")
        assert (grade.manual_score, grade.needs_manual_grade) == (9.0, True)
        assert book.find_comment("kms-answer", "01-kms-key", ASSIGNMENT, "ben").comment == "Seen in the lab."


def test_an_older_remark_goes_and_a_newer_page_comes(marked: Course, lab: Lab) -> None:
    """Is what was said of the older submission gone from page and export, and the newer mark on the page?"""
    assert "not handed in" in marked.feedback("ann", GONE)
    assert f"{GONE}.ipynb was not handed in" in exported(lab, marked)["ann"]["reason"]
    marked.hand_in("ann", marked.solved(), SECOND)
    assert autograde(lab, marked).code == 0
    assert lab("course", "feedback", "--dir", marked.root).code == 0
    page = marked.feedback("ann", GONE)
    assert "not handed in" not in page
    assert "ignore_changes" in page
    line = exported(lab, marked)["ann"]
    assert "not handed in" not in line["reason"]
    assert line["score"] == exported(lab, marked)["ben"]["score"]


def test_one_student_alone(marked: Course, lab: Lab) -> None:
    """Does `--student` grade that one, leave everybody else's mark, and leave who handed in again meanwhile without one?"""
    before = exported(lab, marked)
    times = {path: path.stat().st_mtime_ns for path in (marked.root / "autograded" / "ben").rglob("*")}
    marked.hand_in("ann", marked.solved(), SECOND)
    marked.hand_in("cleo", marked.solved(), SECOND)
    ran = autograde(lab, marked, "--student", "cleo")
    assert [line.split(":")[0] for line in ran.out.splitlines() if ": graded" in line] == ["cleo"]
    lines = exported(lab, marked)
    assert (lines["cleo"]["status"], lines["cleo"]["score"]) == ("graded", before["ben"]["score"])
    assert lines["ben"] == before["ben"]
    assert (lines["ann"]["status"], lines["ann"]["score"], lines["ann"]["raw_score"]) == ("waiting", "", "")
    assert {path: path.stat().st_mtime_ns for path in (marked.root / "autograded" / "ben").rglob("*")} == times


def test_a_fault_is_no_zero(marked: Course, lab: Lab) -> None:
    """Is there no number and exit code 4 when the engine is not there, and everybody's mark again when it is, unchanged?"""
    before = exported(lab, marked)
    config = marked.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace('engine = "embedded"', 'engine = "https://example.org"'))
    ran = lab("course", "autograde", "--dir", marked.root, "--depth", "plan")
    assert ran.code == 4
    assert len([line for line in ran.out.splitlines() if ": error, no mark. " in line and "example.org" in line]) == 2
    lines = exported(lab, marked)
    assert [(line["status"], line["score"], line["raw_score"]) for line in lines.values()] == [("error", "", "")] * 2
    config.write_text(config.read_text().replace("https://example.org", "embedded"))
    assert autograde(lab, marked).code == 0
    assert exported(lab, marked) == before


def test_a_gradebook_that_is_none(marked: Course, lab: Lab) -> None:
    """Is a file that is no database a sentence with what to do, from each step that needs it, and left as it is?"""
    path = marked.root / "gradebook.db"
    path.write_bytes(b"no database " * 100)
    for words in (("autograde",), ("export",), ("release", "--due", "2026-11-20T23:59:00Z"), ("feedback",)):
        ran = lab("course", words[0], "--dir", marked.root, *words[1:])
        assert ran.code not in (0, 70), (words, ran.err)
        assert "The gradebook cannot be read: file is not a database." in ran.err, (words, ran.err)
        assert "put back a copy" in ran.err
    assert path.read_bytes() == b"no database " * 100


def test_a_gradebook_that_is_in_use(marked: Course, lab: Lab) -> None:
    """While another program writes to the gradebook, is that a sentence with what to do, and nothing lost of what is there?"""
    before, lines = held(marked), exported(lab, marked)
    marked.hand_in("ann", marked.solved(), SECOND)
    writer = sqlite3.connect(marked.root / "gradebook.db", isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    try:
        ran = autograde(lab, marked, "--student", "ann")
    finally:
        writer.execute("ROLLBACK")
        writer.close()
    assert ran.code == 4
    assert "The gradebook cannot be used: database is locked." in ran.err
    assert "formgrader" in ran.err
    assert held(marked) == before
    assert exported(lab, marked)["ben"] == lines["ben"]
    assert autograde(lab, marked).code == 0
    assert exported(lab, marked)["ann"]["score"] == lines["ben"]["score"]


def test_a_gradebook_that_is_empty(marked: Course, lab: Lab) -> None:
    """Is a gradebook that lost the assignment told with what to do, with no mark, and are the marks there again after that?"""
    lines = exported(lab, marked)
    (marked.root / "gradebook.db").write_bytes(b"")
    ran = autograde(lab, marked)
    assert ran.code == 4
    assert f"The gradebook holds no notebook of {ASSIGNMENT}" in ran.err
    assert "lab course release" in ran.err
    assert {line["score"] for line in exported(lab, marked).values()} <= {""}
    assert lab("course", "release", "--dir", marked.root).code == 0
    assert autograde(lab, marked).code == 0
    assert exported(lab, marked) == lines


def test_a_due_date_that_is_moved(marked: Course, lab: Lab) -> None:
    """Does a penalty come when work is late, and go when the due date is moved behind it?"""
    (marked.root / "late_by_half.py").write_text(PENALTY)
    with (marked.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.AssignLatePenalties.plugin_class = 'late_by_half.HalfOfIt'\n")
    full = float(exported(lab, marked)["ben"]["score"])
    for due, penalty in ((datetime(2026, 11, 19), full / 2), (datetime(2026, 11, 25), 0.0)):
        with Gradebook(f"sqlite:///{marked.root / 'gradebook.db'}") as book:
            book.update_or_create_assignment(ASSIGNMENT, duedate=due)
        assert autograde(lab, marked).code == 0
        line = exported(lab, marked)["ben"]
        assert (float(line["raw_score"]), float(line["late_submission_penalty"])) == (full, penalty)
        assert float(line["score"]) == full - penalty


def test_a_graded_cell_that_is_added_later(marked: Course, lab: Lab) -> None:
    """Is a release with a cell more, after somebody handed in, refused with what to do, and everything as it was before?"""
    before, marks, release = held(marked), exported(lab, marked), release_files(marked)
    original = source(marked).read_text(encoding="utf-8")

    def add(notebook: dict[str, Any]) -> None:
        check = json.loads(json.dumps(cell(notebook, "kms-check")))
        check["metadata"]["nbgrader"] |= {"grade_id": "kms-check-2", "grade": False, "points": 0, "locked": True}
        notebook["cells"].append(check | {"id": "added"})

    edit(source(marked), add)
    ran = lab("course", "release", "--dir", marked.root)
    assert ran.code != 0
    assert "Cannot add or remove cells" in ran.err
    assert "01-kms-key" in ran.err
    assert "lab course new" in ran.err
    assert "Traceback" not in ran.err
    assert release_files(marked) == release
    assert held(marked) == before
    assert autograde(lab, marked).code == 0
    assert exported(lab, marked) == marks
    source(marked).write_text(original, encoding="utf-8")
    assert lab("course", "release", "--dir", marked.root).code == 0
    assert exported(lab, marked) == marks


@pytest.mark.parametrize("points", [None, 0, 18])
def test_a_test_cell_with_other_points(marked: Course, lab: Lab, points: int | None) -> None:
    """Is a source whose test cell has no points, none or others refused by the cell's name, before anything is changed?"""
    before, release = held(marked), release_files(marked)
    edit(source(marked), lambda notebook: cell(notebook, "kms-check")["metadata"]["nbgrader"].update(points=points))
    ran = lab("course", "release", "--dir", marked.root)
    assert ran.code != 0
    assert f"kms-check of 01-kms-key.ipynb has {points} points" in ran.err
    assert release_files(marked) == release
    assert held(marked) == before


def test_an_answer_without_the_markers(marked: Course, lab: Lab) -> None:
    """Is an answer whose solution is not marked released as the stub, no line of it left?"""
    answers: list[str] = []

    def unmark(notebook: dict[str, Any]) -> None:
        answer = cell(notebook, "kms-answer")
        answers.extend(line for line in joined(answer["source"]).split("\n") if "SOLUTION" not in line)
        answer["source"] = "\n".join(answers)

    edit(source(marked), unmark)
    assert lab("course", "release", "--dir", marked.root).code == 0
    text = (marked.root / "release" / ASSIGNMENT / "01-kms-key.ipynb").read_text(encoding="utf-8")
    assert "# Write this part." in text
    assert len(answers) > 5
    shown = [json.dumps(line)[1:-1] for line in answers[1:] if len(line.strip()) > 12]
    assert not [line for line in shown if line in text]


def test_folders_in_the_other_order(marked: Course, lab: Lab) -> None:
    """Is `submitted/<assignment>/<student>/` a sentence that names the order, exit code 2, and nothing written?"""
    shutil.rmtree(marked.root / "submitted")
    before = held(marked)
    directory = marked.root / "submitted" / ASSIGNMENT / "ann"
    directory.mkdir(parents=True)
    (directory / "01-kms-key.ipynb").write_text(json.dumps(marked.solved()["01-kms-key"]))
    ran = autograde(lab, marked)
    assert ran.code == 2
    assert f"submitted/<student>/{ASSIGNMENT}/" in ran.err
    assert held(marked) == before


def test_a_submission_that_an_instructor_mended(course: Course, inbound: Path, lab: Lab) -> None:
    """Is feedback where the learner's `fetch_feedback` looks for it, though the collected notebook was edited meanwhile?"""
    secret = "5e" * 64
    (submit(inbound, course, "ann") / "submission_secret.txt").write_text(secret)
    assert lab("course", "collect", "--dir", course.root).code == 0
    edit(course.submitted("ann") / "01-kms-key.ipynb", lambda notebook: notebook["cells"].pop(0))
    assert autograde(lab, course).code == 0
    ran = lab("course", "feedback", "--dir", course.root, "--exchange")
    assert ran.code == 0
    wanted = {notebook_hash(secret=secret, notebook_id=name) for name in course.released()}
    assert wanted <= {path.stem for path in (inbound.parent / "feedback").iterdir()}


def test_the_same_files_twice(marked: Course, tmp_path: Path, lab: Lab) -> None:
    """Do two gradings with nothing kept between give the same, but for times?"""
    results = []
    for name in ("first", "second"):
        out = tmp_path / f"{name}.json"
        ran = lab("grade", marked.root / "submitted", "--depth", "static", "--no-cache", "--json", out)
        assert ran.code == 0
        found = json.loads(out.read_text())
        found.pop("created")
        for submission in found["submissions"]:
            for row in submission["requirements"]:
                row.pop("duration_ms")
        results.append(found)
    assert results[0] == results[1]
    assert [one["id"] for one in results[0]["submissions"]] == ["ann", "ben"]
