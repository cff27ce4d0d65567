"""Workers and callers killed in the middle of real gradings: verdicts do not change, and nothing is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from graders.batch.backends.cluster import connect_cluster
from graders.batch.run_config import RunConfig
from graders.evidence.kept import restore
from graders.gate import check
from graders.grade import grade
from graders.model import Depth, SubmissionResult
from graders.rubric import registry
from graders.verdicts import Examination, decide
from lab_env.engine import Engine
from lab_env.submission import load_submission
from lab_env.terraform import LanePool, Toolchain
from tests.graders.batch.backends.cluster.conftest import Class, Dask, timeless

NAMES = ("reference", "ignore-changes-missing", "live-value-as-an-output")

_CALLER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from graders.batch.backends.cluster import connect_cluster
from graders.batch.run_config import RunConfig
from lab_env.submission import find_submissions, load_submission

with connect_cluster(sys.argv[1], RunConfig()) as cluster:
    refs = find_submissions(Path(sys.argv[2]))
    with ThreadPoolExecutor(len(refs)) as threads:
        list(threads.map(
            lambda ref: cluster.grade(ref, load_submission(ref.path), lambda phase: print(phase.name, flush=True)), refs
        ))
"""


def graded_here(handed_in: Class, engine: Engine, toolchain: Toolchain) -> dict[str, SubmissionResult]:
    """The same class without a cluster."""
    with LanePool(2, toolchain=toolchain) as pool, ThreadPoolExecutor(2) as threads:

        def one(number: int) -> SubmissionResult:
            with pool.lane() as lane:
                return grade(handed_in.refs[number], engine=engine, toolchain=toolchain, lane=lane).result

        results = threads.map(one, range(len(handed_in.refs)))
        return {result.id: timeless(result) for result in results}


def below(process: subprocess.Popen[bytes]) -> dict[psutil.Process, str]:
    """Everything that a worker has started and its name, but for the engine, which is everybody's."""
    found = psutil.Process(process.pid).children(recursive=True)
    return {child: child.name() for child in found if "lab_env.engine.server" not in child.cmdline()}


def still_there(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended after a while."""
    _, alive = psutil.wait_procs(list(processes), timeout=30)
    return [child for child in alive if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.full)],
    ids=lambda number: number.name,
)
def test_worker_killed(
    dask: Dask, engine: Engine, toolchain: Toolchain, tmp_path: Path, number: signal.Signals
) -> None:
    """Does a worker that is killed (or asked to end) while it deploys cost no verdict, and leave none of its processes?"""
    handed_in = Class(tmp_path, *NAMES)
    for name in ("one", "two"):
        dask.worker(name, threads=2)
    dask.await_workers(2)
    lost: dict[psutil.Process, str] = {}

    def disturb(id: str, phase: str) -> None:
        if phase == "apply on one" and not lost:
            lost.update(below(dask.workers["one"]))
            dask.workers["one"].send_signal(number)

    with connect_cluster(dask.address, RunConfig()) as cluster:
        assert cluster.versions.terraform == toolchain.version
        found = handed_in.graded(cluster, disturb)
    assert any(name.startswith("terraform-provi") for name in lost.values())
    assert still_there(lost) == []
    again = [name for name, phases in handed_in.phases.items() if {"gate on one", "gate on two"} <= set(phases)]
    assert again != []
    assert {name: timeless(one.result) for name, one in found.items()} == graded_here(handed_in, engine, toolchain)
    for ref in handed_in.refs:
        evidence, submission = found[ref.id].evidence, load_submission(ref.path, id=ref.id)
        assert evidence is not None
        facts, normalise = restore(evidence, submission, check(submission))
        assert timeless(decide(Examination(facts, normalise), registry())) == timeless(found[ref.id].result)


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.full
def test_caller_killed(dask: Dask, tmp_path: Path) -> None:
    """Does a worker stop what it grades, and take its lanes down, when the caller is killed? And does the next caller get it?"""
    handed_in = Class(tmp_path / "class", *NAMES)
    worker = dask.worker("only", threads=3)
    caller = subprocess.Popen(
        [sys.executable, "-c", _CALLER, dask.address, str(tmp_path / "class")], stdout=subprocess.PIPE, text=True
    )
    assert caller.stdout is not None
    with caller.stdout as told:
        assert any(line.startswith("apply") for line in told)
        started = below(worker)
        caller.kill()
    caller.wait()
    lanes = [child for child, name in started.items() if name.startswith("terraform-provi")]
    assert lanes != []
    assert still_there(lanes) == []
    with connect_cluster(dask.address, RunConfig(depth=Depth.PLAN)) as cluster:
        found = handed_in.graded(cluster)
    assert all(one.result.score is not None for one in found.values())
    lanes = [child for child, name in below(worker).items() if name.startswith("terraform-provi")]
    assert still_there(lanes) == []
