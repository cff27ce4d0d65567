"""Another assignment in the same course directory, somebody's own: nbgrader's as ever, and the lesson beside it is ours as ever."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins.export import CsvExportPlugin
from nbgrader.utils import notebook_hash

from graders.nbgrader import gradebook
from graders.nbgrader.assignments import is_lesson
from graders.nbgrader.export import StatusExport
from lab.course import steps
from lab.course.nbgraders import Opened, open_course, run
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, code, markdown

pytestmark = pytest.mark.slow
OTHER = "ps1"
SECRET = "5f" * 64
WHEN = "2026-11-20 10:00:00.000000 UTC"
SOLVED = "from helper import factor\n\ndef twice(x):\n    return factor * x"


def nbgrader_cell(
    source: str, id_: str, *, kind: str = "code", points: int = 0, solution: bool = False
) -> dict[str, Any]:
    """A cell with nbgrader's metadata."""
    ours = {
        "grade": points > 0, "grade_id": id_, "locked": not solution, "schema_version": 3, "solution": solution, "task": False,
    }  # fmt: skip
    if points:
        ours["points"] = points
    made = code(source, nbgrader=ours) if kind == "code" else markdown(source, nbgrader=ours)
    return {**made, "id": id_}


def write(path: Path, cells: list[dict[str, Any]]) -> None:
    """A notebook in Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


def other(root: Path) -> None:
    """The other assignment's source: a function, a test with a part that is hidden, an essay, and data."""
    solution = "def twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    hidden = "assert twice(2) == 4\n### BEGIN HIDDEN TESTS\nassert twice(0.5) == 1\n### END HIDDEN TESTS"
    write(
        root / "source" / OTHER / "problem.ipynb",
        [
            nbgrader_cell(solution, "twice", solution=True),
            nbgrader_cell(hidden, "test", points=3),
            nbgrader_cell("An essay.", "essay", kind="markdown", points=2, solution=True),
        ],
    )
    (root / "source" / OTHER / "numbers.csv").write_text("1,2\n")


def answered(root: Path, directory: Path, answer: str) -> None:
    """The release of the other assignment, with an answer, as it is handed in with a module of the learner's."""
    notebook = json.loads((root / "release" / OTHER / "problem.ipynb").read_text())
    notebook["cells"][0]["source"] = answer
    if answer == SOLVED:
        notebook["cells"][2]["source"] = "What I think."
    directory.mkdir(parents=True)
    (directory / "problem.ipynb").write_text(json.dumps(notebook))
    (directory / "helper.py").write_text("factor = 2\n")
    (directory / "timestamp.txt").write_text(WHEN)
    (directory / "submission_secret.txt").write_text(SECRET)


def scores(course: Opened, assignment: str) -> dict[str, list[tuple[str, float | None]]]:
    """What the gradebook holds, by student."""
    with gradebook.opened(course.coursedir) as book:
        return {
            one.student.id: sorted((grade.name, grade.auto_score) for nb in one.notebooks for grade in nb.grades)
            for one in book.find_assignment(assignment).submissions
        }


def graded(root: Path) -> Opened:
    """A course whose other assignment is released, handed in by two and graded."""
    course = open_course(root)
    run(course.api.generate_assignment, OTHER)
    answered(root, root / "submitted" / "ann" / OTHER, SOLVED)
    untouched = json.loads((root / "release" / OTHER / "problem.ipynb").read_text())["cells"][0]["source"]
    answered(root, root / "submitted" / "ben" / OTHER, "".join(untouched))
    run(course.api.autograde, OTHER, "*")
    run(course.api.generate_feedback, OTHER)
    return course


def test_it_is_what_it_is_without_us(course: Course, tmp_path: Path) -> None:
    """Has another assignment the release, the files, the marks and the export that nbgrader alone gives it?"""
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "nbgrader_config.py").write_text(
        "from pathlib import Path\nc = get_config()\nc.CourseDirectory.root = str(Path(__file__).parent)\n"
    )
    for root in (alone, course.root):
        other(root)
    stock, ours = graded(alone), graded(course.root)
    stub = "raise NotImplementedError()"
    for place in (alone, course.root):
        assert stub in (place / "release" / OTHER / "problem.ipynb").read_text()
    essay = ("essay", None)
    assert scores(stock, OTHER) == {"ann": [essay, ("test", 3.0)], "ben": [("essay", 0.0), ("test", 0.0)]}
    assert scores(ours, OTHER) == scores(stock, OTHER)
    for step in ("release", "autograded", "feedback"):
        found = [
            sorted(str(path.relative_to(root)) for path in root.glob(f"{step}/*/{OTHER}/*"))
            for root in (alone, course.root)
        ]
        assert found[0] == found[1], step
    assert (course.root / "autograded" / "ann" / OTHER / "helper.py").is_file()

    # The marks in the export are nbgrader's, line by line.
    plain = CsvExportPlugin(parent=ours.api)
    plain.to = str(tmp_path / "plain.csv")
    mine = StatusExport(parent=ours.api)
    mine.to = str(tmp_path / "mine.csv")
    with gradebook.opened(ours.coursedir) as book:
        book.update_or_create_student("cleo")
        plain.export(book)
        mine.export(book)
    lines = {name: list(csv.DictReader((tmp_path / name).open(newline=""))) for name in ("plain.csv", "mine.csv")}
    expected = [line for line in lines["plain.csv"] if line["assignment"] == OTHER]
    assert len(expected) == 3
    got = [line for line in lines["mine.csv"] if line["assignment"] == OTHER]
    assert [{key: line[key] for key in expected[0]} for line in got] == expected
    assert [line["status"] for line in got] == ["graded", "graded", "missing"]
    assert [line["status"] for line in lines["mine.csv"] if line["assignment"] == ASSIGNMENT] == ["missing"] * 3


