"""Run a program to its end: its output, its code, a time-out, limits."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab_env.processes.child import Child, Limits, spawn
from lab_env.processes.system import LOOK_S, cpu_seconds, has_ended, process_fd_of


@dataclass(frozen=True)
class Completed:
    """A child that ended: its code (negative: by that signal), what it wrote, and why we ended it, if we did."""

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    duration_s: float
    timed_out: bool = False
    cpu_s: float = 0.0
    """CPU seconds that the program itself had used when it was ended for its time; 0 for one that ended by itself."""
    overflowed: bool = False
    """It wrote more than ``Limits.output_bytes``."""

    @property
    def ok(self) -> bool:
        return self.returncode == 0 and not self.timed_out and not self.overflowed


def run(  # noqa: PLR0913 - named as those of subprocess.run
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float | None = None,
    limits: Limits | None = None,
    input: bytes | None = None,
    on_line: Callable[[bytes], None] | None = None,
    grace: float = 2.0,
    pass_fds: Sequence[int] = (),
) -> Completed:
    """Run a program to its end and keep what it wrote; whatever happens, nothing of its group is left running.

    :param timeout: seconds; then the group is ended and ``timed_out`` is set.
    :param input: written to its stdin, of any size, as fast as it reads; without it stdin is empty. What the child does
        not read is dropped: one that ends early has ended, one that never reads meets ``timeout``.
    :param on_line: called in this thread with each line of stdout (without its end) as it comes.
    :param grace: seconds between SIGTERM and SIGKILL for a child past a limit.
    :param pass_fds: descriptors that it inherits.
    :raises FileNotFoundError: there is no such program.
    """
    started = time.monotonic()
    pipe = subprocess.PIPE
    child = spawn(
        argv,
        cwd=cwd,
        env=env,
        limits=limits,
        stdin=subprocess.DEVNULL if input is None else pipe,
        stdout=pipe,
        stderr=pipe,
        pass_fds=pass_fds,
    )
    collector = _Collector(child, None if limits is None else limits.output_bytes, on_line, input or b"")
    with child:  # also on KeyboardInterrupt, or when on_line raises
        timed_out = not collector.collect(None if timeout is None else started + timeout)
        cpu_s = cpu_seconds(child.pid) if timed_out else 0.0
        if timed_out or collector.overflowed:
            child.signal_group(signal.SIGTERM)
            child.wait(grace)
        else:
            child.wait()
        code = child.terminate_group(grace=0)
    return Completed(
        argv=tuple(argv),
        returncode=code,
        stdout=bytes(collector.stdout),
        stderr=bytes(collector.stderr),
        duration_s=time.monotonic() - started,
        timed_out=timed_out,
        cpu_s=cpu_s,
        overflowed=collector.overflowed,
    )


class _Collector:
    """Feeds a child and reads its two pipes until it has ended and they are empty.

    All in one wait: a child that has filled its output's pipe reads no more until that is emptied, and the other way round.
    """

    def __init__(
        self, child: Child, limit: int | None, on_line: Callable[[bytes], None] | None, unfed: bytes = b""
    ) -> None:
        self._child = child
        self._limit = limit
        self._on_line = on_line
        self._unfed = memoryview(unfed)
        self._line = bytearray()
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.overflowed = False

    def collect(self, deadline: float | None) -> bool:
        """:return: False when the deadline (monotonic) came first."""
        with selectors.DefaultSelector() as selector, process_fd_of(self._child.pid) as process_fd:
            for stream, buffer in ((self._child.stdout, self.stdout), (self._child.stderr, self.stderr)):
                assert stream is not None  # noqa: S101 - run() asks for both pipes
                os.set_blocking(stream.fileno(), False)
                selector.register(stream.fileno(), selectors.EVENT_READ, buffer)
            if self._child.stdin is not None:
                os.set_blocking(self._child.stdin.fileno(), False)
                selector.register(self._child.stdin.fileno(), selectors.EVENT_WRITE, self._unfed)
            if process_fd is not None:
                selector.register(process_fd, selectors.EVENT_READ, None)
            while selector.get_map():
                # Without a descriptor for the process, look now and then: a grandchild may hold the pipes open. With
                # one, too: Ctrl-C may have been given to another thread, and this one is the one that Python asks.
                step = LOOK_S if process_fd is not None else 0.05
                wait = step if deadline is None else min(step, deadline - time.monotonic())
                if wait <= 0:
                    return False
                ended = process_fd is None and has_ended(self._child.pid)
                for key, _ in selector.select(0 if ended else wait):
                    if key.data is None:
                        ended = True
                    elif key.events == selectors.EVENT_WRITE:
                        self._feed(selector)
                    elif not self._read(key.fd, key.data):
                        selector.unregister(key.fd)
                if self.overflowed:
                    break
                if ended:
                    self._drain(selector)
                    break
        if self._line and self._on_line is not None:
            self._on_line(bytes(self._line))
        return True

    def _drain(self, selector: selectors.BaseSelector) -> None:
        for key in list(selector.get_map().values()):
            while isinstance(key.data, bytearray) and not self.overflowed:
                if not self._read(key.fd, key.data, only_ready=True):
                    break

    def _feed(self, selector: selectors.BaseSelector) -> None:
        """Write as much as the child takes now; close its stdin after the last byte, or when nobody reads it any more."""
        assert self._child.stdin is not None  # noqa: S101 - only a stdin that is there was registered
        try:
            self._unfed = self._unfed[os.write(self._child.stdin.fileno(), self._unfed) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unfed = self._unfed[:0]
        if not self._unfed:
            selector.unregister(self._child.stdin.fileno())
            self._child.stdin.close()

    def _read(self, fd: int, buffer: bytearray, *, only_ready: bool = False) -> bool:
        """Read a piece; False at the end of the file, with ``only_ready`` also when nothing is there now."""
        try:
            data = os.read(fd, 65536)
        except BlockingIOError:
            return not only_ready
        if self._limit is not None and len(buffer) + len(data) > self._limit:
            data = data[: self._limit - len(buffer)]
            self.overflowed = True
        buffer += data
        if buffer is self.stdout and self._on_line is not None:
            self._line += data
            *lines, rest = self._line.split(b"\n")
            self._line = bytearray(rest)
            for line in lines:
                self._on_line(bytes(line))
        return bool(data)
