"""Who gets feedback, through the exchange and without it, and who is told to have none and why."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

from lab.course import steps
from lab.course.feedback import feedback
from lab.course.nbgraders import NbgraderError, open_course, run, told
from lab_env.errors import UsageError
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, submit

EARLY, LATE = "2026-11-20 10:00:00", "2026-11-22 10:00:00"
NAMED = ("+1", "ann.o'neil", "Ærø 李", "-".join("abc"), "mary ann", "a+b")
SECRETS = {name: f"{number:02x}" * 64 for number, name in enumerate((*NAMED, "cleo", "gil", "gil again"), 16)}


def hand_in(inbound: Path, course: Course, student: str, when: str = EARLY, *, secret: str | None = None) -> Path:
    """What `nbgrader submit` leaves there, with the secret."""
    directory = submit(inbound, course, student, when)
    if secret is not None:
        (directory / "submission_secret.txt").write_text(secret)
    return directory


def released(inbound: Path) -> set[str]:
    """The names of the pages in the exchange."""
    return {path.stem for path in (inbound.parent / "feedback").iterdir()}


def names(course: Course, *secrets: str) -> set[str]:
    """The names that nbgrader's `fetch_feedback` looks for, and that of the page with the total."""
    pages = [*course.released(), "index"]
    return {notebook_hash(secret=secret, notebook_id=name) for secret in secrets for name in pages}


def test_who_has_none_and_why(course: Course, inbound: Path) -> None:
    """Has everybody pages who can have them, whatever they are called, and is each other one named with the reason?"""
    for student in NAMED:
        hand_in(inbound, course, student, secret=SECRETS[student])
    hand_in(inbound, course, "gil", secret=SECRETS["gil"])
    for student in ("cleo", "dan"):
        hand_in(inbound, course, student, secret=SECRETS["cleo"])
    collected = set(steps.collect(course.root).students)
    assert collected == {*NAMED, "gil", "cleo", "dan"}
    course.hand_in("ben", course.solved(), f"{EARLY} UTC")
    course.submitted("fay").mkdir(parents=True)
    steps.autograde(course.root, depth="static")
    hand_in(inbound, course, "gil", LATE, secret=SECRETS["gil again"])
    with (inbound / f"gil+{ASSIGNMENT}+{LATE} UTC" / "01-kms-key.ipynb").open("w") as stream:
        json.dump(course.released()["01-kms-key"], stream)
    steps.collect(course.root)
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        book.add_student("ida")

    done = feedback(course.root, exchange=True)
    assert set(done.students) == {*NAMED, "gil", "cleo", "dan", "ben", "fay"}
    assert sorted(done.without) == [
        "No feedback for gil: what there is is of an earlier submission: It was handed in again and has not been autograded since.",
        "No feedback for ida: nothing was handed in.",
    ]
    assert [line.partition(":")[0] for line in done.unreleased] == [
        "The pages of ben and fay were not released",
        "The pages of cleo were not released",
        "The pages of dan were not released",
    ]
    assert "submission_secret.txt" in done.unreleased[0]
    assert "dan handed in with the same secret" in done.unreleased[1]
    assert done.released == len(NAMED) + 1
    assert not done.faulty
    # What gil handed in first can be fetched, and nothing yet of what came later.
    assert released(inbound) == names(course, *(SECRETS[name] for name in (*NAMED, "gil")))

    # Ids come out as they went in, so that a platform can look them up.
    target, _ = steps.export(course.root, None, any_depth=True)
    with target.open(newline="") as stream:
        exported = {line["student_id"] for line in csv.DictReader(stream)}
    assert exported == {*done.students, "ida"}

    # One student alone, whose name means something to a pattern or on a command line.
    shutil.rmtree(inbound.parent / "feedback")
    for student in ("+1", "mary ann"):
        alone = feedback(course.root, student=student, exchange=True)
        assert (alone.students, alone.without, alone.unreleased, alone.released) == ((student,), (), (), 1)
    assert released(inbound) == names(course, SECRETS["+1"], SECRETS["mary ann"])

    # Nothing at all to be released is a failure for nbgrader and formgrader too, which show what it said.
    answer = open_course(course.root).api.release_feedback(ASSIGNMENT, "ben")
    assert not answer["success"]
    assert "submission_secret.txt" in answer["error"]
    assert feedback(course.root, student="ben", exchange=True).faulty


def test_before_anybody_is_graded(course: Course, inbound: Path) -> None:
    """Is feedback before autograding, or of somebody unknown, an error with a next step?"""
    for student in (None, "nobody"):
        with pytest.raises(UsageError, match=r"not been autograded|has been autograded") as error:
            feedback(course.root, student=student)
        assert error.value.next_step == "Run: lab course autograde"
    with pytest.raises(NbgraderError, match="generate feedback first"):
        run(open_course(course.root).api.release_feedback, ASSIGNMENT)


def test_the_secret_is_collected_as_it_is(course: Course, inbound: Path) -> None:
    """Is a secret taken byte for byte, what is none left out and told, and one that an earlier collecting left behind fetched?"""
    good = hand_in(inbound, course, "ann", secret=SECRETS["cleo"])
    wrong = {"ben": "x" * 300, "cleo": f"{SECRETS['gil']}\n", "dan": "short", "eve": "../" * 20}
    for student, secret in wrong.items():
        hand_in(inbound, course, student, secret=secret)
    for student in ("fay", "gil"):
        hand_in(inbound, course, student)
    (inbound / f"fay+{ASSIGNMENT}+{EARLY} UTC" / "submission_secret.txt").symlink_to(good / "submission_secret.txt")
    os.mkfifo(inbound / f"gil+{ASSIGNMENT}+{EARLY} UTC" / "submission_secret.txt")
    opened = open_course(course.root)
    log = run(opened.api.collect, ASSIGNMENT, update=True)
    left = [line for line in told(log, "WARNING") if "submission_secret.txt" in line]
    assert len(left) == len(wrong) + 2
    kept = {
        path.parents[1].name: path.read_text() for path in (course.root / "submitted").glob("*/*/submission_secret.txt")
    }
    assert kept == {"ann": SECRETS["cleo"]}
    for student in (*wrong, "fay", "gil"):
        assert (course.submitted(student) / "01-kms-key.ipynb").is_file()
    (course.submitted("ann") / "submission_secret.txt").unlink()
    steps.collect(course.root)
    assert (course.submitted("ann") / "submission_secret.txt").read_text() == SECRETS["cleo"]
