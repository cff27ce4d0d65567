"""Marks that must not stay: broken and newer submissions, faults of the grader, a gradebook that somebody changed."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from graders.nbgrader.export import MarkStatus, Row
from lab.course import steps
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, cell_writing, replace


@pytest.fixture(scope="module")
def once_marked(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course directory in which Ann and Ben have their marks, to be copied."""
    course = Course(Path(shutil.copytree(released, tmp_path_factory.mktemp("marked") / "course")))
    for student in ("ann", "ben"):
        course.hand_in(student, course.solved(), "2026-11-20 10:00:00 UTC")
    assert {row.status for row in steps.autograde(course.root, depth="static").rows} == {MarkStatus.GRADED}
    return course.root


@pytest.fixture
def marked(once_marked: Path, tmp_path: Path) -> Course:
    """Ann and Ben have their marks."""
    return Course(Path(shutil.copytree(once_marked, tmp_path / "course")))


def exported(course: Course) -> dict[str, dict[str, str]]:
    """The CSV's lines by student."""
    target, _ = steps.export(course.root, None, any_depth=True)
    with target.open(newline="", encoding="utf-8") as stream:
        return {line["student_id"]: line for line in csv.DictReader(stream)}


def auto_scores(course: Course, student: str) -> set[float | None]:
    """What the gradebook holds for the student."""
    with sqlite3.connect(course.root / "gradebook.db") as db:
        found = db.execute(
            "SELECT g.auto_score FROM grade g JOIN submitted_notebook n ON g.notebook_id = n.id"
            " JOIN submitted_assignment a ON n.assignment_id = a.id WHERE a.student_id = ?",
            (student,),
        )
        return {score for (score,) in found}


def row(rows: tuple[Row, ...], student: str) -> Row:
    return next(one for one in rows if one.student == student)


def test_a_broken_resubmission_is_no_older_mark(marked: Course) -> None:
    """Does a resubmission that cannot be read become 0 with a reason, for its learner only?"""
    for path in marked.submitted("ann").glob("*.ipynb"):
        path.write_text("no notebook")
    rows = steps.autograde(marked.root, depth="static").rows
    assert (row(rows, "ann").status, auto_scores(marked, "ann")) == (MarkStatus.UNGRADABLE, {0.0})
    assert "00-where-secrets-leak.ipynb" in row(rows, "ann").reason
    assert row(rows, "ben").status is MarkStatus.GRADED
    assert row(rows, "ben").mark.score > 0  # type: ignore[union-attr]


def test_an_emptied_resubmission_is_no_older_mark(marked: Course) -> None:
    """Does one without any notebook, which nbgrader passes over, become 0 with a reason, and show nothing of the old one?"""
    for path in marked.submitted("ann").glob("*.ipynb"):
        path.unlink()
    rows = steps.autograde(marked.root, depth="static").rows
    assert (row(rows, "ann").status, auto_scores(marked, "ann")) == (MarkStatus.UNGRADABLE, {0.0})
    answer = cell_writing({"01-kms-key": marked.autograded("ann", "01-kms-key")}, "modules/secrets/kms.tf")
    assert "resource" not in answer["source"]


def test_a_resubmission_that_waits_has_no_number(marked: Course) -> None:
    """Between handing in again and autograding, does the export show no mark instead of the old one?"""
    handed = marked.solved()
    replace(cell_writing(handed, "modules/secrets/placeholder.tf"), "ignore_changes", "# ignore_changes")
    marked.hand_in("ann", handed)
    lines = exported(marked)
    assert (lines["ann"]["status"], lines["ann"]["score"]) == ("waiting", "")
    assert (lines["ben"]["status"], lines["ben"]["score"] != "") == ("graded", True)


def test_a_fault_leaves_no_mark_at_all(marked: Course) -> None:
    """When the grader cannot grade a changed class, is every older mark gone, nothing exported as a number, and nothing kept?"""
    for student in ("ann", "ben"):
        handed = marked.solved()
        cell_writing(handed, "modules/secrets/kms.tf")["source"] += f"\n# {student}"
        marked.hand_in(student, handed)
    config = marked.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace('engine = "embedded"', 'engine = "https://example.org"'))
    done = steps.autograde(marked.root, depth="plan")
    assert done.faulty
    assert {(one.student, one.status, one.mark) for one in done.rows} == {
        ("ann", MarkStatus.ERROR, None),
        ("ben", MarkStatus.ERROR, None),
    }
    assert auto_scores(marked, "ann") == auto_scores(marked, "ben") == {None}
    lines = exported(marked)
    assert [(line["status"], line["score"], line["raw_score"]) for line in lines.values()] == [("error", "", "")] * 2
    assert "example.org" in lines["ann"]["reason"]
    assert not (marked.root / "autograded" / "ann" / ASSIGNMENT).exists()
    # And once the fault is mended, the same submissions get their marks.
    config.write_text(config.read_text().replace("https://example.org", "embedded"))
    assert {one.status for one in steps.autograde(marked.root, depth="static").rows} == {MarkStatus.GRADED}


