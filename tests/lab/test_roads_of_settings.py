"""Every setting of a run on every road: does what was asked for arrive where it counts?

The table of roads names what a road leaves out, and why; a new setting is expected on all of them until it is named there.
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets.config import Config

from graders.assignment import Assignment, Rules
from graders.batch import __main__ as child
from graders.batch import grade_many as batch
from graders.batch.backends import local
from graders.batch.backends.cluster import backend as worker
from graders.batch.backends.cluster import client
from graders.batch.run_config import RunConfig
from graders.grade import Graded
from graders.model import Depth
from graders.nbgrader import batch as autograding
from graders.nbgrader.preprocessors import GradeOutOfProcess
from graders.report import json_report
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.errors import LabError, SubmissionError
from lab_env.lesson import STANDARD
from lab_env.processes import Completed
from lab_env.submission import SubmissionRef
from solutions.corpus import load_corpus, materialise
from tests.graders.report import samples
from tests.lab.conftest import Ran

ASKED = b"[windows]\nkey = 14\n"
CHOSEN: dict[str, Any] = {
    "depth": Depth.PLAN,
    "engine": "http://127.0.0.1:9",
    "jobs": 3,
    "plain": True,
    "sandbox": "off",
    "cluster": "tcp://127.0.0.1:8786",
    "cache": True,
    "assignment": Assignment(
        name="assignment.toml",
        digest=f"sha256:{hashlib.sha256(ASKED).hexdigest()}",
        lesson=replace(STANDARD, key_window_days=14),
    ),
}
"""Another value than the default for each."""
FLAGS: dict[str, tuple[str, ...]] = {
    "depth": ("--depth", "plan"),
    "engine": ("--engine", "http://127.0.0.1:9"),
    "jobs": ("--jobs", "3"),
    "plain": ("--plain",),
    "sandbox": (),  # the environment's: LAB_SANDBOX
    "cluster": ("--cluster", "tcp://127.0.0.1:8786"),
    "cache": (),  # on, but for --no-cache
    "assignment": ("--assignment", "assignment.toml"),
}

_ONE = "it is one submission, checked now"
_ITSELF = "it grades what it brings along, on this machine, each time"
_STANDARD = "what it brings along is written for the standard lesson"
COMMANDS: dict[str, dict[str, str]] = {
    "grade": {},
    "regrade": {},
    "check": dict.fromkeys(("jobs", "cluster", "cache"), _ONE),
    "demo": dict.fromkeys(("cluster", "cache"), _ITSELF) | {"assignment": _STANDARD},
    "self-test": dict.fromkeys(("cluster", "cache"), _ITSELF) | {"assignment": _STANDARD},
    "self-test --mutate": dict.fromkeys(("cluster", "cache"), _ITSELF) | {"assignment": _STANDARD},
}
"""The commands that grade, and what each leaves out, and why."""
AUTOGRADING = {
    "assignment": "it lies beside the source notebooks, and each submission's rules go with it",
}
WORKER = dict.fromkeys(
    ("jobs", "cluster", "cache", "assignment"),
    "the caller's own concern: a worker grades one submission at a time, and its rules go with it",
)


class ArrivedError(LabError):
    """What was to be seen has been seen."""


def settings(left_out: dict[str, str]) -> list[str]:
    """The settings that are expected on a road."""
    return [name for name in RunConfig.model_fields if name not in left_out]


@pytest.fixture
def arrived(monkeypatch: pytest.MonkeyPatch) -> list[RunConfig]:
    """The settings with which ``grade_many`` was called, which ends there."""
    seen: list[RunConfig] = []

    def grade_many(refs: object, config: RunConfig, **_: object) -> None:
        seen.append(config)
        raise ArrivedError("The settings have arrived.")

    from graders.quality import self_test
    from graders.quality.mutation import run as mutation

    for module in (batch, self_test, mutation, child):
        monkeypatch.setattr(module, "grade_many", grade_many)
    return seen


def submission(directory: Path) -> Path:
    return materialise(load_corpus()["reference"], directory)


def test_another_value_is_tried_for_each() -> None:
    """Is there a value, other than the default, and a way to ask for it, for every setting that there is?"""
    assert CHOSEN.keys() == FLAGS.keys() == RunConfig.model_fields.keys()
    assert [name for name, field in RunConfig.model_fields.items() if field.default == CHOSEN[name]] == []
    assert {name: getattr(RunConfig(**CHOSEN), name) for name in CHOSEN} == CHOSEN
    assert RunConfig.model_validate_json(RunConfig(**CHOSEN).model_dump_json()) == RunConfig(**CHOSEN)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_hands_them_to_the_run(
    command: str,
    lab: Callable[..., Ran],
    arrived: list[RunConfig],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Does what each flag or the environment says reach the run, from each command that grades?"""
    monkeypatch.setenv("LAB_SANDBOX", "off")
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assignment.toml").write_bytes(ASKED)
    flags = [word for name in settings(COMMANDS[command]) for word in FLAGS[name]]
    handed = submission(tmp_path / "class")
    words: dict[str, tuple[object, ...]] = {
        "grade": (handed,),
        "regrade": (tmp_path / "old.json", handed),
        "check": ("--dir", handed),
        "demo": (),
        "self-test": ("--only", "reference"),
        "self-test --mutate": (),
    }
    if command == "regrade":
        json_report.write(samples.results(), tmp_path / "old.json")
    ran = lab(*command.split(), *words[command], *flags)
    assert arrived, ran.err
    wanted = {setting: CHOSEN[setting] for setting in settings(COMMANDS[command])}
    if command == "self-test --mutate":
        wanted["depth"] = Depth.STATIC  # its first class; the plan's comes after it
    assert {setting: getattr(arrived[0], setting) for setting in wanted} == wanted


