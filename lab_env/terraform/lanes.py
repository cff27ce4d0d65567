"""Warm lanes: AWS provider processes that stay up between runs.

Terraform's time is the provider's start and its schema, not the lesson's work. A lane is one provider, started as for
a debugger (``-debug``), so that Terraform attaches to it instead of starting its own
(https://developer.hashicorp.com/terraform/plugin/debugging), with the pool's proxy between them
(:mod:`lab_env.terraform.proxy`). One lane serves one run at a time; account and endpoint come with each run's provider
block, so the next run may be another account's.

Everything here ends with this process, whatever kills it: see :mod:`lab_env.processes`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab_env.errors import TerraformError, WrongProviderError
from lab_env.events import Notice, OnNotice, ignore
from lab_env.sandbox import Relay
from lab_env.temporary import Temporary
from lab_env.terraform.hosting import ProxyHost
from lab_env.terraform.lane import Lane
from lab_env.terraform.locate import Toolchain

__all__ = ["Lane", "LanePool", "default_size"]

_NO_LANES = "Warm lanes are off, every call starts its own provider (same results, slower)"
_NO_LANE = "A lane did not start, this run's calls start their own provider (same results, slower)"
_SOCKET_PATH_LIMIT = 90
"""Characters; the system's limit for a socket's path is 104 or 108."""


class LanePool:
    """Up to ``size`` lanes, started when they are first needed and kept until the pool is closed.

    A lane that is sick, or that its run invalidated, is replaced. When no lane can be started, runs get None and take the
    plain path, one a core at the same time (each takes a gigabyte), and ``on_event`` is told once that says why.

    :param size: 0 for no lanes: every run gets None.
    """

    def __init__(self, size: int, *, toolchain: Toolchain, on_event: OnNotice = ignore) -> None:
        self.size = size
        self.toolchain = toolchain
        self._on_event = on_event
        self._slots = threading.Semaphore(size if size > 0 else 1000)
        self._plain = threading.BoundedSemaphore(_cores())
        self._lock = threading.Lock()
        self._idle: list[Lane] = []
        self._lanes: set[Lane] = set()
        self._host: ProxyHost | None = None
        self._relay: Relay | None = None
        self._directory: Temporary | None = None
        self._started = 0
        self._off = size < 1
        self._closed = False
        self._warming: threading.Thread | None = None

    @contextlib.contextmanager
    def lane(self) -> Iterator[Lane | None]:
        """A lane for one run, waited for when all are taken; None: use the plain path.

        :raises TerraformError: the pool is closed.
        :raises WrongProviderError: the provider is not the version that results would name.
        """
        with self._slots:
            if self._closed:
                raise self._over()
            lane = self._take()
            if lane is None:
                with self._plain:
                    yield None
                return
            try:
                yield lane
            except Exception:
                raise
            except BaseException:
                lane.invalidate("the run was interrupted")
                raise
            finally:
                self._give_back(lane)

    def warm(self, count: int | None = None) -> None:
        """Start lanes ahead of the runs (all, or ``count``), so that reading submissions and starting overlap."""
        with self._lock:
            wanted = (self.size if count is None else min(count, self.size)) - len(self._lanes)
        # Each start holds a slot, as a run does: there are never more lanes than the pool's size.
        slots = [self._slots for _ in range(wanted) if self._slots.acquire(blocking=False)]

        def start(slot: threading.Semaphore) -> None:
            try:
                lane = None if self._off else self._start()
                if lane is not None:
                    self._give_back(lane)
            finally:
                slot.release()

        with ThreadPoolExecutor(max_workers=4) as workers:
            list(workers.map(start, slots))

    def warm_in_background(self) -> None:
        """:meth:`warm` in a thread of its own, so that starting lanes overlaps with what comes before their first use."""

        def work() -> None:
            with contextlib.suppress(
                TerraformError
            ):  # the pool was closed; a lane that does not start has told its reason
                self.warm()

        warming = threading.Thread(target=work, name="warm-lanes", daemon=True)
        warming.start()
        self._warming = warming  # only now: a pool that is closed in between joins nothing that has not begun

    def pids(self) -> tuple[int, ...]:
        """The processes that run now: each lane's provider, then the proxy and the sandbox's relay."""
        with self._lock:
            shared = [one.pid for one in (self._host, self._relay) if one is not None and one.alive]
            return (*sorted(lane.pid for lane in self._lanes), *shared)

    def close(self) -> None:
        """End every lane and the proxy; a run that still holds a lane loses it."""
        with self._lock:
            self._closed = True
            lanes, self._lanes, self._idle = self._lanes, set(), []
            host, self._host = self._host, None
            relay, self._relay = self._relay, None
            directory, self._directory = self._directory, None
        for lane in lanes:
            lane.close()
        if host is not None:
            host.close()
        if relay is not None:
            relay.close()
        if directory is not None:
            directory.close()
        if self._warming is not None:
            self._warming.join()  # its lanes have lost their directory and give up at once

    def __enter__(self) -> LanePool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self) -> Lane | None:
        """An idle lane in good health, the one used last first (its memory is warm), else a new one."""
        while not self._off:
            with self._lock:
                lane = self._idle.pop() if self._idle else None
            if lane is None:
                return self._start()
            if lane.check():
                return lane
            self._discard(lane)
        return None

    def _give_back(self, lane: Lane) -> None:
        with self._lock:
            if lane.invalidated is None and not self._closed:
                self._idle.append(lane)
                return
        self._discard(lane)

    def _discard(self, lane: Lane) -> None:
        with self._lock:
            self._lanes.discard(lane)
        lane.close()

    def _start(self) -> Lane | None:
        """A new lane, at the second attempt if need be. None when that fails too: for good, unless others work."""
        failure = ""
        for _ in range(2):
            with self._lock:
                self._started += 1
                number = self._started
                host, relay, directory = self._serve()
            try:
                lane = Lane(
                    number,
                    self.toolchain.provider,
                    host,
                    directory / str(number),
                    sandbox=self.toolchain.sandbox,
                    relay=relay,
                )
            except WrongProviderError:
                raise  # the plain path would use it, and results would name what did not grade
            except TerraformError as error:
                failure = error.message
                continue
            with self._lock:
                if not self._closed:
                    self._lanes.add(lane)
                    return lane
            lane.close()
            raise self._over()
        with self._lock:
            told, self._off = self._off, not self._lanes
        if not told:
            self._on_event(Notice(f"{_NO_LANES if self._off else _NO_LANE}: {failure}"))
        return None

    def _serve(self) -> tuple[ProxyHost, Relay | None, Path]:
        """The running proxy, the relay where the sandbox needs one, and the pool's directory; the caller holds the lock."""
        if self._closed:
            raise self._over()
        if self._directory is None:
            self._directory = Temporary("lanes", base=_short_directory())
            if self.toolchain.sandbox.user is not None:
                self._directory.path.chmod(0o711)  # that user goes through to the one lane that is shown to it
        if self._host is None or not self._host.alive:
            if self._host is not None:
                self._host.close()
            self._host = ProxyHost(self.toolchain.provider, self._directory.path)
        if self.toolchain.sandbox.closed and (self._relay is None or not self._relay.alive):
            if self._relay is not None:
                self._relay.close()
            self._relay = Relay()
        return self._host, self._relay, self._directory.path

    def _over(self) -> TerraformError:
        return TerraformError("The pool of lanes is closed.")


def default_size() -> int:
    """How many lanes suit this machine: ten a core (they mostly wait), 200 MB each, a gigabyte left alone."""
    import psutil

    free = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):  # a container's own limit (cgroup v2); "max" is none
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
        free = min(free, limit)
    return max(1, min(10 * _cores(), (free - 2**30) // (200 * 2**20)))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _short_directory() -> str:
    """Where sockets can be: the temporary directory, unless its name alone is too long for one."""
    base = tempfile.gettempdir()
    return base if len(base) + 40 <= _SOCKET_PATH_LIMIT else os.path.join(os.sep, "tmp")  # noqa: PTH118
