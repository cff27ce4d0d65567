"""nbgrader's step fails for some, or for all: who it is and why is told, and what everybody else has stays theirs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.assignment import Rules
from graders.nbgrader.class_run import ClassRun
from graders.nbgrader.converting import ChosenAutograde, ChosenFeedback
from graders.nbgrader.errors import NoMarkError
from lab.course import steps
from lab.course.autograding import rows_of
from lab.course.nbgraders import ASSIGNMENT, NbgraderError, open_course
from tests.graders.nbgrader.conftest import course as course
from tests.graders.nbgrader.conftest import released as released
from tests.graders.nbgrader.course import Course
from tests.lab.conftest import Ran

pytestmark = pytest.mark.slow

STUDENTS = ("ann", "ben", "cleo")
FULL = "No space left on device"


@pytest.fixture(scope="module")
def autograded(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three who handed in, autograded."""
    mine = Course(Path(shutil.copytree(released, tmp_path_factory.mktemp("autograded") / "course")))
    for student in STUDENTS:
        mine.hand_in(student, mine.solved(), "2026-11-20 10:00:00 UTC")
    steps.autograde(mine.root, depth="static")
    return mine.root


@pytest.fixture
def mine(autograded: Path, tmp_path: Path) -> Course:
    """That course, the test's own."""
    return Course(Path(shutil.copytree(autograded, tmp_path / "mine")))


@pytest.fixture
def full_for(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the disk be full after the notebooks of these students."""

    def full_for(converter: type, *students: str) -> None:
        def set_permissions(self: object, assignment: str, student: str) -> None:
            if student in students:
                raise OSError(28, FULL)

        monkeypatch.setattr(converter, "set_permissions", set_permissions)

    return full_for


def test_whose_autograding_fails(mine: Course, full_for: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Is somebody whose marks are saved and whose notebooks are not named with the reason, also beside one without a mark?"""
    full_for(ChosenAutograde, "ann")
    done = steps.autograde(mine.root, depth="static")
    assert [row.student for row in done.rows] == list(STUDENTS)
    assert all(row.mark is not None for row in done.rows)
    assert done.faulty
    (told,) = done.left_out
    assert told.startswith("ann: ")
    assert FULL in told

    rules = ClassRun.rules

    def none_for_ben(self: ClassRun, student: str) -> Rules:
        if student == "ben":
            raise NoMarkError("There is no mark: nobody knows what ben is asked for.", next_step="Say it.")
        return rules(self, student)

    monkeypatch.setattr(ClassRun, "rules", none_for_ben)
    done = steps.autograde(mine.root, depth="static")
    assert [row.student for row in done.rows if row.mark is None] == ["ben"]
    assert [told.partition(":")[0] for told in done.left_out] == ["ann"]


def test_autograding_that_fails_for_all(mine: Course, full_for: Callable[..., None], lab: Callable[..., Ran]) -> None:
    """Does everybody have a row all the same, and the reason one sentence, when nobody's notebooks can be written?"""
    full_for(ChosenAutograde, *STUDENTS)
    done = lab("course", "autograde", "--depth", "static", "--dir", mine.root)
    assert done.code == 4
    assert [line.partition(":")[0] for line in done.out.splitlines()[:4]] == [*STUDENTS, "ann, ben and cleo"]
    assert FULL in done.out


def test_whose_pages_fail(mine: Course, full_for: Callable[..., None], lab: Callable[..., Ran]) -> None:
    """Is somebody who gets a page with the total alone not counted among those with feedback, but named with the reason?"""
    full_for(ChosenFeedback, "ann", "cleo")
    done = steps.feedback(mine.root)
    assert done.students == ("ben",)
    assert done.faulty
    (told,) = done.without
    assert told.startswith("No feedback for ann and cleo: ")
    assert FULL in told
    assert (mine.root / "feedback" / "ann" / ASSIGNMENT / "index.html").is_file()
    full_for(ChosenFeedback, *STUDENTS)
    (mine.root / "feedback" / "ben" / ASSIGNMENT / "01-kms-key.html").unlink()
    with pytest.raises(NbgraderError, match=FULL):
        steps.feedback(mine.root)
    assert FULL in lab("course", "feedback", "--dir", mine.root).err


def test_pages_of_notebooks_that_are_gone(mine: Course) -> None:
    """Is somebody whose autograded notebooks are gone not told to have the pages that were made of them?"""
    steps.feedback(mine.root)
    shutil.rmtree(mine.root / "autograded" / "ann")
    done = steps.feedback(mine.root)
    assert done.without == (
        "No feedback for ann: what there is was made before: nbgrader could not make it; "
        "autograde and generate feedback again.",
    )


def test_rows_of_nobody(mine: Course) -> None:
    """Are the rows of no students none, and those of None everybody's?"""
    opened = open_course(mine.root)
    assert rows_of(opened, ()) == ()
    assert [row.student for row in rows_of(opened, None)] == list(STUDENTS)


def test_odd_directories_alone(mine: Course) -> None:
    """Is a directory that nobody may be called by told alone, when it is all that there is?"""
    shutil.rmtree(mine.root / "submitted")
    (mine.root / "submitted" / "a,b" / ASSIGNMENT).mkdir(parents=True)
    done = steps.autograde(mine.root, depth="static")
    assert (done.rows, len(done.left_out)) == ((), 1)