@pytest.mark.parametrize("setting", ["engine", "sandbox"])
def test_the_environment_is_the_default(
    setting: str, lab: Callable[..., Ran], arrived: list[RunConfig], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Does a variable count where no flag is given?"""
    monkeypatch.setenv("LAB_ENGINE", CHOSEN["engine"])
    monkeypatch.setenv("LAB_SANDBOX", CHOSEN["sandbox"])
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path))
    lab("grade", submission(tmp_path / "class"))
    assert getattr(arrived[0], setting) == CHOSEN[setting]


@pytest.mark.parametrize("setting", settings(AUTOGRADING))
def test_autograding_hands_it_to_its_process(
    setting: str, arrived: list[RunConfig], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Does what the course's configuration or the environment says reach the run in the process that nbgrader's grading starts?"""
    monkeypatch.setenv("LAB_SANDBOX", CHOSEN["sandbox"])
    traits = {name: CHOSEN[name] for name in ("engine", "jobs", "plain", "cluster")} | {"depth": "plan"}
    ordered: list[bytes] = []

    def started(argv: list[str], *, env: dict[str, str], input: bytes, **_: object) -> Completed:
        assert argv[1:] == ["-I", "-m", "graders.batch"]
        assert "LAB_SANDBOX" not in env
        ordered.append(input)
        raise ArrivedError("The order has arrived.")

    monkeypatch.setattr(autograding.processes, "run", started)
    asked = GradeOutOfProcess(config=Config(GradeOutOfProcess=traits)).run_config
    handed = autograding.HandedIn(tmp_path, "sha256:0")
    with pytest.raises(ArrivedError):
        autograding.grade_class({"a" * 64: handed}, asked)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(ordered[0])))
    monkeypatch.setattr(child.signal, "signal", lambda *_: None)
    assert child.main() == ArrivedError.exit_code
    assert getattr(arrived[0], setting) == CHOSEN[setting]


