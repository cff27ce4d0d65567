"""Two installations of the lab, and engines that are in use: does nobody end what somebody else works on?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab_env import engine as engines
from lab_env import localstack_ecs
from lab_env.engine import embedded, in_use, localstack, own_code, probe, shared, state
from lab_env.errors import EngineError
from lab_env.processes import create_time
from tests.installations import VERSION, another

pytestmark = pytest.mark.engine

_RUN = """
import json, sys
from lab_env.engine import embedded, state
from lab_env.engine.keeper import EngineKeeper
from lab_env.engine.sessions import client
from lab_env.engine import fresh_account

keeper = EngineKeeper("embedded", lambda line: None)
engine = keeper.current()
secrets = client(fresh_account(engine), "secretsmanager")
arn = secrets.create_secret(Name="work", SecretString="kept")["ARN"]
print(json.dumps([engine.version, engine.endpoint, state.read(embedded.KIND.own()).pid]), flush=True)
for line in sys.stdin:
    if line == "close\\n":
        keeper.close()
        print(json.dumps("closed"), flush=True)
    else:
        there = not keeper.lost(engine) and secrets.get_secret_value(SecretId=arn)["SecretString"]
        print(json.dumps(there), flush=True)
"""


@dataclass(frozen=True)
class Run:
    """A run in a process of its own: it holds an account with a secret in it, and the engine for as long as it lives."""

    process: subprocess.Popen[str]
    version: str
    endpoint: str
    engine_pid: int

    def says(self, word: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(word, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def has_its_work(self) -> bool:
        """Whether its keeper still has the same engine, and the engine its secret."""
        return self.says("look") == "kept"


@contextmanager
def run(other: Path | None = None) -> Iterator[Run]:
    """A run of this installation, or of one whose packages are found at ``other`` first."""
    home = Path(engines.__file__).parents[2]
    path = os.pathsep.join(map(str, [other, home] if other else [home]))
    with subprocess.Popen(
        [sys.executable, "-c", _RUN],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield Run(process, *json.loads(process.stdout.readline()))
        finally:
            process.kill()


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return another(tmp_path)


@pytest.fixture(autouse=True)
def _all_ended(state_dir: Path) -> Iterator[None]:
    yield
    engines.stop(everything=True)


def test_two_installations_side_by_side(other: Path) -> None:
    """Does a run keep its engine and its account while another version's runs come, go and stop theirs, and the other way round?"""
    with run(other) as theirs:
        assert theirs.version == VERSION
        for _ in range(2):
            ours = engines.connect()
            assert (ours.version, ours.endpoint != theirs.endpoint) == (embedded.engine_version(), True)
        with run() as mine:
            assert mine.endpoint == ours.endpoint
            with run(other) as third:
                assert third.endpoint == theirs.endpoint
            assert all(one.has_its_work() for one in (theirs, mine))
        assert engines.stop(purge=True) == ("embedded",)
        assert not engines.status().running
        assert theirs.has_its_work()
        assert create_time(theirs.engine_pid) is not None
        assert engines.connect().endpoint != theirs.endpoint


def test_an_engine_of_another_installation_is_told(other: Path) -> None:
    """Is another installation's engine told as such, spared by a plain stop with its log, and ended when all are to end?"""
    with run(other) as theirs:
        (told,) = engines.other_engines()
        assert told.engine is not None
        assert (told.engine.version, told.engine.endpoint, told.pid) == (VERSION, theirs.endpoint, theirs.engine_pid)
        assert [user.pid for user in told.users] == [theirs.process.pid]
        assert engines.stop(purge=True) == ()
        assert Path(told.log).exists()
        assert engines.stop(purge=True, everything=True) == ("embedded",)
    assert create_time(theirs.engine_pid) is None
    assert not Path(told.log).exists()
    assert engines.other_engines() == ()


def test_an_older_labs_engine_is_left_alone(state_dir: Path) -> None:
    """Is an engine that a lab without versions in its files has written down left alone, told, and ended with all?"""
    engines.connect()
    own = embedded.KIND.own()
    before = state.read(own)
    assert before is not None
    (state_dir / f"{own}.json").rename(state_dir / "engine.json")
    assert engines.connect().endpoint != before.endpoint
    assert [one.pid for one in engines.other_engines()] == [before.pid]
    engines.stop()
    assert create_time(before.pid) is not None
    engines.stop(everything=True)
    assert create_time(before.pid) is None


