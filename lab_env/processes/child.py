"""A child process with its group: start it, wait for it, end it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lab_env.processes.system import create_time, ends_within, program_of, signal_group
from lab_env.processes.warden import registry

_ULIMIT_FLAGS = (
    ("cpu_s", "t", 1),
    ("memory_bytes", "v", 1024),
    ("data_bytes", "d", 1024),
    ("file_bytes", "f", 512),
    ("open_files", "n", 1),
)
_INSIDE_S = 2.0
"""How long bubblewrap may take to collect the program that was killed in it."""
_NOT_ON_MACOS = ("memory_bytes", "data_bytes")


@dataclass(frozen=True)
class Limits:
    """What one child may use; None is no limit.

    :param cpu_s: CPU seconds a process.
    :param memory_bytes: address space a process; left out on macOS, which cannot limit it. Go reserves far more than it
        uses.
    :param data_bytes: writable memory a process, which is what Go really takes; left out on macOS.
    :param file_bytes: the largest file it may write.
    :param open_files: open file descriptors.
    :param output_bytes: for :func:`run`: bytes kept of each of stdout and stderr; a child that writes more is ended.
    """

    cpu_s: int | None = None
    memory_bytes: int | None = None
    data_bytes: int | None = None
    file_bytes: int | None = None
    open_files: int | None = None
    output_bytes: int | None = None


class Child:
    """A running child and its process group; as a context manager the group is ended on the way out."""

    def __init__(self, argv: Sequence[str], popen: subprocess.Popen[bytes], *, guarded: bool) -> None:
        self.argv = tuple(argv)
        self.pid = popen.pid
        self.create_time = create_time(popen.pid)
        """Seconds since the epoch, as psutil has it: with the pid it names the process for ever; None: it ended."""
        self._popen = popen
        self._guarded = guarded
        self._lock = threading.Lock()

    @property
    def stdin(self) -> IO[bytes] | None:
        return self._popen.stdin

    @property
    def stdout(self) -> IO[bytes] | None:
        return self._popen.stdout

    @property
    def stderr(self) -> IO[bytes] | None:
        return self._popen.stderr

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self.wait(0)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the child; None when ``timeout`` seconds were not enough. What it left behind ends with it."""
        if self._popen.returncode is None and not ends_within(self.pid, timeout):
            return None
        return self._reap()

    def terminate_group(self, grace: float = 5.0, *, close_pipes: bool = True) -> int:
        """End the child and all it started: SIGTERM, up to ``grace`` seconds, SIGKILL. Safe to call twice.

        :param close_pipes: False from a thread that does not own the child: a pipe that is closed under one who waits for it
            never wakes him, and the end of the child does.
        :return: the child's exit code.
        """
        if grace > 0 and self.signal_group(signal.SIGTERM):
            ends_within(self.pid, grace)
        self._kill_inside()
        if self.signal_group(signal.SIGKILL):
            ends_within(self.pid, None)
        code = self._reap()
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr) if close_pipes else ():
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        return code

    def signal_group(self, number: signal.Signals) -> bool:
        """Send a signal to the child's group; False when the child has been collected already."""
        with self._lock:
            if self._popen.returncode is None:
                signal_group(self.pid, number)
                return True
            return False

    def _kill_inside(self) -> None:
        """Kill what bubblewrap runs before bubblewrap itself, which then ends when all in there is gone, and not before."""
        with self._lock:
            inner = program_of(self.pid) if self._popen.returncode is None else self.pid
            if inner != self.pid:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(inner, signal.SIGKILL)
        if inner != self.pid:
            ends_within(self.pid, _INSIDE_S)

    def _reap(self) -> int:
        """Collect an ended child. Its group is swept first: as long as it is not collected, nobody gets its number."""
        with self._lock:
            if self._popen.returncode is None:
                if self._guarded:
                    signal_group(self.pid, signal.SIGKILL)
                self._popen.wait()
                registry().forget(self.pid)
            return self._popen.returncode

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.terminate_group(grace=0)


def spawn(  # noqa: PLR0913 - named as those of subprocess.Popen
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    die_with_parent: bool = True,
    limits: Limits | None = None,
    stdin: int | IO[Any] | None = subprocess.DEVNULL,
    stdout: int | IO[Any] | None = subprocess.DEVNULL,
    stderr: int | IO[Any] | None = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start a program in a session and process group of its own.

    :param env: its whole environment: nothing of ours is added (see :func:`clean_environment`).
    :param die_with_parent: kill its group when we end, however we end; False: it lives on (a shared engine).
    :param stdin: as for :class:`subprocess.Popen`, and so are ``stdout`` and ``stderr``; nothing by default.
    :raises FileNotFoundError: there is no such program.
    """
    program = shutil.which(argv[0], path=env.get("PATH", os.defpath))
    if program is None:
        raise FileNotFoundError(f"no such program: {argv[0]}")
    for ended in registry().free():
        ended.wait(0)  # nobody else waits for them: leave no zombies
    command = [*_limiter(limits), program, *argv[1:]]
    popen = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )
    child = Child(argv, popen, guarded=die_with_parent)
    registry().add(child, guarded=die_with_parent)
    return child


def terminate_all(grace: float = 2.0) -> None:
    """End every child that is to die with us, all at the same time: for an interrupt."""
    children = registry().guarded()
    for child in children:
        child.signal_group(signal.SIGTERM)
    deadline = time.monotonic() + grace
    for child in children:
        child.wait(max(0.0, deadline - time.monotonic()))
        child.terminate_group(grace=0, close_pipes=False)


def clean_environment(**extra: str) -> dict[str, str]:
    """The smallest environment programs work in: where programs and temporary files are, UTF-8, and ``extra``."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **kept, **extra}


def _limiter(limits: Limits | None) -> list[str]:
    """The launcher that sets the limits and becomes the program; nothing when there are none to set."""
    if limits is None:
        return []
    words = []
    for field, flag, unit in _ULIMIT_FLAGS:
        value = getattr(limits, field)
        if value is not None and not (field in _NOT_ON_MACOS and sys.platform == "darwin"):
            words.append(f"ulimit -{flag} {-(-value // unit)}")
    return ["/bin/sh", "-c", " && ".join([*words, 'exec "$@"']), "sh"] if words else []
