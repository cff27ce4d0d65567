"""`lab course variants`: does it draw for the people that the course's other steps know, and for nobody else?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graders.assignment.model import learner_key
from lab.course import drawing
from lab_env.errors import UsageError
from tests.lab.conftest import Ran

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lab (1)\n    Points Possible,,,,,100\n"
    '"Okafor, Amara",11,u1,aokafor,S,\n"Keller, Ben",12,u2,bkeller,S,\n'
)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "assignment.toml").write_text('variants = true\ncourse = "secrets-2026"\n')
    (tmp_path / "class.csv").write_text(CANVAS)
    return tmp_path


def drawn_for(course: Path, *ids: str) -> bool:
    """Whether there are values for these and no others."""
    keys = [line.split(",")[0] for line in (course / "variants.csv").read_text().splitlines()[1:]]
    return sorted(keys) == sorted(learner_key("secrets-2026", id_) for id_ in ids)


def test_canvas_gradebook(course: Path) -> None:
    """Are the values of Canvas's gradebook those of the logins, as releasing and collecting call people, not of names?"""
    assert drawing.draw(course, course / "class.csv").total == 2
    assert drawn_for(course, "aokafor", "bkeller")


def test_another_column(lab: Callable[..., Ran], course: Path) -> None:
    """Does a column that is named count, by the name that it has in the other steps, or the older one?"""
    words = ("course", "variants", "--dir", course, "--roster", course / "class.csv")
    assert lab(*words, "--id", "SIS User ID").code == 0
    assert drawn_for(course, "u1", "u2")
    assert lab(*words, "--column", "ID").code == 0
    assert drawn_for(course, "u1", "u2", "11", "12")


def test_a_list_that_tells_nobody(course: Path) -> None:
    """Is a list without a column of ids, or without people, refused before anything is written?"""
    (course / "class.csv").write_text("Name,Points\n,3\n")
    for column, said in ((None, "is known to hold the course's ids"), ("Name", "names nobody")):
        with pytest.raises(UsageError, match=said):
            drawing.draw(course, course / "class.csv", column=column)
    assert not (course / "variants.csv").exists()
    assert not (course / drawing.SEED).exists()
