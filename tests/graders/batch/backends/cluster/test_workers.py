"""Real schedulers and workers at static depth: who is accepted, who is left out, and what is said when nobody is there."""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client

import graders
from graders.assignment import Assignment, OwnPackage
from graders.batch.backends.cluster import ClusterError, LostSubmissionError, address, client, connect_cluster
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.grade import grade
from graders.model import Depth
from graders.report import json_report
from graders.rubric import registry
from lab_env.engine import stop
from lab_env.events import Notice
from lab_env.submission import SubmissionRef, load_submission
from tests.graders.batch.backends.cluster.conftest import LIMIT_S, Class, Dask, connected, dask_at, timeless

pytestmark = pytest.mark.slow

NAMES = ("reference", "password-in-a-comment", "valid-missing-argument", "for-each-over-a-map")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of a second or two, where the answer is that nobody comes."""
    monkeypatch.setattr(client, "SCHEDULER_S", 2.0)
    monkeypatch.setattr(client, "WORKERS_S", 2.0)
    monkeypatch.setattr(client, "_LOOK_S", 0.5)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler with two workers that nobody disturbs."""
    with dask_at(tmp_path_factory.mktemp("pair")) as running:
        running.worker("one", threads=2)
        running.worker("two", threads=1)
        running.await_workers(2)
        yield running


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def other_code(directory: Path, changed: str) -> dict[str, str]:
    """The environment of a worker whose grader differs from ours in one file."""
    root = Path(graders.__file__).parents[1]
    for package in ("graders", "lab_env"):
        shutil.copytree(root / package, directory / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (directory / changed).open("a") as file:
        file.write("# Nobody else has this line.\n")
    return {"PYTHONPATH": str(directory)}


def test_same_verdicts(pair: Dask, tmp_path: Path) -> None:
    """Do two workers together take as many as they have threads, and say what is said here, phase by phase?"""
    handed_in = Class(tmp_path, *NAMES)
    with connected(pair.address) as cluster:
        assert cluster.width == 3
        assert cluster.engine is None
        assert (cluster.versions.terraform, cluster.versions.provider) == ("", "")
        found = handed_in.graded(cluster)
    for ref in handed_in.refs:
        assert timeless(found[ref.id].result) == timeless(grade(ref, depth=Depth.STATIC).result)
        assert handed_in.phases[ref.id][0] == "queued"
        assert [phase.split(" on ")[0] for phase in handed_in.phases[ref.id][1:]] == ["gate", "judge"]


def test_result_file(pair: Dask, tmp_path: Path) -> None:
    """Is the result JSON of a class the same as without a cluster but for times, an unreadable submission included?"""
    handed_in = Class(tmp_path, *NAMES)
    (tmp_path / "empty").mkdir()
    refs = [*handed_in.refs, SubmissionRef("empty", tmp_path / "empty")]
    here = grade_many(refs, RunConfig(depth=Depth.STATIC))
    there = grade_many(refs, RunConfig(depth=Depth.STATIC, cluster=pair.address))
    texts = [
        json_report.dumps(
            results.model_copy(update={"created": "", "submissions": tuple(map(timeless, results.submissions))})
        )
        for results in (here, there)
    ]
    assert texts[0] == texts[1]


def test_hostile_submission(pair: Dask, tmp_path: Path) -> None:
    """Does a submission come back under its own name, whatever the name and the files are?"""
    name = "=cmd|'/C calc'!A0\n\u202e\x1b[31m"
    (tmp_path / "main.tf").write_text("# \u202e\n" + 'variable "environment" {}\n' * 2000)
    submission = load_submission(tmp_path, id=name)
    handed_in = Class(tmp_path)
    handed_in.refs = (SubmissionRef(name, tmp_path),)
    handed_in.phases = {name: []}
    with connected(pair.address) as cluster:
        result = handed_in.graded(cluster)[name].result
    assert (result.id, result.digest) == (name, submission.digest)
    assert timeless(result) == timeless(grade(submission, depth=Depth.STATIC).result)


def test_two_callers(pair: Dask, tmp_path: Path) -> None:
    """Can two runs use the same workers at the same time, and does one that leaves not take them from the other?"""
    first, second = Class(tmp_path / "a", *NAMES[:2]), Class(tmp_path / "b", *NAMES[2:])
    with connected(pair.address) as outer:
        with connected(pair.address) as inner:
            assert len(second.graded(inner)) == 2
            inner.close()
        found = first.graded(outer)
    assert {name: one.result.status for name, one in found.items()} == {
        ref.id: grade(ref, depth=Depth.STATIC).result.status for ref in first.refs
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("lab_env/submission/model.py", "runs other code of the same version"),
        ("graders/rubric/steps/kms.py", f"and you have {registry().label}"),
    ],
)
def test_other_code(dask: Dask, changed: str, said: str, tmp_path: Path) -> None:
    """Is a worker with another grader or rubric refused by name before anything is graded?"""
    dask.worker("old", environ=other_code(tmp_path, changed))
    with pytest.raises(ClusterError) as refused, connected(dask.address):
        pass
    assert refused.value.message.startswith("The worker old (tcp://127.0.0.1:")
    assert said in refused.value.message
    assert "Install the same secrets-lab" in (refused.value.next_step or "")


