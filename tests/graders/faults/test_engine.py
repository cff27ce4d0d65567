"""The engine answers late, with errors of its own, or not at all: does a class still get its right marks, or the cause?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.batch.events import Event
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Results, SubmissionStatus
from lab_env.engine import private_engine
from lab_env.events import Notice, Phase
from lab_env.submission import SubmissionRef
from tests.graders.everywhere import assert_same, corpus_refs, timeless
from tests.graders.faults.between import Between, Call, Fault, on
from tests.graders.faults.conftest import CLASS

pytestmark = [pytest.mark.engine, pytest.mark.terraform, pytest.mark.longest]

PATIENCE = 4
"""One call more than the provider tries before it gives up; too few to spoil both attempts at one submission."""


@pytest.fixture
def graded(engine_door: Between, tmp_path: Path) -> Callable[[], Results]:
    """Grades the class through the door."""
    return lambda: grade_many(corpus_refs(tmp_path, CLASS), RunConfig(engine=engine_door.url, jobs=2))


@pytest.mark.full
def test_an_engine_that_answers_slowly(
    engine_door: Between, undisturbed: dict[str, Any], graded: Callable[[], Results]
) -> None:
    """Does an engine that takes many times as long for every call cost time only?"""
    engine_door.rule = lambda call: Fault.LATE
    assert_same(timeless(graded()), undisturbed)
    assert {call.terraform for call, _ in engine_door.done} == {True, False}


def _rare(*values: object) -> object:
    """One of many of its kind, which take half a minute each."""
    return pytest.param(*values, marks=pytest.mark.full)


@pytest.mark.parametrize(
    ("operation", "terraform", "fault"),
    [
        _rare("CreateRole", True, Fault.INNER_ERROR),
        _rare("CreateRole", True, Fault.REFUSED),
        _rare("CreateRole", True, Fault.LOST),
        _rare("CreateRole", True, Fault.CUT),
        _rare("PutSecretValue", True, Fault.LOST),
        _rare("DescribeKey", False, Fault.INNER_ERROR),
        _rare("DescribeSecret", False, Fault.REFUSED),
        _rare("PutSecretValue", False, Fault.LOST),
        _rare("AssumeRole", False, Fault.INNER_ERROR),
        ("GetSecretValue", False, Fault.CUT),
        _rare("LookupEvents", False, Fault.INNER_ERROR),
    ],
)
def test_a_fault_that_passes(
    engine_door: Between,
    undisturbed: dict[str, Any],
    graded: Callable[[], Results],
    operation: str,
    terraform: bool,
    fault: Fault,
) -> None:
    """Do both get the marks that they get anyway when a call of the provider, or of the grader, goes wrong?"""
    times = PATIENCE if terraform and fault is Fault.INNER_ERROR else 1
    engine_door.rule = on(operation, fault, terraform=terraform, times=times)
    assert_same(timeless(graded()), undisturbed)
    assert [(call.operation, done) for call, done in engine_door.done] == [(operation, fault)] * times


@pytest.mark.parametrize(
    ("operation", "terraform", "fault", "cause"),
    [
        ("CreateRole", True, Fault.INNER_ERROR, "500"),
        _rare("PutSecretValue", True, Fault.REFUSED, "could not work"),
        _rare("LookupEvents", False, Fault.INNER_ERROR, "LookupEvents: 500"),
        _rare("GetSecretValue", False, Fault.REFUSED, "does not answer"),
    ],
)
def test_a_fault_that_stays(
    engine_door: Between, graded: Callable[[], Results], operation: str, terraform: bool, fault: Fault, cause: str
) -> None:
    """Is a class on an engine that never does one thing an `error` with the cause, and no fail and no zero for anybody?"""
    engine_door.rule = on(operation, fault, terraform=terraform)
    for one in graded().submissions:
        assert (one.status, one.score) == (SubmissionStatus.ERROR, None), one
        assert cause in (one.reason or ""), one.reason
        assert all(row.earned is None for row in one.requirements)
    assert engine_door.happened == {(operation, fault)}


@pytest.mark.parametrize(
    ("operation", "terraform", "jobs"),
    [
        ("DescribeKey", False, 1),
        # A provider that is in the middle of an apply waits minutes for what it has created and does not find.
        _rare("DescribeKey", False, 2),
        _rare("CreateRole", True, 2),
    ],
)
def test_an_engine_that_restarts(
    engine_door: Between, undisturbed: dict[str, Any], tmp_path: Path, operation: str, terraform: bool, jobs: int
) -> None:
    """Is a class graded again, to the same marks, when the engine forgets everything in the middle of it?"""
    old = engine_door.engine
    told: list[Event] = []
    with private_engine() as new:
        last = on(operation, Fault.LATE, terraform=terraform, times=1)

        def restart(call: Call) -> Fault | None:
            """Another engine, empty, at the same address."""
            fault = last(call)
            if fault is not None:
                engine_door.engine = new.endpoint
            return fault

        engine_door.rule = restart
        try:
            results = grade_many(
                corpus_refs(tmp_path, CLASS), RunConfig(engine=engine_door.url, jobs=jobs), on_event=told.append
            )
        finally:
            engine_door.engine = old
    assert engine_door.happened == {(operation, Fault.LATE)}
    assert any("The engine was lost" in one.text for one in told if isinstance(one, Notice))
    assert_same(timeless(results), undisturbed)


TWICE = """variable "environment" { type = string }

resource "aws_cloudwatch_log_group" "one" { name = "/app/${var.environment}" }

resource "aws_cloudwatch_log_group" "two" {
  name       = "/app/${var.environment}"
  depends_on = [aws_cloudwatch_log_group.one]
}
"""


def test_a_conflict_of_the_modules_own(engine_door: Between, tmp_path: Path) -> None:
    """Is a name that the module itself uses twice the module's mistake still, after a second look, and no lost answer?"""
    (tmp_path / "twice").mkdir()
    (tmp_path / "twice" / "main.tf").write_text(TWICE)
    told: list[Event] = []
    (one,) = grade_many(
        [SubmissionRef("twice", tmp_path / "twice")], RunConfig(engine=engine_door.url), on_event=told.append
    ).submissions
    assert (one.status, one.score) == (SubmissionStatus.GRADED, 8)
    details = [row.detail for row in one.requirements if row.id == "kms.key"]
    assert "ResourceAlreadyExistsException" in details[0]
    assert [one.name for one in told if isinstance(one, Phase)].count("apply") == 2
