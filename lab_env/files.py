"""Files of ours: written whole or not at all, what a log ends with, and where those are kept that are costly to make again."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Literal

from lab_env import settings
from lab_env.errors import UsageError

NO_CACHE = Path(os.devnull, "no-cache")

PRIVATE = 0o600
"""The permissions of what tells something of learners: marks, evidence, feedback."""
PRIVATE_DIRECTORY = 0o700


def write_atomically(path: Path, content: str | bytes, *, mode: int = 0o666, durable: bool = False) -> None:
    """Write beside ``path`` and rename: a reader never sees half a file, also when two of us write at once.

    :param content: text is written as UTF-8, line ends as they are.
    :param mode: permissions, less what the process's umask takes; they are the file's from its first byte on.
    :param durable: on the disk before this returns, so that a power cut leaves the old file or the new one.
    :raises OSError: it cannot be written; the old file is as it was.
    :raises UnicodeEncodeError: the text is none that can be written.
    """
    data = content.encode() if isinstance(content, str) else content
    # A name of its own: with the file's in it, the longest kind would not fit.
    part = path.parent / f".{secrets.token_hex(8)}.part"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_output(path: Path, content: str | bytes, *, mode: int = 0o666) -> None:
    """The same, durable, for a file that somebody named.

    :raises UsageError: its directory is missing or may not be written to, or the disk is full.
    """
    try:
        write_atomically(path, content, mode=mode, durable=True)
    except OSError as error:
        missing = not path.parent.is_dir()
        raise UsageError(
            f"Cannot write {path}: {error.strerror}.",
            next_step="Name a file in a directory that exists."
            if missing
            else "Name another file, or free some space.",
        ) from error


def last_line(log: Path) -> str:
    """The last line of a log, for a message; empty when there is none."""
    with contextlib.suppress(OSError):
        if lines := log.read_text(encoding="utf-8", errors="replace").strip().splitlines():
            return lines[-1][:300]
    return ""


def cache_directory() -> Path:
    """Where we keep what is costly to make again: ``LAB_CACHE_DIR``, else the user's cache directory.

    :data:`NO_CACHE`, in which nothing can be, where this user has none: what is only quicker with a cache goes without it.
    """
    if named := settings.CACHE_DIR.read():
        return named
    return user_directory("cache") or NO_CACHE


def user_directory(kind: Literal["cache", "state"]) -> Path | None:
    """Where the lab's things of a kind belong on this platform; None where this user has no home directory."""
    import platformdirs

    of_user = platformdirs.user_cache_path if kind == "cache" else platformdirs.user_state_path
    try:
        found = of_user("secrets-lab", appauthor=False)
    except RuntimeError:
        return None
    return found if found.is_absolute() else None  # an older platformdirs leaves the ~ as it is
