"""Waiting for a worker's answer: what is a time-out of the wait, and what is one of the task's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from graders.cluster.client import answer_within


class Task:
    """A future whose successive looks at the result give this; it has ended once the last one is all that is left."""

    def __init__(self, *looks: str | BaseException, ended: bool = True) -> None:
        self._looks = list(looks)
        self._ended = ended

    def result(self, timeout: float | None = None) -> str:
        look = self._looks.pop(0)
        if isinstance(look, BaseException):
            raise look
        return look

    def done(self) -> bool:
        return self._ended


def answered(*looks: str | BaseException, ended: bool = True) -> Callable[[], str | None]:
    return lambda: answer_within(cast(Any, Task(*looks, ended=ended)), 5.0)


def test_an_answer() -> None:
    """Is an answer in time passed on?"""
    assert answered("text")() == "text"


def test_not_yet() -> None:
    """Is a task that still runs when the wait is over one to be waited for again?"""
    assert answered(TimeoutError("timed out after 5 s."), ended=False)() is None


def test_an_answer_at_the_last_moment() -> None:
    """Is an answer not lost that comes between the wait's end and the look at the task?"""
    assert answered(TimeoutError("timed out after 5 s."), "text")() == "text"


def test_a_failure_of_the_task() -> None:
    """Is a time-out that the task itself raised, or any other fault of it, told as such?"""
    for fault in (TimeoutError("the engine"), ValueError("x")):
        with pytest.raises(type(fault), match=str(fault)):
            answered(TimeoutError("timed out after 5 s."), fault)()