class Machine:
    """This machine's parts, each of which writes down what it was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: dict[str, object] = {"plain": True}
        for module in (batch, worker):
            monkeypatch.setattr(module, "find_toolchain", self._toolchain)
        monkeypatch.setattr(worker, "shared_workers", lambda: None)
        monkeypatch.setattr("graders.batch.identity.versions_of", lambda *_: samples.results().versions)
        monkeypatch.setattr(batch, "versions_of", lambda *_: samples.results().versions)
        monkeypatch.setattr(batch, "in_threads", self._threads(batch.in_threads))
        monkeypatch.setattr(batch, "Cache", self._cache)
        monkeypatch.setattr(local, "EngineKeeper", self._keeper)
        monkeypatch.setattr(local, "engine_info", lambda engine: samples.results().engine)
        monkeypatch.setattr(local, "LanePool", self._lanes)
        monkeypatch.setattr(local, "grade", self._grade)

    def _toolchain(self, *, sandbox: str | None, **_: object) -> object:
        self.asked["sandbox"] = sandbox
        return SimpleNamespace(sandbox=SimpleNamespace(layers=()))

    def _threads(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(one: object, refs: object, width: int, **words: object) -> Any:
            self.asked["jobs"] = width
            return real(one, refs, width, **words)

        return counted

    def _cache(self) -> object:
        self.asked["cache"] = True
        nothing = SimpleNamespace(sweep=lambda: None, store=lambda *_: None)
        nothing.verdict = nothing.evidence = lambda *_: None
        return nothing

    def _keeper(self, spec: str, on_event: object) -> object:
        self.asked["engine"] = spec
        return SimpleNamespace(current=lambda: object(), lost=lambda engine: False, close=lambda: None)

    def _lanes(self, *_: object, **__: object) -> object:
        self.asked["plain"] = False
        raise ArrivedError("There are no lanes in this test.")

    def _grade(self, submission: Any, *, depth: Depth, rules: Rules, **_: object) -> Graded:
        self.asked["depth"] = depth
        self.asked["assignment"] = CHOSEN["assignment"] if rules == CHOSEN["assignment"].rules("0") else rules
        return Graded(refused(submission.id, SubmissionError("no"), registry()))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def refs(directory: Path) -> list[SubmissionRef]:
    return [SubmissionRef(f"{number}", submission(directory / str(number))) for number in range(4)]


@pytest.mark.parametrize("setting", settings({"cluster": "then nobody grades on this machine"}))
def test_this_machine_does_it(setting: str, machine: Machine, tmp_path: Path) -> None:
    """Does a run on this machine look for Terraform, start an engine, grade and keep as it was asked to?"""
    batch.grade_many(refs(tmp_path), RunConfig(**CHOSEN | {"cluster": None}))
    assert machine.asked[setting] == CHOSEN[setting]


def test_lanes_unless_plain(machine: Machine, tmp_path: Path) -> None:
    """Is a run that is not to be plain one with lanes?"""
    with pytest.raises(ArrivedError):
        batch.grade_many(refs(tmp_path), RunConfig(engine=CHOSEN["engine"]))
    assert machine.asked["plain"] is False


@pytest.mark.parametrize("setting", ["depth", "jobs", "cache"])
def test_the_readers_do_it(setting: str, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the processes that only read grade at static depth, as many at a time as asked for, and need nothing of the rest?"""
    monkeypatch.setattr(batch, "find_toolchain", pytest.fail)
    results = batch.grade_many(refs(tmp_path), RunConfig(**CHOSEN | {"cluster": None, "depth": Depth.STATIC}))
    assert (results.depth, results.submissions[0].status.value) == (Depth.STATIC, "graded")
    assert machine.asked.keys() == {"plain", "jobs", "cache"}
    assert {"depth": results.depth, **machine.asked}[setting] == (
        Depth.STATIC if setting == "depth" else CHOSEN[setting]
    )


@pytest.mark.parametrize("setting", list(RunConfig.model_fields))
def test_a_cluster_does_it(setting: str, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a worker look for Terraform, start an engine and grade as the caller asked, and the caller the rest of it?"""
    handed: list[tuple[str, str]] = []

    @contextmanager
    def ready(connected: object, address: str, config: RunConfig, listener: object) -> Iterator[Any]:
        handed.append((address, config.model_dump_json()))
        worker_config = RunConfig.model_validate_json(handed[0][1])
        backends = worker.Backends(1, wanted=lambda key: True)
        with backends.backend(worker_config) as opened:
            opened.backend.width, opened.backend.versions = 1, opened.circumstances.versions  # type: ignore[attr-defined]
            opened.backend.isolation = ()  # type: ignore[attr-defined]
            yield opened.backend
        backends.close()

    @contextmanager
    def connect(address: str, config: RunConfig, **_: object) -> Iterator[Any]:
        with real(address, config) as generator, generator as backend:
            yield backend

    real = client.connect_cluster
    monkeypatch.setattr(client, "_connected", lambda *_: SimpleNamespace(close=lambda **_: None))
    monkeypatch.setattr(client, "_ready", ready)
    monkeypatch.setattr("graders.batch.backends.cluster.connect_cluster", connect)
    batch.grade_many(refs(tmp_path), RunConfig(**CHOSEN))
    own = {name: RunConfig.model_fields[name].default for name in WORKER}
    given = RunConfig.model_validate_json(handed[0][1])
    assert {name: getattr(given, name) for name in CHOSEN} == CHOSEN | own
    assert ({**machine.asked, "cluster": handed[0][0]})[setting] == CHOSEN[setting]
