"""The life of an engine that all runs of a user share: started once, found again, replaced when it is not well, ended.

It is started by whoever needs it first and outlives it, also a ``kill -9``; it ends itself when nobody has used it for
``LAB_ENGINE_IDLE_MINUTES`` (30). A state file says where it is; a lock keeps two from starting it at once.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lab_env import processes
from lab_env.engine import probe, state
from lab_env.engine.model import Account, Capability, Engine, EngineStatus, fresh_account
from lab_env.engine.state import State
from lab_env.errors import EngineError

HEALTH_S = 15.0
"""A busy engine serves its requests one after the other: slow is not sick."""


@dataclass(frozen=True)
class Started:
    """A process that is becoming an engine.

    :param endpoint: waits until it answers and gives its address; raises EngineError when it ends first or takes too long.
    """

    child: processes.Child
    endpoint: Callable[[], str]


@dataclass(frozen=True)
class Kind:
    """What tells one shared engine from another.

    :param name: as :class:`Engine` has it.
    :param stem: what its files in the state directory are called.
    :param health: the path of its health check.
    :param version: that of what would be started; raises EngineError when it is not installed.
    :param start: starts a process that outlives us and writes to that log.
    """

    name: str
    stem: str
    health: str
    version: Callable[[], str]
    start: Callable[[Path], Started]


def connect(kind: Kind) -> Engine:
    """The shared engine, started when it is not there, replaced when it is stale, sick or of another version.

    :raises EngineError: it does not start; the log's last line says why.
    """
    current = state.read(kind.stem)
    if current is None or not _is_well(kind, current):
        with state.lock(kind.stem):
            current = state.read(kind.stem)  # somebody else may have started it while we waited
            if current is None or not _is_well(kind, current):
                if current is not None:
                    _end(current)
                current = _start(kind)
    return current.engine(kind.name)


def status(kind: Kind) -> EngineStatus:
    """Whether the shared engine runs; starts nothing."""
    current = state.read(kind.stem)
    log = str(state.log_path(kind.stem))
    if current is None or not processes.is_running(current.pid, current.created):
        return EngineStatus(False, None, None, None, log)
    well = probe.health(current.endpoint, HEALTH_S, path=kind.health) is not None
    return EngineStatus(well, current.engine(kind.name), current.pid, current.created, log)


def stop(kind: Kind, *, purge: bool = False) -> bool:
    """End the shared engine, and with it all accounts on it.

    :param purge: remove its log, too.
    :return: whether one was running.
    """
    with state.lock(kind.stem):
        current = state.read(kind.stem)
        ended = current is not None and _end(current)
        state.clear(kind.stem)
        if purge:
            state.log_path(kind.stem).unlink(missing_ok=True)
    return ended


def probed(name: str, endpoint: str) -> frozenset[Capability]:
    """What the engine of ours at an endpoint can do."""
    account = fresh_account(Engine(name, "", endpoint, frozenset()))
    return probe.capabilities(Account(account.id, endpoint))


def idle_minutes() -> float:
    """After how long without a request a shared engine ends; 0: never.

    :raises EngineError: ``LAB_ENGINE_IDLE_MINUTES`` is no number of minutes.
    """
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


def last_words(log: Path) -> str:
    """The last line of a log, for a message."""
    with contextlib.suppress(OSError):
        lines = log.read_text(errors="replace").strip().splitlines()
        if lines:
            return lines[-1][:300]
    return "it wrote nothing."


def _is_well(kind: Kind, current: State) -> bool:
    """Ready, of our version, its process alive and still the same one, and answering."""
    return (
        current.capabilities is not None
        and current.version == kind.version()
        and processes.is_running(current.pid, current.created)
        and probe.health(current.endpoint, HEALTH_S, path=kind.health, use=True) is not None
    )


def _start(kind: Kind) -> State:
    version = kind.version()
    started = kind.start(state.log_path(kind.stem))
    child = started.child
    try:
        current = State(child.pid, child.create_time or 0.0, "", version, None)
        state.write(current, kind.stem)  # so that it is found and replaced if we die before it is ready
        current = replace(current, endpoint=started.endpoint())
        ready = replace(current, capabilities=tuple(sorted(probed(kind.name, current.endpoint))))
        state.write(ready, kind.stem)
    except BaseException:
        child.signal_group(signal.SIGKILL)
        child.wait()
        state.clear(kind.stem)
        raise
    if child.stdout is not None:
        child.stdout.close()
    return ready


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
