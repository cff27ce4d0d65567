"""What lies in the exchange's inbound directory: anybody may put anything there, under any name, and take it away at any time.

A submission is a directory of its own, called ``<student>+<assignment>+<time>`` with or without ``+<something>``, that can be read.
All else is odd and has a sentence. Nothing is followed, opened for writing or waited for.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graders.nbgrader import kept
from graders.nbgrader.collecting.owners import Claim, account_name
from graders.nbgrader.timestamps import is_time


class GoneError(Exception):
    """A submission that is not there as it was, or cannot be read; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One name in the directory.

    :param student: whose it says to be; None when no student can be called so.
    :param time: when it says to have been handed in, as nbgrader wrote it.
    :param odd: why it is no submission; None when it is one.
    :param place: device and number of the directory on its disk.
    """

    name: str
    student: str | None
    assignment: str
    time: str = ""
    claim: Claim | None = None
    odd: str | None = None
    place: tuple[int, int] = (0, 0)


def look(inbound: str) -> tuple[Entry, ...]:
    """Everything that is there, by name.

    :raises OSError: the directory itself cannot be read.
    """
    names = sorted(os.listdir(inbound), key=os.fsencode)  # noqa: PTH208 - names only, as they are
    # What begins with a dot is hidden from nbgrader's patterns, too.
    return tuple(_entry(inbound, name) for name in names if not name.startswith("."))


def _entry(inbound: str, name: str) -> Entry:
    words = _words(name)
    if words is None or not kept.is_student_id(words[0]):
        return Entry(name, None, "", odd="its name is no student's, assignment's and time's")
    student, assignment, time = words
    path = os.path.join(inbound, name)  # noqa: PTH118 - the name is whatever somebody has given
    try:
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode):
            return Entry(name, student, assignment, time, odd=f"it is {_kind(found.st_mode)}, not a directory")
        handle = _open(path)
        try:
            found = os.fstat(handle)
        finally:
            os.close(handle)
    except OSError as error:
        return Entry(name, student, assignment, time, odd=f"it cannot be read ({error.strerror})")
    claim = Claim(student, found.st_uid, account_name(found.st_uid))
    return Entry(name, student, assignment, time, claim, place=(found.st_dev, found.st_ino))


def _words(name: str) -> tuple[str, str, str] | None:
    """Student, assignment and time, as nbgrader takes a name apart: a student may be called ``+1``.

    nbgrader's way tells ``+1+lesson+time`` only by the random word at its end, which a setting of the learner's leaves out.
    """
    for splits in (3, 2):
        words = name.rsplit("+", splits)
        if len(words) > 2 and is_time(os.fsencode(words[2])):
            return words[0], words[1], words[2]
    return None


@contextmanager
def opened(inbound: str, entry: Entry) -> Iterator[int]:
    """A submission, open for reading: the directory that was looked at, whatever has its name now.

    :raises GoneError: it is another one now, is gone, or cannot be read.
    """
    path = os.path.join(inbound, entry.name)  # noqa: PTH118 - the name is whatever somebody has given
    try:
        handle = _open(path)
    except OSError as error:
        raise GoneError(f"it cannot be read ({error.strerror})") from None
    try:
        found = os.fstat(handle)
        if entry.claim is None or (found.st_dev, found.st_ino) != entry.place or found.st_uid != entry.claim.uid:
            raise GoneError("it was exchanged for another one meanwhile")
        yield handle
    finally:
        os.close(handle)


@contextmanager
def below(directory: int, name: str) -> Iterator[int | None]:
    """A directory in one that is open, open for reading; None when there is none of this name, or it cannot be read."""
    try:
        handle = _open(name, directory)
    except OSError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _open(path: str, directory: int | None = None) -> int:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    try:
        # Without the right to search it, its names could be listed and none of its files read.
        os.stat(".", dir_fd=handle)
    except OSError:
        os.close(handle)
        raise
    return handle


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISLNK, "a link"), (stat.S_ISREG, "a file"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((words for test, words in kinds if test(mode)), "a device")
