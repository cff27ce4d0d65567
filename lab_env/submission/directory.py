"""Read a directory without following a link."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

from lab_env.errors import SubmissionError
from lab_env.submission.limits import CACHE_DIRS, MAX_FILES, SKIPPED_DIRS, Collector, clean_path
from lab_env.submission.names import systems_own

# A directory costs time even when it is empty; the file limit does not bound them.
MAX_DIRECTORIES = 10 * MAX_FILES
MAX_DEPTH = 20


def read_directory(root: Path) -> Collector:
    """All files below ``root`` under the limits, in path order.

    :raises SubmissionError: past a limit, or a file that cannot be read.
    """
    collector = Collector()
    pending: list[tuple[Path, str]] = [(root, "")]
    seen = 0
    while pending:
        directory, prefix = pending.pop()
        seen += 1
        if seen > MAX_DIRECTORIES or prefix.count("/") > MAX_DEPTH:
            raise SubmissionError(
                "There are too many directories, or they are nested too deep.",
                next_step="Hand in the module's files only.",
            )
        try:
            entries = sorted(os.scandir(directory), key=lambda e: e.name)
        except OSError as error:
            raise SubmissionError(
                f"The directory {prefix or '.'} cannot be read ({error.strerror}).",
                next_step="Check its permissions.",
                path=prefix or ".",
            ) from None
        below = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_DIRS and not (entry.name == "providers" and _in_cache(prefix)):
                    below.append((Path(entry.path), f"{prefix}{entry.name}/"))
                continue
            if systems_own(entry.name):
                continue
            path = clean_path(f"{prefix}{entry.name}", where="the directory")
            if entry.is_file(follow_symlinks=False):
                _add(collector, path, Path(entry.path), entry.stat(follow_symlinks=False).st_size)
            else:
                collector.add_link(path)
        pending.extend(reversed(below))
    return collector


def _in_cache(prefix: str) -> bool:
    return not CACHE_DIRS.isdisjoint(prefix.split("/"))


def _add(collector: Collector, path: str, file: Path, size: int) -> None:
    def read(limit: int) -> bytes:
        return read_bytes(file, limit, shown=path)

    collector.add(path, size, read)


def read_bytes(file: Path, limit: int, *, shown: str, directory: int | None = None) -> bytes:
    """At most ``limit`` bytes of a regular file.

    :param directory: an open directory that ``file`` is in; the current one when left out.
    :raises SubmissionError: it is none, or cannot be read.
    """
    try:
        with open_regular(file, shown=shown, directory=directory) as stream:
            return stream.read(limit)
    except OSError as error:
        raise SubmissionError(
            f"{shown} cannot be read ({error.strerror}).", next_step="Check its permissions.", path=shown
        ) from None


def open_regular(file: Path, *, shown: str, directory: int | None = None) -> io.BufferedReader:
    """Open a regular file for reading; a link, pipe or device that took its place meanwhile is not opened, or not waited for.

    :param directory: an open directory that ``file`` is in; the current one when left out.
    :raises SubmissionError: it is no regular file.
    :raises OSError: it cannot be opened; a link gives ``ELOOP``.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(file, flags, dir_fd=directory)
    stream = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise SubmissionError(f"{shown} is not a regular file.", next_step="Take it out.", path=shown)
    return stream
