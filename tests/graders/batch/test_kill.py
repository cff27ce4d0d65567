"""kill -9 in the middle of a class: of the grader, of its engine, of a warm lane."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise
from tests.graders.batch.backends.cluster.conftest import dask_at
from tests.graders.disturbed import ClassRun, children, lanes, left

pytestmark = [pytest.mark.engine, pytest.mark.terraform, pytest.mark.longest]

MIDDLE = 2
JOBS = ("--jobs", "2")
LEFT_WITHIN_S = 10.0
"""Seconds after which nothing of a killed run may be left: part of what is promised, not a measurement."""


def names(count: int) -> list[str]:
    """So many graded cases from one end of the corpus to the other."""
    cases = [case.name for case in load_corpus() if case.status == "graded" and case.kind != "hostile"]
    return [cases[index * len(cases) // count] for index in range(count)]


@pytest.fixture(scope="module", params=[5, pytest.param(40, marks=pytest.mark.full)])
def handed_in(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of so many."""
    directory = tmp_path_factory.mktemp("class")
    for name in names(request.param):
        materialise(load_corpus()[name], directory)
    return directory


@dataclass(frozen=True)
class Undisturbed:
    """The class when nothing is killed. :param left: processes of the run that outlived it."""

    results: dict[str, object]
    left: list[str]


@pytest.fixture(scope="module")
def undisturbed(
    handed_in: Path, engine: Engine, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Undisturbed]:
    """What everything else is compared with."""
    run = ClassRun(handed_in, tmp_path_factory.mktemp("undisturbed"))
    process = run.start(*JOBS)
    run.wait_for(MIDDLE, process)
    below = _without_engine(process, run)
    yield Undisturbed(run.complete(process), left(below, LEFT_WITHIN_S))
    run.lab("down", "--purge").wait()


@pytest.fixture
def class_run(handed_in: Path, tmp_path: Path) -> Iterator[ClassRun]:
    """A place to grade the class in; its engine is stopped afterwards."""
    run = ClassRun(handed_in, tmp_path)
    yield run
    run.lab("down", "--purge").wait()


def test_grader(class_run: ClassRun, undisturbed: Undisturbed) -> None:
    """Does nothing run ten seconds after the grader is killed, does the same command go on to the same verdicts, and is what the
    killed one had on the disk gone then?"""
    process = class_run.start(*JOBS)
    class_run.wait_for(MIDDLE, process)
    below = _without_engine(process, class_run)
    assert len(below) > 4  # lanes, their proxy, the warden, Terraform
    process.kill()
    process.wait()
    assert left(below, LEFT_WITHIN_S) == []
    assert not class_run.results.exists()
    done = class_run.finished()
    assert done >= MIDDLE
    assert class_run.temporary() != []

    again = class_run.start(*JOBS)
    assert class_run.complete(again) == undisturbed.results
    assert class_run.said().count("(unchanged, ") == done
    assert class_run.temporary() == []


@pytest.mark.full
def test_engine(class_run: ClassRun, undisturbed: Undisturbed) -> None:
    """Is a killed engine started again, are those on it graded again in the same run, and is nothing left of the run?"""
    process = class_run.start(*JOBS)
    class_run.wait_for(MIDDLE, process)
    before, below = class_run.engine_pid(), _without_engine(process, class_run)
    os.kill(before, signal.SIGKILL)
    assert class_run.complete(process) == undisturbed.results
    assert left(below, LEFT_WITHIN_S) == []
    assert class_run.engine_pid() != before
    assert "The engine was lost" in class_run.said()


def test_lane(class_run: ClassRun, undisturbed: Undisturbed) -> None:
    """Is a lane whose provider is killed replaced, and its submission graded again, in the same run?"""
    process = class_run.start(*JOBS)
    class_run.wait_for(MIDDLE, process)
    for lane in lanes(process):
        lane.kill()
    assert class_run.complete(process) == undisturbed.results
    assert "is graded again" in class_run.said()


@pytest.mark.full
def test_worker_of_a_cluster(class_run: ClassRun, undisturbed: Undisturbed, tmp_path: Path) -> None:
    """Is a class graded to its end when one of two workers is killed, and is nothing left of that worker?"""
    (tmp_path / "dask").mkdir()
    with dask_at(tmp_path / "dask") as dask:
        killed = dask.worker("one", threads=2)
        dask.worker("two", threads=2)
        dask.await_workers(2)
        process = class_run.start("--cluster", dask.address)
        class_run.wait_for(MIDDLE, process)
        below = children(killed)
        assert lanes(killed)
        killed.kill()
        killed.wait()
        assert left([child for child in below if not _is_engine(child)], LEFT_WITHIN_S) == []
        assert class_run.complete(process) == undisturbed.results


def test_nothing_is_left_afterwards(undisturbed: Undisturbed) -> None:
    """Is no process of a run left when it has ended by itself?"""
    assert undisturbed.left == []


def _without_engine(process: subprocess.Popen[str], run: ClassRun) -> list[psutil.Process]:
    """Everything below a run that is to end with it."""
    engine = run.engine_pid()
    return [child for child in children(process) if child.pid != engine]


def _is_engine(process: psutil.Process) -> bool:
    """Whether it is a user's shared engine, which outlives those who use it."""
    try:
        return "lab_env.engine.server" in process.cmdline()
    except psutil.Error:
        return False
