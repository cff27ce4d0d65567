"""A course that asks for something else, in nbgrader: one release, each learner by their own values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graders.assignment import read_assignment
from graders.model import Depth, SubmissionStatus
from graders.nbgrader.class_run import ClassRun
from graders.nbgrader.marks import Standing
from lab.course import creating, drawing, steps
from lab.course.nbgraders import ASSIGNMENT, open_course
from lab_env.lesson import Lesson, fill, marks
from tests.graders.nbgrader.course import Course

pytestmark = pytest.mark.slow


def filled(notebooks: dict[str, dict[str, Any]], lesson: Lesson) -> dict[str, dict[str, Any]]:
    """The notebooks as a learner with these values wrote them."""
    found: dict[str, dict[str, Any]] = json.loads(fill(json.dumps(notebooks), lesson))
    return found


def give_a_file(path: Path) -> None:
    """Have a given cell of the source say a learner's value."""
    notebook = json.loads(path.read_text())
    given = [one for one in notebook["cells"] if one["metadata"]["nbgrader"]["locked"]]
    cell = next(one for one in given if "".join(one["source"]).startswith("%%hcl"))
    cell["source"] = [*cell["source"], "\n", "# {{lesson.secret}} is asked for."]
    path.write_text(json.dumps(notebook))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with variants for ann and ben, released; ann's own answers are handed in by ann, by ben and by cleo."""
    root = tmp_path_factory.mktemp("variants")
    file = root / "assignment.toml"
    file.write_text('variants = true\ncourse = "secrets-2026"\n')
    (root / "class.csv").write_text("id\nann\nben\n")
    creating.new(root / "course", file)
    give_a_file(root / "course" / "source" / ASSIGNMENT / "00-where-secrets-leak.ipynb")
    drawing.draw(root / "course", root / "class.csv")
    steps.release(root / "course")
    made = Course(root / "course")
    lesson = read_assignment(made.root / "source" / ASSIGNMENT / "assignment.toml").rules("ann").lesson
    for student in ("ann", "ben", "cleo"):
        made.hand_in(student, filled(made.solved(), lesson))
    return made


def test_each_is_graded_by_their_own_values(course: Course) -> None:
    """Do two who hand in the same have verdicts of their own, is what they are shown in their own words, and is somebody without
    values named, without a mark and without stopping anybody?"""
    done = steps.autograde(course.root, depth="static")
    rows = {row.student: row for row in done.rows}
    assert done.faulty
    assert rows["ann"].mark is not None
    assert rows["ben"].mark is not None
    assert rows["cleo"].mark is None
    assert "cleo is not in variants.csv" in rows["cleo"].reason
    run = ClassRun(open_course(course.root).coursedir, ASSIGNMENT)
    assert run.rules("ann").lesson != run.rules("ben").lesson
    kept = [
        json.loads(path.read_bytes().partition(b"\n")[2])
        for path in Path(run.marks._directory).glob("verdicts/*/*.json")
    ]
    secrets = {one["result"]["variant"]["secret"] for one in kept}
    assert secrets == {run.rules(student).lesson.secret for student in ("ann", "ben")}
    for student in ("ann", "ben"):
        shown = json.dumps(course.autograded(student, "02-shell-secret"))
        assert f"`-{run.rules(student).lesson.secret}`" in shown
        assert not marks(shown)


def test_who_has_no_values_has_no_mark_that_stands(course: Course) -> None:
    """Does what was found by the standard lesson stand for nothing, once there are values for each and none for this student?"""
    run = ClassRun(open_course(course.root).coursedir, ASSIGNMENT)
    by_the_standard = Standing(
        student="cleo", digest="", status=SubmissionStatus.GRADED, reason=None, depth=Depth.STATIC, score=1, max_score=1, points={}
    )  # fmt: skip
    assert not run.stands("cleo", by_the_standard)
    assert run.stands("cleo", by_the_standard.model_copy(update={"status": SubmissionStatus.ERROR, "score": None}))
    assert not run.stands("ann", by_the_standard)
    assert run.stands("ann", by_the_standard.model_copy(update={"rules": run.rules("ann").digest}))


def test_other_values_are_graded_again(course: Course) -> None:
    """Does a mark that was found by other values stand for nothing until it is autograded again?"""
    steps.autograde(course.root, depth="static", student="ann")
    _, rows = steps.export(course.root, None, any_depth=True)
    assert {row.student: row.status.value for row in rows}["ann"] == "graded"
    table = course.root / "source" / ASSIGNMENT / "variants.csv"
    before = table.read_text()
    lesson = read_assignment(table.with_name("assignment.toml")).rules("ann").lesson
    try:
        table.write_text(before.replace(lesson.secret, "somewhere-else-altogether"))
        _, rows = steps.export(course.root, None, any_depth=True)
    finally:
        table.write_text(before)
    ann = next(row for row in rows if row.student == "ann")
    assert (ann.status.value, ann.mark) == ("waiting", None)
