"""Submissions in the exchange that belong to another account than their name says: real owners, real nbgrader."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.nbgrader import gradebook
from graders.nbgrader.collecting.owners import Claim, Standing, standing
from lab.course.nbgraders import open_course
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, submit
from tests.graders.nbgrader.exchange import accounts, collect, give, snapshot

EARLY, LATE = "2026-11-20 10:00:00", "2026-11-22 10:00:00"
NUMBER = 3_999_999_999  # no account's
OWN, UNPROVEN, ANOTHERS = Standing

HUB = frozenset[str]()


@pytest.mark.parametrize(
    ("student", "uid", "owner", "owning", "students", "existing", "expected"),
    [
        ("ann", 7, "ann", {"ann"}, set(), {"ann"}, OWN),
        # Ann has handed in as herself: whoever else it is, it is not her.
        ("ann", 8, "eve", {"ann"}, set(), {"ann", "eve"}, ANOTHERS),
        ("ann", 9, "nobody", {"ann"}, set(), {"ann", "nobody"}, ANOTHERS),
        ("ann", 9, None, {"ann"}, set(), {"ann"}, ANOTHERS),
        # She has not, but is known to have an account, or others hand in as themselves; and the owner is a student.
        ("ann", 8, "eve", {"eve"}, set(), {"ann", "eve"}, ANOTHERS),
        ("ann", 8, "eve", set(), {"eve"}, {"ann", "eve"}, ANOTHERS),
        ("ann", 8, "eve", {"eve", "bob"}, set(), {"eve", "bob"}, ANOTHERS),
        # The owner is no student that anybody knows of.
        ("ann", 9, "nobody", {"eve"}, {"ann"}, {"ann", "eve", "nobody"}, UNPROVEN),
        ("ann", 9, None, {"eve"}, {"ann"}, {"ann", "eve"}, UNPROVEN),
        # A hub: one account has all of them, and somebody is called like it, by chance or on purpose.
        ("ann", 1000, "jovyan", HUB, {"ann"}, {"jovyan"}, UNPROVEN),
        ("ann", 1000, "jovyan", {"jovyan"}, {"jovyan", "ann"}, {"jovyan"}, UNPROVEN),
        # Who collects, and root, hand in for others.
        ("ann", 0, "root", {"ann", "root"}, {"root"}, {"ann", "root"}, UNPROVEN),
        ("ann", 500, "teacher", {"ann", "teacher"}, set(), {"ann", "teacher"}, UNPROVEN),
    ],
)
def test_whose_it_is(
    student: str,
    uid: int,
    owner: str | None,
    owning: set[str],
    students: set[str],
    existing: set[str],
    expected: Standing,
) -> None:
    """Is a claim somebody else's exactly where that is known?"""
    claim = Claim(student, uid, owner)
    found = standing(claim, owning, students, trusted={0, 500}, has_account=existing.__contains__)
    assert found is expected


def of(inbound: Path, student: str, when: str, uid: int, course: Course) -> Path:
    """A submission in somebody's name that belongs to an account."""
    return give(submit(inbound, course, student, when), uid)


def test_in_another_students_name(course: Course, inbound: Path) -> None:
    """Is a newer submission in ann's name refused when eve or a stranger owns it, told, and is ann's own taken and kept?"""
    ann, eve, stranger = accounts(3)
    of(inbound, ann.pw_name, EARLY, ann.pw_uid, course)
    of(inbound, eve.pw_name, EARLY, eve.pw_uid, course)
    forged = [
        of(inbound, ann.pw_name, LATE, eve.pw_uid, course),
        of(inbound, ann.pw_name, "2026-11-23 10:00:00", stranger.pw_uid, course),
        of(inbound, ann.pw_name, "2026-11-24 10:00:00", NUMBER, course),
    ]
    for _ in range(2):
        ran = collect(course)
        assert ran.code == 0
        assert len(ran.told) == len(forged)
        for path, owner in zip(forged, (eve.pw_name, stranger.pw_name, f"account number {NUMBER}"), strict=True):
            (line,) = ran.about(path)
            assert f"claims to be submitted by {ann.pw_name} but is owned by {owner}" in line
            assert line.startswith("Left out: ")
        assert (course.submitted(ann.pw_name) / "timestamp.txt").read_text() == f"{EARLY} UTC\n"
        assert len(snapshot(course.submitted(eve.pw_name))) == len(course.released()) + 1
    of(inbound, ann.pw_name, "2026-11-21 10:00:00", ann.pw_uid, course)
    collect(course)
    assert (course.submitted(ann.pw_name) / "timestamp.txt").read_text() == "2026-11-21 10:00:00 UTC\n"


