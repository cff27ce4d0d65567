"""The backends of one worker: opened when a submission needs one, shared by the runs that want the same, ended when nobody does.

A worker outlives many runs, and nobody tells it when one is over: its caller may have been killed. So it looks itself, and takes
lanes down when no submission has needed them for a while, or when nobody waits any more for those under way.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from graders.batch.backends.cluster.environment import Circumstances, own_code
from graders.batch.backends.cluster.errors import ClusterError
from graders.batch.backends.local import LocalBackend
from graders.batch.run_config import RunConfig
from graders.model import Depth
from lab_env.events import OnNotice, ignore
from lab_env.processes import shared_workers
from lab_env.terraform import find_toolchain

IDLE_S = 8.0
"""Seconds after which a backend that grades nothing is ended; its lanes start again in two or three."""
_LOOK_S = 1.0


@dataclass
class OpenBackend:
    """A backend at work, and what its verdicts rest on.

    :ivar ended: it was taken from under whoever uses it; what failed since then is nobody's fault.
    """

    backend: LocalBackend
    circumstances: Circumstances
    ended: bool = False

    def end(self) -> None:
        self.ended = True
        self.backend.close()


@dataclass
class _Place:
    """Where the backend for one run's settings is, or will be once its first user has opened it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: OpenBackend | None = None
    given_up: bool = False
    users: dict[int, str | None] = field(default_factory=dict)
    idle_since: float = field(default_factory=time.monotonic)


class Backends:
    """:param width: submissions at a time, which is the worker's threads.

    :param wanted: whether anybody still waits for the task of this key.
    :param on_event: told when something is slow, or was replaced.
    """

    def __init__(self, width: int, *, wanted: Callable[[str], bool], on_event: OnNotice = ignore) -> None:
        self._width = width
        self._wanted = wanted
        self._on_event = on_event
        self._code = own_code()
        self._lock = threading.Lock()
        self._places: dict[RunConfig, _Place] = {}
        self._tickets = 0
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="backends", daemon=True).start()

    @contextlib.contextmanager
    def backend(self, config: RunConfig, task: str | None = None) -> Iterator[OpenBackend]:
        """A backend for these settings, which stays at least as long as the block.

        :param task: key of the task it is for, if it is for one.
        :raises LabError: there is no engine, Terraform or provider on this machine, or the grader's files have changed.
        """
        with self._lock:
            place = self._places.setdefault(config, _Place())
            self._tickets += 1
            ticket = self._tickets
            place.users[ticket] = task
        try:
            with place.lock:
                if place.opened is None:
                    place.opened = self._open(config)
                opened = place.opened
            if place.given_up and not opened.ended:  # meanwhile: whoever gave it up found nothing to end
                opened.end()
            yield opened
        finally:
            with self._lock:
                del place.users[ticket]
                place.idle_since = time.monotonic()

    def close(self) -> None:
        """End all backends, also in the middle of something."""
        self._over.set()
        with self._lock:
            places, self._places = list(self._places.values()), {}
        for place in places:
            _give_up(place)

    def _open(self, config: RunConfig) -> OpenBackend:
        from graders.batch.identity import versions_of

        if own_code() != self._code:
            raise ClusterError(
                "The grader's files have changed since this worker started.", next_step="Start the worker again."
            )
        code = own_code(config.packages)
        toolchain = None
        if config.depth is not Depth.STATIC:
            toolchain = find_toolchain(sandbox=config.sandbox, on_event=self._on_event)
        backend = LocalBackend(
            config, toolchain=toolchain, workers=shared_workers(), width=self._width, on_event=self._on_event
        )
        versions = versions_of(toolchain, config.engine)
        isolation = toolchain.sandbox.layers if toolchain is not None else ()
        return OpenBackend(
            backend, Circumstances(code=code, engine=backend.engine, versions=versions, isolation=isolation)
        )

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            with self._lock:
                ended = [config for config, place in self._places.items() if self._is_over(place)]
                places = [self._places.pop(config) for config in ended]
            for place in places:
                _give_up(place)

    def _is_over(self, place: _Place) -> bool:
        if place.users:
            return all(task is not None and not self._wanted(task) for task in place.users.values())
        return time.monotonic() - place.idle_since > IDLE_S


def _give_up(place: _Place) -> None:
    # Without its lock: somebody may be opening it, perhaps for long, and looks when that is done.
    place.given_up = True
    if place.opened is not None:
        place.opened.end()
