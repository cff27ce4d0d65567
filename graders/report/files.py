"""Writes a report's file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from lab_env.errors import UsageError


def write_atomically(path: Path, text: str) -> None:
    """Writes ``text`` (UTF-8, line ends as they are) beside ``path`` and renames it: a reader never sees half a file.

    :raises UsageError: the directory is missing or may not be written to.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise UsageError(
            f"Cannot write {path}: {error.strerror}.", next_step="Name a file in a directory that exists."
        ) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise UsageError(
            f"Cannot write {path}: {error.strerror}.", next_step="Name another file, or free some space."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """The process's mask; there is no way to read it but to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
