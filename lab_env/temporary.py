"""Temporary directories of ours. They hold what learners wrote, so none stays: each is gone with its block, and that of a process
that was killed with the next run.

Each is locked for as long as its process lives. A lock tells more than the number of a process: it is true in another container
that shares the directory, and numbers are given out again.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "secrets-lab."


class Temporary:
    """A directory, 0700, until it is closed; as a last resort until this process ends or is killed and another one looks.

    :param what: what it is for, in its name.
    :param base: the directory that it is made in; the system's temporary one when left out.
    :raises OSError: it cannot be made.
    """

    def __init__(self, what: str, *, base: str | None = None) -> None:
        base = base or tempfile.gettempdir()
        self._held: int | None = None
        _swept(base)
        while True:
            self._made = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{what}.", dir=base, ignore_cleanup_errors=True)
            with suppress(FileNotFoundError):  # who swept was quicker than the lock
                self._held = _locked(self._made.name, wait=True)
                if os.path.lexists(self._made.name):
                    break
            self.close()
        self.path = Path(self._made.name)

    def close(self) -> None:
        """Remove it and all that is in it. Safe to call twice."""
        self._made.cleanup()
        held, self._held = self._held, None
        if held is not None:
            os.close(held)


@contextmanager
def temporary_directory(what: str) -> Iterator[Path]:
    """Make a directory for this block.

    :param what: what it is for, in its name.
    :raises OSError: it cannot be made.
    """
    made = Temporary(what)
    try:
        yield made.path
    finally:
        made.close()


def sweep(base: str) -> None:
    """Remove this user's directories whose process is gone. What cannot be removed stays."""
    with suppress(OSError), os.scandir(base) as found:
        for entry in found:
            if not entry.name.startswith(PREFIX):
                continue
            with suppress(OSError, RecursionError):
                if entry.stat(follow_symlinks=False).st_uid == os.geteuid() and entry.is_dir(follow_symlinks=False):
                    _remove_unless_held(entry.path)


@functools.cache
def _swept(base: str) -> None:
    """Once for each process is often enough."""
    sweep(base)


def _remove_unless_held(path: str) -> None:
    held = _locked(path, wait=False)
    if held is None:
        return
    try:
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(held)


def _locked(path: str, *, wait: bool) -> int | None:
    """The open directory, locked; None: it is somebody's, or this file system has no locks."""
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        return None
    return opened