def test_worker_without_the_package(dask: Dask, tmp_path: Path) -> None:
    """Is a worker that lacks this package told apart from one that is broken?"""
    (tmp_path / "graders").mkdir()
    (tmp_path / "graders" / "__init__.py").write_text("raise ModuleNotFoundError('No module named graders')\n")
    dask.worker("bare", environ={"PYTHONPATH": str(tmp_path)})
    with (
        pytest.raises(ClusterError, match=r"worker bare \(.*\) does not have this version") as refused,
        connected(dask.address),
    ):
        pass
    assert "secrets-lab[cluster]" in (refused.value.next_step or "")


def test_worker_without_the_instructors_package(dask: Dask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a worker refused by a sentence that has no requirements of the instructor's own, and one that has them taken?"""
    metadata = tmp_path / "house_rules-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[secrets_lab.requirements]\nrules = house_rules\n")
    (tmp_path / "house_rules.py").write_text(
        "from graders.model import Layer\nfrom graders.rubric.requirement import passed, requirement\n\n\n"
        '@requirement("house.rule", points=1, layer=Layer.HCL, hints=("a", "b", "c"))\n'
        'def rule(facts):\n    """It holds."""\n    return passed("x", "x", "x", [facts.whole_module("seen")])\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    package = OwnPackage(package="house-rules", version="1.0")
    asked = Assignment(name="assignment.toml", digest="sha256:0", packages=(package,))
    config = RunConfig(depth=Depth.STATIC, assignment=asked)
    dask.worker("bare", environ={"PYTHONPATH": str(Path(graders.__file__).parents[1])})
    with pytest.raises(ClusterError) as refused, connected(dask.address, config):
        pass
    assert "The assignment asks for house-rules 1.0, which is not installed here." in refused.value.message
    assert "pip install 'house-rules==1.0'" in (refused.value.next_step or "")
    dask.workers["bare"].terminate()
    dask.workers["bare"].wait()
    dask.worker("whole", environ={"PYTHONPATH": f"{Path(graders.__file__).parents[1]}:{tmp_path}"})
    dask.await_workers(1)
    with connected(dask.address, config) as cluster:
        assert cluster.width == 1


@pytest.mark.engine
@pytest.mark.terraform
def test_workers_that_differ(dask: Dask, tmp_path: Path) -> None:
    """Is the difference named when one worker has another engine's answers or another Terraform than the others?"""
    fake = tmp_path / "terraform"
    fake.write_text("#!/bin/sh\necho 'Terraform v1.99.0'\n")
    fake.chmod(0o755)
    dask.worker("plain")
    dask.worker("newer", environ={"LAB_TERRAFORM": str(fake)})
    dask.await_workers(2)
    with (
        pytest.raises(ClusterError, match=r"is not like the others: it has Terraform .*1\.99\.0") as refused,
        connected(dask.address, RunConfig(depth=Depth.PLAN, plain=True)),
    ):
        pass
    assert "same" in (refused.value.next_step or "")


def test_worker_that_cannot_grade(dask: Dask) -> None:
    """Does a worker without a usable Terraform say so through the caller, with its own next step?"""
    dask.worker("poor", environ={"LAB_TERRAFORM": "/nonexistent/terraform"})
    with (
        pytest.raises(ClusterError, match=r"worker poor .* cannot grade: LAB_TERRAFORM is /nonexistent") as refused,
        connected(dask.address, RunConfig()),
    ):
        pass
    assert "LAB_TERRAFORM" not in refused.value.message.split("cannot grade")[0]
    assert "unset it" in (refused.value.next_step or "")


def test_scheduler_open_to_others(pair: Dask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a scheduler refused that gives out an address of this machine's network, before anything is sent?"""
    monkeypatch.setattr(address, "own_addresses", lambda: frozenset({"192.0.2.7"}))
    monkeypatch.setattr(Client, "scheduler_info", lambda self: {"address": "tcp://192.0.2.7:8786", "workers": {}})
    with pytest.raises(ClusterError, match=r"listens on 192\.0\.2\.7 too") as refused, connected(pair.address):
        pass
    assert "LAB_ALLOW_REMOTE=192.0.2.7" in (refused.value.next_step or "")


def test_worker_that_comes_later(dask: Dask, tmp_path: Path) -> None:
    """Does a worker that joins after the run began grade for it, and carry it alone when the first one is killed?"""
    first = dask.worker("first")
    handed_in = Class(tmp_path, *NAMES)
    with connected(dask.address) as cluster:
        dask.worker("second", threads=2)
        dask.await_workers(2)
        first.kill()
        found = handed_in.graded(cluster)
    assert {name: one.result.score for name, one in found.items()} == {
        ref.id: grade(ref, depth=Depth.STATIC).result.score for ref in handed_in.refs
    }
    assert all(phases[-1] == "judge on second" for phases in handed_in.phases.values())


def test_later_worker_with_other_code(dask: Dask, tmp_path: Path) -> None:
    """Is a worker with other code left out when it joins in the middle of a run, once it has said so?"""
    dask.worker("good")
    handed_in = Class(tmp_path / "class", *NAMES, "heredocs", "key-by-id", "locals-and-merge", "nested-modules")
    told: list[Notice] = []
    with connected(dask.address, on_event=told.append) as cluster:
        dask.worker("old", threads=8, environ=other_code(tmp_path, "graders/gate/lists.py"))
        dask.await_workers(2)
        found = handed_in.graded(cluster)
        assert len(found) == 8
        assert all(phases[-1] == "judge on good" for phases in handed_in.phases.values())
        assert all("is left out: It came later and runs other code" in notice.text for notice in told)
        assert len(told) == 1
        dask.workers["good"].kill()
        dask.await_workers(1)
        with pytest.raises(ClusterError, match="No worker is fit to grade"):
            handed_in.graded(cluster)


@pytest.mark.usefixtures("impatient")
def test_no_scheduler() -> None:
    """Is a scheduler that is not there one sentence and how to start one?"""
    port = free_port()
    with (
        pytest.raises(ClusterError, match=f"no Dask scheduler at tcp://127.0.0.1:{port}") as refused,
        connected(f"tcp://127.0.0.1:{port}"),
    ):
        pass
    assert (refused.value.exit_code, "dask scheduler --host" in (refused.value.next_step or "")) == (3, True)


@pytest.mark.usefixtures("impatient")
def test_no_workers(dask: Dask) -> None:
    """Is a scheduler without workers, after some patience, one sentence and how to start one?"""
    with pytest.raises(ClusterError, match="has no workers") as refused, connected(dask.address):
        pass
    assert f"dask worker {dask.address} --host 127.0.0.1" in (refused.value.next_step or "")


@pytest.mark.usefixtures("impatient")
def test_last_worker_lost(dask: Dask, tmp_path: Path) -> None:
    """Does a run whose last worker is gone end with a reason, and not wait for ever?"""
    dask.worker("only")
    dask.await_workers(1)
    with connected(dask.address) as cluster:
        dask.workers["only"].kill()
        dask.await_workers(0)
        with pytest.raises(ClusterError, match="has no workers"):
            Class(tmp_path, "reference").graded(cluster)


@pytest.mark.usefixtures("impatient")
def test_scheduler_lost(dask: Dask, tmp_path: Path) -> None:
    """Does a run whose scheduler is gone end with a reason and a next step?"""
    dask.worker("only")
    dask.await_workers(1)
    with connected(dask.address) as cluster:
        dask.scheduler.kill()
        dask.scheduler.wait()
        with pytest.raises(ClusterError, match=r"connection to the scheduler .* was lost") as refused:
            Class(tmp_path, "reference").graded(cluster)
    assert "give the same command again" in (refused.value.next_step or "")


@pytest.mark.usefixtures("impatient")
def test_scheduler_lost_at_the_start(dask: Dask) -> None:
    """Is it the same when the scheduler goes while the workers are being asked?"""
    dask.worker("silent")
    dask.await_workers(1)
    dask.workers["silent"].send_signal(signal.SIGSTOP)
    killer = threading.Timer(2, dask.scheduler.kill)
    killer.start()
    with pytest.raises(ClusterError, match="scheduler"), connected(dask.address):
        pass
    killer.join()


def test_lost_too_often(tmp_path: Path) -> None:
    """Is a submission that kills one worker after the other given up by name, while others are still graded?"""
    (tmp_path / "dask").mkdir()
    handed_in = Class(tmp_path / "class", "reference")
    with dask_at(tmp_path / "dask", environ={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}) as running:
        running.worker("stuck")
        with connected(running.address) as cluster:
            process = running.workers["stuck"]
            process.send_signal(signal.SIGSTOP)  # it takes the task and does not get on with it
            failed: list[BaseException] = []
            thread = threading.Thread(target=_failing, args=(lambda: handed_in.graded(cluster), failed))
            thread.start()
            _until_given(running)
            process.kill()
            thread.join(LIMIT_S)
            (error,) = failed
            assert isinstance(error, LostSubmissionError)
            assert "died, one after the other, while they graded reference" in error.message
            assert (error.exit_code, "without --cluster" in (error.next_step or "")) == (4, True)
            running.worker("next")
            assert handed_in.graded(cluster)["reference"].result.score is not None


def test_dask_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the missing extra named when a cluster is asked for without it?"""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match="not installed") as refused, connected("tcp://127.0.0.1:8786"):
        pass
    assert "secrets-lab[cluster]" in (refused.value.next_step or "")


@pytest.mark.engine
@pytest.mark.terraform
def test_engines_of_their_own(dask: Dask, tmp_path: Path) -> None:
    """Do two workers with state directories of their own have an engine each, and say the same at plan depth?"""
    states = [tmp_path / name for name in ("state-one", "state-two")]
    try:
        for state in states:
            dask.worker(state.name, environ={"LAB_STATE_DIR": str(state), "LAB_ENGINE_IDLE_MINUTES": "5"})
        dask.await_workers(2)
        handed_in = Class(tmp_path / "class", "reference", "for-each-over-a-map")
        with connect_cluster(dask.address, RunConfig(depth=Depth.PLAN)) as cluster:
            assert cluster.engine is not None
            assert (cluster.engine.name, cluster.width) == ("embedded", 2)
            found = handed_in.graded(cluster)
        assert all(len(list(state.glob("engine-*.json"))) == 1 for state in states)
        assert {phases[-1] for phases in handed_in.phases.values()} == {f"judge on {state.name}" for state in states}
        assert all(one.result.score == one.result.max_score for one in found.values())
        assert all(one.evidence is not None and one.evidence.plan is not None for one in found.values())
    finally:
        with pytest.MonkeyPatch.context() as patch:
            for state in states:
                patch.setenv("LAB_STATE_DIR", str(state))
                stop(purge=True)


def _failing(do: Callable[[], object], failed: list[BaseException]) -> None:
    try:
        do()
    except Exception as error:
        failed.append(error)


def _until_given(running: Dask) -> None:
    """Until the scheduler has given somebody a task."""
    deadline = time.monotonic() + LIMIT_S
    with Client(running.address, set_as_default=False) as asked:
        while not any(asked.processing().values()):
            assert time.monotonic() < deadline, running.said()
            time.sleep(0.05)
