"""What the operating system says about a process: alive or not, since when, tell me when it ends."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Iterator

LOOK_S = 0.5
"""The longest wait without looking up."""


def create_time(pid: int) -> float | None:
    """When the process began, in seconds since the epoch; None when there is none (a zombie counts as none)."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def program_of(pid: int) -> int:
    """The process of the program itself, where ``pid`` is bubblewrap's around it."""
    import psutil

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        # Another one for a moment: what is to become the program inside, as it begins.
        while process.name() == "bwrap" and (children := process.children()):
            process = min(children, key=lambda child: (child.create_time(), child.pid))
        return int(process.pid)
    return pid


def cpu_seconds(pid: int) -> float:
    """CPU time so far of a process, or of the program in it that bubblewrap runs; 0 when there is none."""
    import psutil

    try:
        times = psutil.Process(program_of(pid)).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def limit_on_memory(needed: int) -> tuple[str, int] | None:
    """The limit on memory that this process was started with, and its bytes, where it leaves a program less than it needs.

    :param needed: bytes of writable memory. Go reserves several times as many addresses.
    :return: the words that show it in a shell, such as ``ulimit -v``, and its bytes.
    """
    try:
        import resource
    except ImportError:  # Windows
        return None
    for what, words, enough in (
        (resource.RLIMIT_AS, "ulimit -v", 4 * needed),
        (resource.RLIMIT_DATA, "ulimit -d", needed),
    ):
        limit = resource.getrlimit(what)[0]
        if limit != resource.RLIM_INFINITY and limit < enough:
            return words, limit
    return None


def is_running(pid: int, created: float | None) -> bool:
    """Whether the process of that pid is still the one that began at ``created`` (pids are used again)."""
    now = create_time(pid)
    return now is not None and created is not None and abs(now - created) < 1.0


def signal_group(pgid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pgid, number)


def has_ended(pid: int) -> bool:
    """Whether our child has ended, without collecting it (its number stays taken)."""
    if hasattr(os, "waitid"):
        try:
            return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
        except ChildProcessError:
            return True
    return create_time(pid) is None


@contextlib.contextmanager
def process_fd_of(pid: int) -> Iterator[int | None]:
    """A descriptor that becomes readable when the process ends; None where the system has none."""
    fd = None
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):
            fd = os.pidfd_open(pid)
    try:
        yield fd
    finally:
        if fd is not None:
            os.close(fd)


def ends_within(pid: int, timeout: float | None) -> bool:
    """Wait until our child ends, without collecting it; False when ``timeout`` seconds were not enough."""
    deadline = None if timeout is None else time.monotonic() + timeout
    with process_fd_of(pid) as fd, selectors.DefaultSelector() as selector:
        if fd is not None:
            selector.register(fd, selectors.EVENT_READ)
        while not has_ended(pid):
            left = LOOK_S if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return False
            if fd is None:
                time.sleep(min(left, 0.02))
            else:
                selector.select(min(left, LOOK_S))
    return True