def test_marks_that_are_not_the_graders_are_not_exported(marked: Course) -> None:
    """Does a gradebook that somebody changed give no number?"""
    with sqlite3.connect(marked.root / "gradebook.db") as db:
        db.execute("UPDATE grade SET auto_score = 17 WHERE auto_score = 0")
    assert {line["status"] for line in exported(marked).values()} == {"waiting"}
    assert {line["score"] for line in exported(marked).values()} == {""}


def test_a_mark_given_by_hand_counts_and_is_said(marked: Course) -> None:
    """Is an instructor's own mark exported, and named to be looked at when the submission was graded again?"""
    before = float(exported(marked)["ann"]["score"])
    with sqlite3.connect(marked.root / "gradebook.db") as db:
        db.execute(
            "UPDATE grade SET manual_score = 17 WHERE auto_score = 0 AND cell_id IN"
            " (SELECT id FROM base_cell WHERE name = 'kms-check') AND notebook_id IN (SELECT n.id FROM"
            " submitted_notebook n JOIN submitted_assignment a ON n.assignment_id = a.id WHERE a.student_id = 'ann')"
        )
    assert float(exported(marked)["ann"]["score"]) == before + 17
    steps.autograde(marked.root, depth="static")
    line = exported(marked)["ann"]
    assert float(line["score"]) == before + 17
    assert "by hand" in line["reason"]


def test_who_handed_nothing_in_is_missing(marked: Course) -> None:
    """Is a student without a submission `missing` without a number, and one whose submission was never graded `waiting`?"""
    with sqlite3.connect(marked.root / "gradebook.db") as db:
        db.execute("INSERT INTO student (id, last_name, email) VALUES ('=cmd()', '+1', '@x')")
    marked.hand_in("cleo", marked.solved())
    lines = exported(marked)
    assert (lines["'=cmd()"]["status"], lines["'=cmd()"]["score"]) == ("missing", "")
    assert (lines["'=cmd()"]["last_name"], lines["'=cmd()"]["email"]) == ("'+1", "'@x")
    assert (lines["cleo"]["status"], lines["cleo"]["score"]) == ("waiting", "")


def test_a_timestamp_that_is_none_stops_nobody_else(marked: Course) -> None:
    """Is a pipe in the place of nbgrader's timestamp, at which it would wait for ever, said, and are the others graded?"""
    handed = marked.solved()
    replace(cell_writing(handed, "modules/secrets/placeholder.tf"), "ignore_changes", "# ignore_changes")
    for student in ("ann", "ben"):
        marked.hand_in(student, handed)
    (marked.submitted("ann") / "timestamp.txt").unlink()
    os.mkfifo(marked.submitted("ann") / "timestamp.txt")
    marked.hand_in("cleo", marked.solved(), "the day after tomorrow")
    done = steps.autograde(marked.root, depth="static")
    assert done.faulty
    assert ["ann" in line or "cleo" in line for line in done.left_out] == [True, True]
    assert {one.student: one.status for one in done.rows} == {
        "ann": MarkStatus.WAITING,
        "ben": MarkStatus.GRADED,
        "cleo": MarkStatus.WAITING,
    }


def test_nbgraders_own_commands_do_the_same(course: Course) -> None:
    """Do `nbgrader autograde`, `generate_feedback` and `export` work with the configuration, without ours, newer ones too?"""
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace('depth = "full"', 'depth = "static"'))
    course.hand_in("ann", course.solved(), "2026-11-20 10:00:00 UTC")
    broken = course.hand_in("ben", course.solved(), "2026-11-20 10:00:00 UTC")
    (broken / "01-kms-key.ipynb").write_text("{")
    course.submitted("cleo").mkdir(parents=True)
    course.hand_in("dan", course.solved())
    (course.submitted("dan") / "secrets").mkdir()
    for path in course.submitted("dan").glob("*.ipynb"):
        path.rename(path.parent / "secrets" / path.name)

    def nbgrader(*words: str) -> None:
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        program = [sys.executable, "-m", "nbgrader", *words]
        subprocess.run(program, cwd=course.root, env=environment, check=True, capture_output=True)

    nbgrader("autograde", ASSIGNMENT)
    nbgrader("generate_feedback", ASSIGNMENT)
    nbgrader("export", "--to", "first.csv")
    with (course.root / "first.csv").open(newline="") as stream:
        first = {line["student_id"]: line for line in csv.DictReader(stream)}
    assert {name: line["status"] for name, line in first.items()} == {
        "ann": "graded",
        "ben": "graded",
        "cleo": "ungradable",
        "dan": "graded",
    }
    assert first["dan"]["score"] == first["ann"]["score"]
    assert "01-kms-key.ipynb is not a readable notebook" in first["ben"]["reason"]
    assert "lab-checklist" in course.feedback("ann", "01-kms-key")
    handed = course.solved()
    replace(cell_writing(handed, "modules/secrets/placeholder.tf"), "ignore_changes", "# ignore_changes")
    course.hand_in("ann", handed, "2026-11-21 10:00:00 UTC")
    nbgrader("autograde", ASSIGNMENT)  # without --force: nbgrader sees by the timestamp that there is something new
    nbgrader("export", "--to", "second.csv")
    with (course.root / "second.csv").open(newline="") as stream:
        second = {line["student_id"]: line for line in csv.DictReader(stream)}
    assert float(second["ann"]["score"]) < float(first["ann"]["score"])
    assert second["ann"]["timestamp"].startswith("2026-11-21")
