"""What lies in a directory, as one digest: names, kinds and contents, no link followed, with an end."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_ENTRIES = 2_000
MAX_BYTES = 256 << 20
MAX_DEPTH = 50
"""Directories in each other; every entry's path is the longer for it."""
_PIECE = 1 << 20


class UnknownTreeError(Exception):
    """What lies there is more than is looked at, is nested too deep, or cannot be read: nothing can be said of it."""


def tree_digest(directory: Path, wanted: Callable[[str], bool] = lambda path: True) -> str:
    """A digest of everything below a directory; a link counts by where it leads, and is not followed.

    :param wanted: asked with each file's path below ``directory``; those that are not wanted count for nothing.
    :raises UnknownTreeError: past :data:`MAX_ENTRIES`, :data:`MAX_BYTES` or :data:`MAX_DEPTH`, or something cannot be read, or is
        taken away meanwhile.
    """
    total = hashlib.sha256()
    left = MAX_BYTES
    try:
        for path, entry in _entries(directory):
            kind = stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)
            if kind == stat.S_IFDIR or not wanted(path):
                continue
            if kind == stat.S_IFREG:
                content, size = _content(Path(entry.path), left)
                left -= size
            else:
                content = str(Path(entry.path).readlink()) if kind == stat.S_IFLNK else ""
            total.update(repr((os.fsencode(path), kind, content)).encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise UnknownTreeError(str(error)) from error
    return total.hexdigest()


def _entries(directory: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below with its path, directories before what is in them, by name; nothing where there is no directory."""
    count = 0
    try:
        left = _named(directory, "")
    except FileNotFoundError:
        return
    while left:
        path, entry = left.pop()
        count += 1
        if count + len(left) > MAX_ENTRIES:
            raise UnknownTreeError(f"more than {MAX_ENTRIES} files")
        yield path, entry
        if entry.is_dir(follow_symlinks=False):
            if path.count("/") >= MAX_DEPTH:
                raise UnknownTreeError(f"more than {MAX_DEPTH} directories in each other")
            left += _named(Path(entry.path), f"{path}/")


def _named(directory: Path, prefix: str) -> list[tuple[str, os.DirEntry[str]]]:
    """What is in one directory, the first by name last."""
    here = []
    with os.scandir(directory) as found:
        for entry in found:
            here.append((f"{prefix}{entry.name}", entry))
            if len(here) > MAX_ENTRIES:
                raise UnknownTreeError(f"more than {MAX_ENTRIES} files")
    return sorted(here, key=lambda one: one[1].name, reverse=True)


def _content(path: Path, most: int) -> tuple[str, int]:
    """A file's digest and size."""
    total, size = hashlib.sha256(), 0
    # O_NONBLOCK: what was a file a moment ago may be a pipe now, at which nobody shall wait.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > most:
                raise UnknownTreeError(f"more than {MAX_BYTES} bytes")
            total.update(piece)
    return total.hexdigest(), size
