"""The life of an engine that all runs of a user share: started once, found again, replaced when it is not well, ended.

It is started by whoever needs it first and outlives it, also a ``kill -9``; it ends itself when nobody has used it for
``LAB_ENGINE_IDLE_MINUTES`` (30). A state file says where it is; a lock keeps two from starting it at once. Both belong to one
version of the engine and of our code for it (:mod:`lab_env.engine.state`): another installation has its own engine beside it.

An engine is ended by who needs it for two reasons only: its process is there and does not answer while no run uses it
(:mod:`lab_env.engine.in_use`), or its start was cut off, so that nobody was given it. That it does not answer in time proves
nothing while a run is on it: a class of twenty lanes can keep it that busy, and its end would cost all of them their work.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab_env import processes
from lab_env.engine import in_use, probe, state
from lab_env.engine.model import Account, Capability, Engine, EngineStatus, EngineUser, fresh_account
from lab_env.engine.state import State
from lab_env.errors import EngineError
from lab_env.files import last_line

HEALTH_S = 15.0
"""A busy engine serves its requests one after the other: slow is not sick."""
BUSY_S = 120.0
"""How long a run waits for an engine that others use and that does not answer."""
_LOOK_S = 0.5
_NAMED = 3
"""Users of an engine that a sentence names; of more it says how many."""


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
    :param code: the digest, in hexadecimal digits, of our code that makes it what it is: an engine that was started by a lab before
        its upgrade has the older lab's door.
    :param start: starts a process that outlives us and writes to that log.
    """

    name: str
    stem: str
    health: str
    version: Callable[[], str]
    code: Callable[[], str]
    start: Callable[[Path], Started]

    def own(self) -> str:
        """The name of this installation's engine; raises EngineError when it is not installed."""
        return state.name(self.stem, self.version(), self.code())


def connect(kind: Kind) -> Engine:
    """The shared engine, started when it is not there, replaced when it is sick and nobody uses it.

    :raises EngineError: it does not start (the log's last line says why), or it does not answer and is in use.
    """
    own = kind.own()
    deadline: float | None = None
    while True:
        current = state.read(own)
        if current is not None and _is_well(kind, current):
            return current.engine(kind.name)
        with state.lock(own):
            current = state.read(own)  # somebody else may have started it while we waited
            if current is not None and _is_well(kind, current):
                return current.engine(kind.name)
            if current is None:
                return _start(kind, own).engine(kind.name)
            users = in_use.users(current.endpoint) if _is_running(current) else ()
            if not users:
                _end(current)
                return _start(kind, own).engine(kind.name)
        # Without the lock: who would replace it when its users are gone must not wait for us.
        deadline = deadline or time.monotonic() + BUSY_S
        if time.monotonic() > deadline:
            raise EngineError(
                f"The {kind.name} engine at {current.endpoint} (process {current.pid}) does not answer, and is in use by "
                f"{listed(users)}.",
                next_step="Wait until that is done or end it; then the engine is replaced.",
            )
        time.sleep(_LOOK_S)


def status(kind: Kind) -> EngineStatus:
    """Whether the shared engine of this installation runs; starts nothing."""
    own = _own_or_none(kind)
    if own is None:
        return EngineStatus(False, None, None, None, str(state.log_path(kind.stem)))
    return _status(kind, own, asked=True)


def others(kind: Kind) -> tuple[EngineStatus, ...]:
    """The engines that other installations started for this user, those whose process is there; they are not asked anything."""
    own = _own_or_none(kind)
    found = (_status(kind, name, asked=False) for name in state.names(kind.stem) if name != own)
    return tuple(one for one in found if one.running)


def stop(kind: Kind, *, purge: bool = False, everything: bool = False) -> bool:
    """End the shared engine of this installation, and with it all accounts on it, whoever uses it.

    :param purge: remove its log and files, too, and those that engines of other versions have left.
    :param everything: end those of other installations, too.
    :return: whether one was running.
    """
    own = _own_or_none(kind)
    ours = set() if own is None else {own}
    ended = False
    for name in sorted(ours.union(state.names(kind.stem) if purge or everything else ())):
        with state.lock(name):
            current = state.read(name)
            if name != own and not everything and current is not None and _is_running(current):
                continue
            ended = (current is not None and _end(current)) or ended
            state.clear(name)
            if purge:
                state.purge(name)
    return ended


def listed(users: Sequence[EngineUser]) -> str:
    """The users of an engine in a sentence."""
    more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
    return ", ".join(map(str, users[:_NAMED])) + more


def probed(name: str, endpoint: str) -> frozenset[Capability]:
    """What the engine of ours at an endpoint can do."""
    account = fresh_account(Engine(name, "", endpoint, frozenset()))
    return probe.capabilities(Account(account.id, endpoint))


def last_words(log: Path) -> str:
    """The last line of a log, for a message."""
    return last_line(log) or "it wrote nothing."


def _status(kind: Kind, name: str, *, asked: bool) -> EngineStatus:
    current = state.read(name)
    log = str(state.log_path(name))
    if current is None or not _is_running(current):
        return EngineStatus(False, None, None, None, log)
    well = not asked or probe.health(current.endpoint, HEALTH_S, path=kind.health) is not None
    users = in_use.users(current.endpoint)
    return EngineStatus(well, current.engine(kind.name), current.pid, current.created, log, users)


def _own_or_none(kind: Kind) -> str | None:
    """The name of this installation's engine; None when it is not installed, and so was not started by it."""
    try:
        return kind.own()
    except EngineError:
        return None


def _is_running(current: State) -> bool:
    return processes.is_running(current.pid, current.created)


def _is_well(kind: Kind, current: State) -> bool:
    """Ready, its process alive and still the same one, and answering."""
    return (
        current.capabilities is not None
        and _is_running(current)
        and probe.health(current.endpoint, HEALTH_S, path=kind.health, use=True) is not None
    )


def _start(kind: Kind, name: str) -> State:
    version = kind.version()
    started = kind.start(state.log_path(name))
    child = started.child
    try:
        current = State(child.pid, child.create_time or 0.0, "", version, None)
        state.write(current, name)  # so that it is found and replaced if we die before it is ready
        current = replace(current, endpoint=started.endpoint())
        ready = replace(current, capabilities=tuple(sorted(probed(kind.name, current.endpoint))))
        state.write(ready, name)
    except BaseException:
        child.signal_group(signal.SIGKILL)
        child.wait()
        state.clear(name)
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
