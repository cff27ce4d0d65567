"""Who is using an engine of ours: each run says so for as long as it lasts.

An engine is shared by runs that do not know each other, and one that works hard looks from outside like one that hangs. So who is
about to end an engine asks first whether anybody is on it. A run leaves a file, and beside it a lock that it holds: the system
lets go of it when the run ends, also by ``kill -9``, so a lock that can be had belongs to nobody. No clock and no process number
is compared for it; both are used again.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lab_env.engine import state
from lab_env.engine.model import EngineUser
from lab_env.files import write_atomically

if TYPE_CHECKING:
    from filelock import BaseFileLock


class Use:
    """One run's word that it uses the engine at an endpoint, until :meth:`end`, or until its process ends.

    Nothing is raised: where the file cannot be written (a full disk, a file system without locks) the run goes on without it,
    and its engine is judged by its answers alone.
    """

    def __init__(self, endpoint: str) -> None:
        self._path = _directory() / f"{secrets.token_hex(8)}.json"
        self._lock = _lock(self._path)
        with contextlib.suppress(OSError, NotImplementedError):
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            self._lock.acquire(timeout=0)
            # Only now there is a file to be seen: nobody takes it for one that a dead run has left.
            write_atomically(self._path, json.dumps({"endpoint": endpoint, **asdict(_ourselves())}), mode=0o600)

    def end(self) -> None:
        """Not any more; calling it again does nothing."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)


@contextlib.contextmanager
def using(endpoint: str) -> Iterator[None]:
    """A block that uses the engine there."""
    use = Use(endpoint)
    try:
        yield
    finally:
        use.end()


def users(endpoint: str) -> tuple[EngineUser, ...]:
    """The runs that use the engine there now, oldest first; what dead ones have left is removed."""
    found = []
    for path in _directory().glob("*.json"):
        with contextlib.suppress(OSError, ValueError, TypeError):
            if _is_over(path):
                path.unlink(missing_ok=True)
            elif (document := json.loads(path.read_bytes())).pop("endpoint", None) == endpoint:
                found.append(EngineUser(**document))
    return tuple(sorted(found, key=lambda user: (user.since, user.pid)))


def _is_over(path: Path) -> bool:
    from filelock import Timeout

    lock = _lock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
    return True


def _lock(path: Path) -> BaseFileLock:
    """A run's lock; the thread that ends the run need not be the one that began it."""
    from filelock import FileLock

    return FileLock(path.with_suffix(".lock"), mode=0o600, thread_local=False)


def _ourselves() -> EngineUser:
    """This process, by the first words that it was started with: ``lab grade``."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:2]] if sys.argv else []
    return EngineUser(os.getpid(), " ".join(word for word in words if word.isprintable())[:80], time.time())


def _directory() -> Path:
    return state.directory() / "in-use"
