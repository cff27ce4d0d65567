"""Worker processes that do what must not be done in this one: read what a stranger wrote.

A submission can be made so that reading it takes hours, all memory, or the interpreter's lock for good: then no thread of ours
runs, and Ctrl-C is not heard. In a worker it costs its own bounded time, and this process only waits on a pipe.

:meth:`WorkerPool.call` runs a module's function, bytes in and bytes out, in one of a few child processes that are kept for the
next call. What crosses the pipe is data: a worker that was talked into something can answer wrongly about the submission that
it read, and do nothing to us.
"""

from __future__ import annotations

import functools
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_env import errors
from lab_env.errors import LabError, SubmissionError
from lab_env.files import cache_directory
from lab_env.processes.child import Child, Limits, clean_environment, spawn
from lab_env.processes.lines import Lines

_ATTEMPTS = 2
"""A worker may have been ended from outside before or while it was asked."""


@dataclass(frozen=True)
class Bounds:
    """What one call may use.

    :param cpu_s: processor time: past it the payload is at fault, whatever else the machine is doing.
    :param wall_s: time by the clock: past it nobody knows, and it is an error.
    """

    cpu_s: float = 20.0
    wall_s: float = 180.0


BOUNDS = Bounds()
"""The lesson's own module takes a hundredth of a second, the largest that is read two or three."""
MEMORY_BYTES = 2 << 30
"""Of a worker, and of the second reader; submissions of the largest size that is read fit in."""


class WorkerPool:
    """A few worker processes, each started by the first call that finds none idle. Safe to be used from many threads.

    :param width: workers at most; that many calls go on at a time, others wait for their turn.
    """

    def __init__(self, width: int, bounds: Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self._all = tuple(_Place() for _ in range(width))
        self._idle: queue.LifoQueue[_Place] = queue.LifoQueue()
        for place in self._all:
            self._idle.put(place)
        self._given_up = 0

    def call(self, function: Callable[[bytes], bytes], payload: bytes, *, bounds: Bounds | None = None) -> bytes:
        """``function(payload)``, in a worker.

        :param function: of a module's own, by whose name the worker finds it.
        :param bounds: of this call; the pool's when left out.
        :raises SubmissionError: the payload takes more processor time or memory than there is for one call.
        :raises WorkerError: the worker ended or gave no answer in time, or the function failed as nobody foresaw.
        :raises LabError: the function raised it.
        """
        name = f"{function.__module__}:{function.__qualname__}"
        within = bounds or self._bounds
        began = self._given_up
        place = self._idle.get()
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    return place.worker().call(name, payload, within)
                except _EndedError as ended:
                    if ended.code == -signal.SIGXCPU:
                        raise _too_long(within) from None
                    if attempt == _ATTEMPTS or began != self._given_up:
                        raise
            raise AssertionError("unreachable")
        finally:
            self._idle.put(place)

    def close(self) -> None:
        """End the workers, also in the middle of a call, which then fails; a later call starts new ones."""
        self._given_up += 1
        for place in self._all:
            place.kill()


class WorkerError(LabError):
    """A worker ended, or gave no answer in time, and it is not shown that what it read was the cause."""


class _EndedError(WorkerError):
    """:param code: the worker's exit code; negative: by that signal."""

    def __init__(self, code: int) -> None:
        super().__init__(
            f"The process that reads submissions ended with code {code}.",
            next_step="Grade this submission alone to see whether it is the cause.",
        )
        self.code = code


class _Place:
    """A worker or none, kept from one call to the next. Only the call that holds the place closes its worker's pipes."""

    def __init__(self) -> None:
        self._worker: _Worker | None = None

    def worker(self) -> _Worker:
        if self._worker is None or not self._worker.alive:
            if self._worker is not None:
                self._worker.close()
            self._worker = _Worker()
        return self._worker

    def kill(self) -> None:
        """From any thread: whoever waits for the worker is told by the end of its pipe."""
        if (worker := self._worker) is not None:
            worker.kill()


class _Worker:
    """One child process (:mod:`lab_env.processes.worker`)."""

    def __init__(self) -> None:
        home = Path(__file__).parents[2]  # where lab_env is found, installed or not
        self._child: Child = spawn(
            [sys.executable, "-P", "-m", "lab_env.processes.worker"],
            cwd=Path(home.anchor),
            env=clean_environment(
                PYTHONPATH=str(home), PYTHONDONTWRITEBYTECODE="1", LAB_CACHE_DIR=str(cache_directory())
            ),
            limits=Limits(data_bytes=MEMORY_BYTES),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lines = Lines(self._child)

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    def kill(self) -> None:
        self._child.signal_group(signal.SIGKILL)

    def close(self) -> int:
        return self._child.terminate_group(grace=0)

    def call(self, name: str, payload: bytes, bounds: Bounds) -> bytes:
        """:raises LabError: also where the worker has ended, or is ended for taking too long."""
        deadline = time.monotonic() + bounds.wall_s
        order = {"function": name, "cpu_s": bounds.cpu_s, "size": len(payload)}
        try:
            self._lines.send(order, deadline, payload)
            answer = self._lines.message(deadline)
            body = self._lines.read(answer["size"], deadline)
        except TimeoutError:
            self.close()
            raise WorkerError(
                f"The process that reads submissions gave no answer in {bounds.wall_s:g} seconds.",
                next_step="Try again when the machine is less busy.",
            ) from None
        except (EOFError, OSError, KeyError, TypeError):  # the last two: it gives no size
            raise _EndedError(self.close()) from None
        except BaseException:  # an interrupt: nobody waits for the rest of the answer
            self.close()
            raise
        if answer["error"] is not None:
            raise _raised(answer["error"])
        return body


@functools.cache
def shared_workers() -> WorkerPool:
    """The pool of this process, a worker a core: starting one takes half a second."""
    return WorkerPool(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _too_long(bounds: Bounds) -> SubmissionError:
    return SubmissionError(
        f"Reading it took more than {bounds.cpu_s:g} seconds of processor time.",
        next_step="Take large and generated files out.",
    )


def _raised(error: dict[str, Any]) -> LabError:
    """The error that a function raised in the worker, of its own kind."""
    if error["type"] == "MemoryError":
        return SubmissionError(
            f"Reading it took more than {MEMORY_BYTES >> 30} GiB of memory.",
            next_step="Take large and generated files out.",
        )
    if error["type"] == "SubmissionError":
        return SubmissionError(error["message"], next_step=error["next_step"], path=error["path"], line=error["line"])
    kind = getattr(errors, error["type"], None)
    if isinstance(kind, type) and issubclass(kind, LabError):
        return kind(error["message"], next_step=error["next_step"])
    return WorkerError(f"A fault of the grader: {error['message']}")
