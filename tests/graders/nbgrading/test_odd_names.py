"""Names of submissions' directories that mean something to a pattern, a list, a format, a terminal or a database."""

from __future__ import annotations

import os
import shutil
import sys

from lab.course import steps
from tests.graders.nbgrading.course import Course

PATTERNS = ("*", "[ab]")
STRANGE = ("-x", "--help", "c,a", "d%s{0}", "e'; DROP TABLE student;--", "__class__")


def test_every_name_is_a_name(course: Course) -> None:
    """Has everybody the mark that is theirs, is one whose name is a pattern told to be left out, and does no name stop another?"""
    for student in ("a", "b", *PATTERNS, *STRANGE):
        course.hand_in(student, course.solved() if student != "b" else course.released(), "2026-11-20 10:00:00 UTC")
    named = 2
    if sys.platform != "darwin":  # which has no such names
        course.submitted("b").parent.with_name(os.fsdecode(b"caf\xe9")).mkdir()
        shutil.copytree(course.submitted("b"), course.submitted(os.fsdecode(b"caf\xe9")))
        named += 1
    (course.submitted("c,a") / "timestamp.txt").write_text("soon\n")
    done = steps.autograde(course.root, depth="static")
    marks = {row.student: row.mark.score if row.mark else None for row in done.rows}
    best = marks["a"]
    assert best
    assert marks == {
        "a": best,
        "b": 0,
        **dict.fromkeys(PATTERNS),
        **dict.fromkeys(STRANGE, best),
        "c,a": None,
    }
    assert len(done.left_out) == named + 1
    assert named == 2 or any(line.startswith("caf\\xe9 was left out") for line in done.left_out)
    assert all(any(line.startswith(f"{name} was left out") for line in done.left_out) for name in (*PATTERNS, "c,a"))
    assert set(steps.feedback(course.root)) == {"a", "b", *STRANGE} - {"c,a"}
    assert {row.student: row.mark.score for row in steps.export(course.root, None)[1] if row.mark} == {
        student: mark for student, mark in marks.items() if mark is not None
    }
