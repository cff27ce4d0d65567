"""What lies in a directory, as one digest: names, kinds and contents, no link followed, with an end."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_ENTRIES = 2_000
MAX_BYTES = 256 << 20
_PIECE = 1 << 20


class TooMuchError(Exception):
    """There is more than is looked at, or something cannot be read: nothing can be said of it."""


def tree_digest(directory: Path, wanted: Callable[[str], bool] = lambda path: True) -> str:
    """A digest of everything below a directory; a link counts by where it leads, and is not followed.

    :param wanted: asked with each file's path below ``directory``; those that are not wanted count for nothing.
    :raises TooMuchError: past :data:`MAX_ENTRIES` or :data:`MAX_BYTES`, or unreadable.
    """
    total = hashlib.sha256()
    left = MAX_BYTES
    for count, (path, entry) in enumerate(_entries(directory, "")):
        if count >= MAX_ENTRIES:
            raise TooMuchError(f"more than {MAX_ENTRIES} files")
        kind = stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)
        if kind == stat.S_IFDIR or not wanted(path):
            continue
        if kind == stat.S_IFREG:
            content, size = _content(Path(entry.path), left)
            left -= size
        else:
            content = str(Path(entry.path).readlink()) if kind == stat.S_IFLNK else ""
        total.update(repr((os.fsencode(path), kind, content)).encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _entries(directory: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below, directories before what is in them, by name; nothing where there is no directory."""
    try:
        with os.scandir(directory) as found:
            here = []
            for entry in found:
                here.append(entry)
                if len(here) > MAX_ENTRIES:
                    raise TooMuchError(f"more than {MAX_ENTRIES} files")
    except FileNotFoundError:
        return
    except OSError as error:
        raise TooMuchError(str(error)) from error
    for entry in sorted(here, key=lambda one: one.name):
        yield f"{prefix}{entry.name}", entry
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(Path(entry.path), f"{prefix}{entry.name}/")


def _content(path: Path, most: int) -> tuple[str, int]:
    """A file's digest and size."""
    total, size = hashlib.sha256(), 0
    try:
        # O_NONBLOCK: what was a file a moment ago may be a pipe now, at which nobody shall wait.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise TooMuchError(f"more than {MAX_BYTES} bytes")
                total.update(piece)
    except OSError as error:
        raise TooMuchError(str(error)) from error
    return total.hexdigest(), size
