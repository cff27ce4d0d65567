"""Who is running, and the warden that ends it when we are gone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import Protocol

# Runs as `python -I -S -c`, in a session of its own. Reads "+pgid" and "-pgid" lines; at the end of the pipe, or when
# it gets another parent (a forked copy of ours may still hold the pipe), it kills the groups that are left.
_WARDEN = """
import os, select, signal, sys
parent, groups, rest = int(sys.argv[1]), set(), b""
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
while True:
    orphaned = os.getppid() != parent  # asked first: all that the parent ever wrote is then in the pipe
    if select.select([0], [], [], 0 if orphaned else 2)[0]:
        data = os.read(0, 65536)
        *lines, rest = (rest + data).split(b"\\n")
        for line in lines:
            (groups.add if line[:1] == b"+" else groups.discard)(int(line[1:]))
        if data:
            continue
        break
    if orphaned:
        break
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""


class Ending(Protocol):
    """What the registry, and who asks it, needs to know of a child."""

    pid: int

    def signal_group(self, number: signal.Signals) -> bool: ...
    def wait(self, timeout: float | None = None) -> int | None: ...
    def terminate_group(self, grace: float = 5.0, *, close_pipes: bool = True) -> int: ...


class Registry:
    """The running children of this process, and the warden that outlives it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guarded: dict[int, Ending] = {}
        self._free: dict[int, Ending] = {}  # kept, so that no collector warns about them
        self._warden: subprocess.Popen[bytes] | None = None
        os.register_at_fork(after_in_child=self._forked)

    def add(self, child: Ending, *, guarded: bool) -> None:
        with self._lock:
            (self._guarded if guarded else self._free)[child.pid] = child
            if guarded:
                self._tell(f"+{child.pid}\n")

    def forget(self, pid: int) -> None:
        with self._lock:
            self._free.pop(pid, None)
            if self._guarded.pop(pid, None) is not None:
                self._tell(f"-{pid}\n")

    def guarded(self) -> tuple[Ending, ...]:
        with self._lock:
            return tuple(self._guarded.values())

    def free(self) -> tuple[Ending, ...]:
        """The children that may outlive us."""
        with self._lock:
            return tuple(self._free.values())

    def _tell(self, line: str) -> None:
        """Write to the warden; one that is gone is replaced and told of everything that runs."""
        with contextlib.suppress(BrokenPipeError):
            if self._warden is not None and self._warden.stdin is not None:
                self._warden.stdin.write(line.encode())
                return
        self._warden = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WARDEN, str(os.getpid())],
            bufsize=0,
            cwd="/",
            env={},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self._warden.stdin is not None:
            self._warden.stdin.write("".join(f"+{pid}\n" for pid in self._guarded).encode())

    def _forked(self) -> None:
        """A forked copy of us has no children: it must neither hold the parent's pipe nor speak for it."""
        if self._warden is not None and self._warden.stdin is not None:
            self._warden.stdin.close()
            self._warden.returncode = 0
        self._lock = threading.Lock()
        self._guarded, self._free, self._warden = {}, {}, None


# Made at import: two made at once by two threads would each think the other's children are nobody's.
_REGISTRY = Registry()


def registry() -> Registry:
    return _REGISTRY
