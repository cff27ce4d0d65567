"""How each notebook opens and closes, and how long it takes."""

from __future__ import annotations

import pytest

from lab.demos import first_block
from notebooks.course import course
from notebooks.pace import before_first_pass, minutes, told, words
from notebooks.source_format import Lesson

LESSONS = {lesson.name: lesson for lesson in course()}
MOST_MINUTES_BEFORE_A_PASS = 5


@pytest.fixture(params=sorted(LESSONS))
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """Each lesson of the course."""
    return LESSONS[request.param]


def test_what_for_what_before_how_long(lesson: Lesson) -> None:
    """Does a learner read at the top what they will be able to do, what they need for it and how long it takes?"""
    top = lesson.cells[0].source
    assert "**After this notebook you can**\n\n- " in top
    assert "\n**You need** " in top
    assert told(lesson) is not None


def test_the_minutes_are_counted(lesson: Lesson) -> None:
    """Are the minutes those of the words, answers, cells and questions in it?"""
    assert told(lesson) == minutes(lesson)


def test_it_ends_with_what_is_to_be_kept(lesson: Lesson) -> None:
    """Is there a recap as the last part, a list that can be read in a minute?"""
    recap = [cell for cell in lesson.cells if cell.kind == "text" and cell.source.startswith("## In short")]
    assert len(recap) == 1
    assert recap[0].source.count("\n- ") >= 3
    assert words(recap[0].source) <= 200


def test_the_first_passed_check_comes_early() -> None:
    """Does somebody who begins see a check pass within five minutes of reading and typing?"""
    assert before_first_pass(LESSONS.values()) <= MOST_MINUTES_BEFORE_A_PASS


def test_the_block_that_is_read_is_the_one_that_is_judged() -> None:
    """Does the first notebook show, line for line, the block that its first check builds?"""
    texts = [cell.source for cell in LESSONS["00-where-secrets-leak"].cells if cell.kind == "text"]
    assert any(first_block.BLOCK.format(rotation="true") in text for text in texts)