@pytest.mark.parametrize("known", ["by the exchange", "by another assignment", "by the gradebook"])
def test_a_known_student_in_the_name_of_one_who_has_not_handed_in(course: Course, inbound: Path, known: str) -> None:
    """Is eve known by her own submission, of whatever assignment, or by the gradebook, and what she hands in as ann refused?"""
    ann, eve = accounts(2)
    if known == "by the gradebook":
        with gradebook.opened(open_course(course.root).coursedir) as book:
            book.add_student(eve.pw_name)
    else:
        own = of(inbound, eve.pw_name, EARLY, eve.pw_uid, course)
        if known == "by another assignment":
            own.rename(own.with_name(own.name.replace(ASSIGNMENT, "other")))
    forged = of(inbound, ann.pw_name, LATE, eve.pw_uid, course)
    ran = collect(course)
    assert ran.code == 0
    assert [line.startswith("Left out: ") for line in ran.about(forged)] == [True]
    assert not course.submitted(ann.pw_name).exists()


def test_where_owners_say_nothing_all_are_taken(course: Course, inbound: Path) -> None:
    """On a hub with one account, is everybody collected and that told once, even when a student is called like the account?"""
    (shared,) = accounts(1)
    students = ["ann", "ben", "cleo"]
    for student in students:
        of(inbound, student, EARLY, shared.pw_uid, course)
    ran = collect(course)
    assert ran.code == 0
    (line,) = ran.told
    assert f"All 3 submissions are owned by {shared.pw_name}" in line
    for student in (*students, shared.pw_name):
        of(inbound, student, LATE, shared.pw_uid, course)
    ran = collect(course)
    assert ran.code == 0
    assert len(ran.told) == 1
    for student in (*students, shared.pw_name):
        assert (course.submitted(student) / "timestamp.txt").read_text() == f"{LATE} UTC\n"


def test_an_owner_whom_nobody_knows(course: Course, inbound: Path) -> None:
    """Is what strangers own taken as nbgrader takes it, each told in a sentence, and neither told nor refused when not asked?"""
    ann, stranger = accounts(2)
    of(inbound, "ben", EARLY, stranger.pw_uid, course)
    of(inbound, "cleo", EARLY, NUMBER, course)
    ran = collect(course)
    assert ran.code == 0
    said = [f"ben but is owned by {stranger.pw_name};", f"cleo but is owned by account number {NUMBER};"]
    assert [words in line for words, line in zip(said, ran.told, strict=True)] == [True, True]
    of(inbound, ann.pw_name, EARLY, ann.pw_uid, course)
    of(inbound, ann.pw_name, LATE, stranger.pw_uid, course)
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.ExchangeCollect.check_owner = False\n")
    ran = collect(course)
    assert ran.told == ()
    assert (course.submitted(ann.pw_name) / "timestamp.txt").read_text() == f"{LATE} UTC\n"


def test_one_that_was_taken_before_it_was_known(course: Course, inbound: Path) -> None:
    """When ann's own come after somebody's, dated later, was taken in her name, is the instructor told that hers is not there?"""
    ann, stranger = accounts(2)
    forged = of(inbound, ann.pw_name, "2027-01-01 10:00:00", stranger.pw_uid, course)
    assert any("it counts all the same" in line for line in collect(course).about(forged))
    of(inbound, ann.pw_name, LATE, ann.pw_uid, course)
    target = course.submitted(ann.pw_name)
    ran = collect(course)
    assert any(line.startswith(f"{target} is dated 2027-01-01 10:00:00 UTC, after the last that") for line in ran.told)
    target.rename(course.root / "looked-at")
    collect(course)
    assert (target / "timestamp.txt").read_text() == f"{LATE} UTC\n"


def test_the_instructor_hands_in_for_somebody(course: Course, inbound: Path) -> None:
    """Is what the collecting account puts into the exchange for ann taken, although she has handed in herself, and told?"""
    (ann,) = accounts(1)
    of(inbound, ann.pw_name, EARLY, ann.pw_uid, course)
    mailed = of(inbound, ann.pw_name, LATE, os.geteuid(), course)
    (line,) = collect(course).about(mailed)
    assert "it counts all the same" in line
    assert (course.submitted(ann.pw_name) / "timestamp.txt").read_text() == f"{LATE} UTC\n"
