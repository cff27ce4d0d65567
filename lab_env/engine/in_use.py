"""Who is using an engine of ours: each run says so for as long as it lasts.

An engine is shared by runs that do not know each other, and one that works hard looks from outside like one that hangs. So who is
about to end an engine asks first whether anybody is on it. A run leaves a file, locked: the system lets go of the lock when
the run ends, also by ``kill -9``, so a lock that can be had belongs to nobody. No clock and no process number is compared
for it; both are used again.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO

from lab_env.engine import state
from lab_env.engine.model import EngineUser


class Use:
    """One run's word that it uses the engine at an endpoint, until :meth:`end`, or until its process ends.

    Nothing is raised: where the file cannot be written (a full disk, a file system without locks) the run goes on without it,
    and its engine is judged by its answers alone.
    """

    def __init__(self, endpoint: str) -> None:
        self._file: IO[str] | None = None
        self._path: Path | None = None
        with contextlib.suppress(OSError):
            name = secrets.token_hex(8)
            _directory().mkdir(mode=0o700, exist_ok=True)
            draft = _directory() / f"{name}.new"
            try:
                self._file = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                json.dump({"endpoint": endpoint, **asdict(_ourselves())}, self._file)
                self._file.flush()
                # Only now it is seen: nobody takes it for one that a dead run has left.
                self._path = draft.replace(draft.with_suffix(".json"))
            except OSError:
                self.end()
                draft.unlink(missing_ok=True)
                raise

    def end(self) -> None:
        """Not any more; calling it again does nothing."""
        with contextlib.suppress(OSError):
            if self._path is not None:
                self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # what could not be written is tried again at the end
            if self._file is not None:
                self._file.close()
        self._file = self._path = None


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
        with contextlib.suppress(OSError, ValueError, TypeError), path.open() as file:
            if _is_free(file):
                path.unlink(missing_ok=True)
            elif (document := json.load(file)).pop("endpoint", None) == endpoint:
                found.append(EngineUser(**document))
    return tuple(sorted(found, key=lambda user: (user.since, user.pid)))


def _is_free(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ourselves() -> EngineUser:
    """This process, by the first words that it was started with: ``lab grade``."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:2]] if sys.argv else []
    return EngineUser(os.getpid(), " ".join(word for word in words if word.isprintable())[:80], time.time())


def _directory() -> Path:
    return state.directory() / "in-use"