def test_both_go_through_the_exchange(course: Course, inbound: Path) -> None:
    """Are both collected, graded, exported and given back, each as its own kind, whichever comes first?"""
    other(course.root)
    opened = open_course(course.root)
    run(opened.api.generate_assignment, OTHER)
    run(opened.api.release_assignment, OTHER)
    assert (inbound.parent / "outbound" / OTHER / "numbers.csv").is_file()
    answered(course.root, inbound / f"ann+{OTHER}+{WHEN}+abc", SOLVED)
    lesson = inbound / f"ann+{ASSIGNMENT}+{WHEN}+abc"
    lesson.mkdir()
    for name, notebook in course.solved().items():
        (lesson / f"{name}.ipynb").write_text(json.dumps(notebook))
    (lesson / "timestamp.txt").write_text(WHEN)
    (lesson / "submission_secret.txt").write_text(SECRET)
    (lesson / "helper.py").write_text("raise SystemExit\n")
    run(opened.api.collect, OTHER)
    assert steps.collect(course.root).students == ("ann",)
    notebooks = {f"{name}.ipynb" for name in course.released()}
    extra = {"timestamp.txt", "submission_secret.txt"}
    assert {path.name for path in course.submitted("ann").iterdir()} == notebooks | extra
    theirs = course.root / "submitted" / "ann" / OTHER
    assert {path.name for path in theirs.iterdir()} == {"problem.ipynb", "helper.py"} | extra

    done = steps.autograde(course.root, depth="static")
    assert done.rows[0].mark is not None
    before = scores(opened, ASSIGNMENT)
    run(opened.api.autograde, OTHER, "*")
    assert scores(opened, ASSIGNMENT) == before
    assert ("test", 3.0) in scores(opened, OTHER)["ann"]
    steps.feedback(course.root, exchange=True)
    run(opened.api.generate_feedback, OTHER)
    run(opened.api.release_feedback, OTHER)
    given = {path.stem for path in (inbound.parent / "feedback").iterdir()}
    assert given == {
        notebook_hash(secret=SECRET, notebook_id=name) for name in [*course.released(), "index", "problem"]
    }

    _, rows = steps.export(course.root, None, any_depth=True)
    with (course.root / "grades.csv").open(newline="") as stream:
        marks = {line["assignment"]: float(line["score"]) for line in csv.DictReader(stream)}
    assert rows[0].mark is not None
    assert marks == {OTHER: 3.0, ASSIGNMENT: rows[0].mark.score}


def test_the_lesson_under_another_name_is_not_run(course: Course, tmp_path: Path) -> None:
    """Is a copy of the lesson known by what it is, so that a learner's own cell in it is never run?"""
    shutil.copytree(course.root / "source" / ASSIGNMENT, course.root / "source" / "hw3")
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace('depth = "full"', 'depth = "static"'))
    opened = open_course(course.root)
    run(opened.api.generate_assignment, "hw3")
    other(course.root)
    assert [is_lesson(opened.coursedir, name) for name in ("hw3", ASSIGNMENT, OTHER)] == [True, True, False]
    handed = course.solved()
    ran = tmp_path / "ran"
    handed["01-kms-key"]["cells"].insert(0, code(f"open({str(ran)!r}, 'w').close()"))
    course.hand_in("ann", handed)
    shutil.copytree(course.submitted("ann"), course.root / "submitted" / "ann" / "hw3")
    (course.root / "submitted" / "ann" / "hw3" / "helper.py").write_text("1\n")
    run(open_course(course.root).api.autograde, "hw3", "*")
    assert not ran.exists()
    assert not (course.root / "autograded" / "ann" / "hw3" / "helper.py").exists()
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        assert book.find_submission("hw3", "ann").score > 0
    # Without source and release it is still known, by the marks that were given.
    for step in ("source", "release"):
        shutil.rmtree(course.root / step / "hw3")
    assert is_lesson(opened.coursedir, "hw3")


def test_a_lesson_without_a_release_stops_no_export(course: Course) -> None:
    """Are the other assignment's marks exported when the lesson's release is gone, with the reason beside the lesson's?"""
    other(course.root)
    opened = graded(course.root)
    shutil.rmtree(course.root / "release" / ASSIGNMENT)
    plugin = StatusExport(parent=opened.api)
    plugin.to = str(course.root / "marks.csv")
    with gradebook.opened(opened.coursedir) as book:
        plugin.export(book)
    with (course.root / "marks.csv").open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert {line["student_id"]: line["score"] for line in lines if line["assignment"] == OTHER} == {
        "ann": "3.0",
        "ben": "0.0",
    }
    ours = [line for line in lines if line["assignment"] == ASSIGNMENT]
    assert {(line["status"], line["score"]) for line in ours} == {("error", "")}
    assert all(re.search("holds no released notebook", line["reason"]) for line in ours)
