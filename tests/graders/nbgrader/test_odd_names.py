"""Names of submissions' directories that mean something to a pattern, a list, a format, a terminal or a database."""

from __future__ import annotations

import os
import shutil
import sys

from nbgrader.api import Gradebook

from lab.course import steps
from tests.graders.nbgrader.course import Course

ODD = (
    "*",
    "[ab]",
    "-x",
    "--help",
    "c,a",
    "d%s{0}",
    "e'; DROP TABLE student;--",
    "<img src=x onerror=alert(1)>",
    'f" onload="',
    "&#60;",
)
STRANGE = ("__class__", "ann.o'neil+1@example.org", "Ærø 李 é́")


def test_every_name_is_a_name(course: Course) -> None:
    """Has everybody the mark that is theirs, is an odd name left out and told, and does no name stop another?"""
    odd = list(ODD)
    for student in ("a", "b", *ODD, *STRANGE):
        course.hand_in(student, course.solved() if student != "b" else course.released(), "2026-11-20 10:00:00 UTC")
    if sys.platform != "darwin":  # which has no such names
        shutil.copytree(course.submitted("b").parent, course.submitted(os.fsdecode(b"caf\xe9")).parent)
        odd.append("caf\\xe9")
    (course.submitted("__class__") / "timestamp.txt").write_text("soon\n")
    (course.root / "submitted" / ODD[-1] / "secrets-management" / "05-whole-module.ipynb").unlink()
    done = steps.autograde(course.root, depth="static")
    marks = {row.student: row.mark.score if row.mark else None for row in done.rows}
    best = marks["a"]
    assert best
    assert marks == {"a": best, "b": 0, **dict.fromkeys(STRANGE, best), "__class__": None}
    assert len(done.left_out) == len(odd) + 1
    assert all(any(line.startswith(f"{name} was left out") for line in done.left_out) for name in (*odd, "__class__"))
    assert set(steps.feedback(course.root).students) == {"a", "b", *STRANGE} - {"__class__"}
    rows = {row.student: row for row in steps.export(course.root, None, any_depth=True)[1]}
    assert {student: row.mark.score for student, row in rows.items() if row.mark} == {
        student: mark for student, mark in marks.items() if mark is not None
    }
    assert {rows[name].status.value for name in odd} == {"waiting"}
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        assert {student.id for student in book.students}.isdisjoint(odd)
