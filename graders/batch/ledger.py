"""The ledger of a run: a line for each submission as it gets its verdict, on the disk before the next one is begun.

A run that was cut off, by whatever, is resumed by the same command: what its ledger holds is not graded again. Each line
carries the digest of the one before it and its own, so that a line that was changed, lost or put in afterwards shows.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import threading
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from graders.model import Frozen, SubmissionResult
from lab_env.errors import UsageError

_FIRST = "0" * 64


class Entry(Frozen):
    """One submission's line.

    :param key: of the circumstances (see :mod:`graders.batch.identity`); the same submission under other ones is graded again.
    :param capabilities: of the engine that it was graded on.
    """

    key: str
    capabilities: tuple[str, ...]
    result: SubmissionResult


class Ledger:
    """An open ledger; a context manager. Safe to be appended to from many threads.

    :param path: the file; it is locked while it is open.
    """

    def __init__(self, path: Path) -> None:
        """:raises UsageError: the file cannot be written, or another run is writing it."""
        self.path = path
        self._lock = threading.Lock()
        try:
            self._stream: FileIO = path.open("ab", buffering=0)
        except OSError as error:
            raise _cannot(path, error) from error
        try:
            # Not by filelock, which wants a file of its own: that would stay beside the instructor's results for good, since who
            # takes it away lets two runs in, and releases of it empty the file that they lock.
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._entries, self._head, self._size = _read(path)
            self._held = set(self._entries)
            self._stream.truncate(self._size)  # a line that was cut off by whatever ended the last run
        except BlockingIOError:
            self._stream.close()
            raise UsageError(
                f"Another run is writing {path}.", next_step="Wait until it has ended, or write to another file."
            ) from None
        except OSError as error:
            self._stream.close()
            raise _cannot(path, error) from error

    @property
    def holds(self) -> int:
        """How many submissions' verdicts are in it."""
        return len(self._held)

    def get(self, id: str, key: str) -> Entry | None:
        """The entry of a submission that was graded under the same circumstances by the run that is resumed."""
        found = self._entries.get(id)
        return found if found is not None and found.key == key else None

    def append(self, entry: Entry) -> None:
        """Write a line and wait until it is on the disk.

        :raises UsageError: the disk is full, or the file is gone.
        """
        self._write({"entry": entry.model_dump(mode="json")})
        self._held.add(entry.result.id)

    def finish(self) -> None:
        """Say that the run has come to its end: the next one starts over."""
        self._write({"finished": True})

    def close(self) -> None:
        """Let go of the file; one in which nothing was ever written is taken away."""
        if self._head == _FIRST:
            self.path.unlink(missing_ok=True)
        self._stream.close()

    def _write(self, content: dict[str, Any]) -> None:
        with self._lock:
            line, digest = _line(content, self._head)
            try:
                written = 0
                while written < len(line):
                    written += self._stream.write(line[written:])
                os.fsync(self._stream.fileno())
            except OSError as error:
                with contextlib.suppress(OSError):
                    self._stream.truncate(self._size)  # half a line is none
                raise _cannot(self.path, error) from error
            self._head, self._size = digest, self._size + len(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


def _line(content: dict[str, Any], before: str) -> tuple[bytes, str]:
    """A line and its digest, which is taken over everything else in it."""
    digest = _digest(content, before)
    return json.dumps({"before": before, "digest": digest, **content}).encode() + b"\n", digest


def _digest(content: dict[str, Any], before: str) -> str:
    return hashlib.sha256(json.dumps({"before": before, **content}, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Chain:
    """A ledger as it lies on the disk.

    :param entries: those of whole lines whose digests are right, by submission.
    :param finished: the run came to its end.
    :param broken: 1-based line from which on nothing can be believed; None when every line is.
    :param head: digest of the last good line; ``size`` is how many bytes of the file are good.
    """

    entries: dict[str, Entry]
    finished: bool
    broken: int | None
    head: str
    size: int


def read_chain(path: Path) -> Chain:
    """Read a ledger without locking or changing it.

    :raises OSError: it cannot be read.
    """
    entries: dict[str, Entry] = {}
    finished, head, size, broken = False, _FIRST, 0, None
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
        try:
            content = json.loads(line)
            before, digest = content.pop("before"), content.pop("digest")
            if not line.endswith(b"\n") or finished or before != head or digest != _digest(content, before):
                raise ValueError("not the next line of this chain")
            if "finished" in content:
                finished = True
            else:
                entry = Entry.model_validate(content["entry"])
                entries[entry.result.id] = entry
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
            broken = number
            break
        head, size = digest, size + len(line)
    return Chain(entries, finished, broken, head, size)


def _read(path: Path) -> tuple[dict[str, Entry], str, int]:
    """The entries of an unfinished run, the digest of the last line, and how many bytes of the file are good.

    A finished run leaves nothing to resume: its file is started over.
    """
    chain = read_chain(path)
    return ({}, _FIRST, 0) if chain.finished else (chain.entries, chain.head, chain.size)


def _cannot(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The run's ledger {path} cannot be written: {error.strerror}.",
        next_step="Free some space, or write to another directory; what is in it already is kept.",
    )