def test_an_engine_in_use_that_does_not_answer_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is an engine that answers nobody kept while a run is on it, the newcomer told who that is, and replaced once it is not?"""
    monkeypatch.setattr(shared, "HEALTH_S", 0.5)
    monkeypatch.setattr(shared, "BUSY_S", 1.0)
    with run() as busy:
        os.kill(busy.engine_pid, signal.SIGSTOP)
        with pytest.raises(EngineError, match=rf"does not answer, and is in use by process {busy.process.pid}") as told:
            engines.connect()
        assert told.value.next_step
        assert not engines.status().running
        os.kill(busy.engine_pid, signal.SIGCONT)
        assert busy.has_its_work()
        assert engines.connect().endpoint == busy.endpoint
        os.kill(busy.engine_pid, signal.SIGSTOP)
        assert busy.says("close") == "closed"
        assert probe.health(engines.connect().endpoint, 10) is not None
    assert create_time(busy.engine_pid) is None


def test_an_engine_that_is_busy_for_a_while_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a newcomer get the engine that did not answer for longer than a health check lasts, once it does?"""
    monkeypatch.setattr(shared, "HEALTH_S", 0.3)
    with run() as busy:
        os.kill(busy.engine_pid, signal.SIGSTOP)
        again = threading.Timer(3.0, os.kill, (busy.engine_pid, signal.SIGCONT))
        again.start()
        try:
            assert engines.connect().endpoint == busy.endpoint
        finally:
            again.join()
        assert busy.has_its_work()


def test_a_run_that_is_killed_uses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a run that was killed, and could say nothing any more, no user of its engine, and nothing left of its word?"""
    with run() as killed:
        assert [user.pid for user in in_use.users(killed.endpoint)] == [killed.process.pid]
        assert in_use.users(killed.endpoint + "0") == ()
        killed.process.kill()
        killed.process.wait()
        assert in_use.users(killed.endpoint) == ()
    assert not list((state.directory() / "in-use").iterdir())


def test_use_ends_with_its_block() -> None:
    """Is an engine in use as often as somebody says so, by this very process, too, and free when they are done?"""
    with in_use.using("http://127.0.0.1:1"), in_use.using("http://127.0.0.1:1"), in_use.using("http://127.0.0.1:2"):
        found = in_use.users("http://127.0.0.1:1")
        assert [(user.pid, user.since <= time.time()) for user in found] == [(os.getpid(), True)] * 2
        assert len(in_use.users("http://127.0.0.1:2")) == 1
    assert in_use.users("http://127.0.0.1:1") == ()


def test_use_that_cannot_be_written_stops_nobody(state_dir: Path) -> None:
    """Does a run go on where its word cannot be written, and is nonsense in its place no user?"""
    (state_dir / "in-use").write_text("")
    with in_use.using("http://127.0.0.1:1"):
        assert in_use.users("http://127.0.0.1:1") == ()
    (state_dir / "in-use").unlink()
    (state_dir / "in-use").mkdir()
    (state_dir / "in-use" / "torn.json").write_text('{"endpoint": "http://127.0.0.1:1"')
    assert in_use.users("http://127.0.0.1:1") == ()


def test_a_name_is_of_version_and_code(tmp_path: Path) -> None:
    """Does an engine get another name by another version or other code, and the same one by the same?"""
    there = tmp_path / "door.py"
    there.write_text("old")
    old = own_code.digest([there])
    assert own_code.digest([there]) == old
    there.write_text("new")
    assert own_code.digest([there]) != old
    names = {
        state.name("engine", version, one)
        for version in ("1.0", "1.0+local/1")
        for one in (old, own_code.digest([there]))
    }
    assert len(names) == 4
    assert all("/" not in name and name.startswith("engine-1.0") for name in names)


def test_all_code_of_an_engine_is_in_its_name() -> None:
    """Is every module of ours that the engine's process runs, and every file of LocalStack's plug-in, part of the digest?"""
    ours = "[m.__file__ for name, m in sys.modules.items() if name.split('.')[0] == 'lab_env']"
    script = f"import json, sys; import lab_env.engine.server; print(json.dumps({ours}))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    home = Path(own_code.__file__).parent
    # Modules that only say where a package lies, or nothing.
    packages = {home.parent / "__init__.py", localstack_ecs.SOURCE / "__init__.py"}
    apart = {Path(file) for file in json.loads(run.stdout)} - set(home.glob("*.py")) - packages
    door = localstack_ecs.SOURCE / "secrets_lab_localstack" / "door.py"
    evaluator = sorted((home.parent / "iam_policy").glob("*.py"))
    rules = sorted((home.parent / "aws_refusals").glob("*.*"))
    told = {door, home.parent / "errors.py", home.parent / "events.py", *evaluator, *rules}
    assert {path for path in apart if path.name != "__init__.py"} <= told
    assert embedded.KIND.code() == own_code.digest(told)
    plugin = localstack.localstack_home.plugin_files()
    assert localstack.KIND.code() == own_code.digest(plugin)
    assert {door, localstack_ecs.SOURCE / "pyproject.toml", *rules} <= set(plugin)
