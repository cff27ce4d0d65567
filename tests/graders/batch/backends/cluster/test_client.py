"""Waiting for a worker's answer: what is a time-out of the wait, and what is one of the task's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from graders.batch.backends.cluster import ClusterError
from graders.batch.backends.cluster.client import Cluster, answer_within
from graders.batch.backends.cluster.messages import Answer
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.errors import SubmissionError
from lab_env.submission import SubmissionRef, load_submission


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


def answered(*looks: str | BaseException, ended: bool = True) -> str | None:
    return answer_within(cast(Any, Task(*looks, ended=ended)), 5.0)


def test_an_answer() -> None:
    """Is an answer in time passed on?"""
    assert answered("text") == "text"


def test_not_yet() -> None:
    """Is a task that still runs when the wait is over one to be waited for again?"""
    assert answered(TimeoutError("timed out after 5 s."), ended=False) is None


def test_an_answer_at_the_last_moment() -> None:
    """Is an answer not lost that comes between the wait's end and the look at the task?"""
    assert answered(TimeoutError("timed out after 5 s."), "text") == "text"


def test_a_failure_of_the_task() -> None:
    """Is a time-out that the task itself raised, or any other fault of it, told as such?"""
    for fault in (TimeoutError("the engine"), ValueError("x")):
        with pytest.raises(type(fault), match=str(fault)):
            answered(TimeoutError("timed out after 5 s."), fault)


def test_a_task_that_dask_gave_up() -> None:
    """Is what Dask's wait makes of a cancelled task told as a cancellation?"""
    unbound = UnboundLocalError("cannot access local variable 'result'")
    for looks in ([unbound], [TimeoutError("timed out after 5 s."), unbound]):
        with pytest.raises(asyncio.CancelledError):
            answered(*looks)


@pytest.mark.parametrize(
    ("times", "status", "ends_well"), [(1, "running", True), (9, "running", False), (1, "closed", False)]
)
def test_a_submission_whose_task_was_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, status: str, ends_well: bool
) -> None:
    """Is it handed out again while there is a connection, and not for ever?"""
    (tmp_path / "kms.tf").write_text("")
    submission = load_submission(tmp_path)
    result = refused("one", SubmissionError("x"), registry())
    answers = [asyncio.CancelledError()] * times + [Answer(worker="w", result=result)]

    def asked(self: object, packed: bytes, order: str, on_phase: object) -> Answer:
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(Cluster, "_asked", asked)
    common = SimpleNamespace(model_dump=dict, engine=None, versions=None, isolation=())
    order = SimpleNamespace(model_dump_json=str, model_copy=lambda **_: order)
    monkeypatch.setattr("graders.batch.backends.cluster.client.Order", lambda **_: order)
    client = SimpleNamespace(status=status, nthreads=dict)
    cluster = Cluster(cast(Any, client), "tcp://127.0.0.1:1", cast(Any, None), cast(Any, common), cast(Any, None))
    if ends_well:
        assert cluster.grade(SubmissionRef("one", tmp_path), submission, lambda phase: None).result == result
    else:
        with pytest.raises(ClusterError):
            cluster.grade(SubmissionRef("one", tmp_path), submission, lambda phase: None)
