"""The embedded engine's life: one process for each user of a machine, shared by all runs, replaced when it is not well.

It is started by whoever needs it first and outlives it, also a ``kill -9``; it ends itself when nobody has used it for
``LAB_ENGINE_IDLE_MINUTES`` (30). A state file says where it is; a lock keeps two from starting it at once.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lab_env import processes
from lab_env.engine import probe, state
from lab_env.engine.model import Account, Capability, Engine, EngineStatus, fresh_account
from lab_env.engine.state import State
from lab_env.errors import EngineError

PORT = 4566
_PRIVATE_MINUTES = 120.0
"""A private engine ends with its parent; this is for the case that even the warden is killed."""
_START_S = 60.0
_HEALTH_S = 15.0
"""A busy engine serves its requests one after the other: slow is not sick."""


def connect_embedded() -> Engine:
    """The shared engine, started when it is not there, replaced when it is stale, sick or of another version.

    :raises EngineError: it does not start; the log's last line says why.
    """
    current = state.read()
    if current is None or not _is_well(current):
        with state.lock():
            current = state.read()  # somebody else may have started it while we waited
            if current is None or not _is_well(current):
                if current is not None:
                    _end(current)
                current = _start_shared()
    return current.engine()


def status() -> EngineStatus:
    """Whether the shared engine runs; starts nothing."""
    current = state.read()
    log = str(state.log_path())
    if current is None or not processes.is_running(current.pid, current.created):
        return EngineStatus(False, None, None, None, log)
    well = probe.health(current.endpoint, _HEALTH_S) is not None
    return EngineStatus(well, current.engine(), current.pid, current.created, log)


def stop(*, purge: bool = False) -> bool:
    """End the shared engine, and with it all accounts on it.

    :param purge: remove its log, too.
    :return: whether one was running.
    """
    with state.lock():
        current = state.read()
        ended = current is not None and _end(current)
        state.clear()
        if purge:
            state.log_path().unlink(missing_ok=True)
    return ended


@contextlib.contextmanager
def private_engine() -> Iterator[Engine]:
    """An engine of one's own, for tests and benchmarks: on a free port, not shared, gone with its parent."""
    with tempfile.TemporaryDirectory(prefix="lab-engine-") as directory:
        log = Path(directory, "engine.log")
        with _spawn(0, log, idle_minutes=_PRIVATE_MINUTES, shared=False) as child:
            endpoint = _announced(child, log)
            yield Engine("embedded", engine_version(), endpoint, _probed(endpoint))


def _is_well(current: State) -> bool:
    """Ready, of our version, its process alive and still the same one, and answering."""
    return (
        current.capabilities is not None
        and current.version == engine_version()
        and processes.is_running(current.pid, current.created)
        and probe.health(current.endpoint, _HEALTH_S, use=True) is not None
    )


def _start_shared() -> State:
    log = state.log_path()
    child = _spawn(PORT, log, idle_minutes=_idle_minutes(), shared=True)
    try:
        endpoint = _announced(child, log)
        current = State(child.pid, child.create_time or 0.0, endpoint, engine_version(), None)
        state.write(current)  # so that it is found and replaced if we die before it is ready
        ready = State(**{**vars(current), "capabilities": tuple(sorted(_probed(endpoint)))})
        state.write(ready)
    except BaseException:
        child.signal_group(signal.SIGKILL)
        child.wait()
        state.clear()
        raise
    if child.stdout is not None:
        child.stdout.close()
    return ready


def _spawn(port: int, log: Path, *, idle_minutes: float, shared: bool) -> processes.Child:
    home = Path(__file__).parents[2]  # where lab_env is found, installed or not
    arguments = ["--port", str(port), "--idle-minutes", str(idle_minutes)]
    # The log tells what went wrong, never a value: the engine logs warnings only.
    with log.open("wb") as stderr:
        return processes.spawn(
            [sys.executable, "-P", "-m", "lab_env.engine.server", *arguments],
            cwd=Path(home.anchor),
            env=processes.clean_environment(PYTHONPATH=str(home), PYTHONDONTWRITEBYTECODE="1"),
            die_with_parent=not shared,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )


def _announced(child: processes.Child, log: Path) -> str:
    """The endpoint, once the engine has told its port.

    :raises EngineError: it ended first, or takes too long.
    """
    assert child.stdout is not None  # noqa: S101 - _spawn asks for a pipe
    deadline = time.monotonic() + _START_S
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(child.stdout.fileno(), 64) if ready else b""
        if not piece:
            child.terminate_group(grace=0)
            raise EngineError(
                f"The embedded engine did not start: {_last_words(log)}",
                next_step="Run `lab doctor`.",
            )
        line += piece
    return f"http://127.0.0.1:{int(line)}"


def _probed(endpoint: str) -> frozenset[Capability]:
    account = fresh_account(Engine("embedded", "", endpoint, frozenset()))
    return probe.capabilities(Account(account.id, endpoint))


def _end(current: State) -> bool:
    """End the process if it is still the one that was written down; it leads a group of its own."""
    for number, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0)):
        if not processes.is_running(current.pid, current.created):
            return number is signal.SIGKILL
        with contextlib.suppress(ProcessLookupError):
            os.killpg(current.pid, number)
        deadline = time.monotonic() + patience
        while processes.is_running(current.pid, current.created) and time.monotonic() < deadline:
            time.sleep(0.02)
    return True


def engine_version() -> str:
    """The version of the engine's package.

    :raises EngineError: it is not installed.
    """
    try:
        return version("ministack")
    except PackageNotFoundError as error:
        raise EngineError(
            "The embedded engine's package, ministack, is not installed.",
            next_step="Run `make setup`, or name another engine with --engine.",
        ) from error


def _idle_minutes() -> float:
    text = os.environ.get("LAB_ENGINE_IDLE_MINUTES", "30")
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < 1e6:
        raise EngineError(
            f"LAB_ENGINE_IDLE_MINUTES is {text!r}, which is no number of minutes.",
            next_step="Set it to a number such as 30 (0: the engine never ends by itself), or unset it.",
        )
    return minutes


def _last_words(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = log.read_text(errors="replace").strip().splitlines()
        if lines:
            return lines[-1][:300]
    return "it wrote nothing."
