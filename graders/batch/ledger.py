"""The ledger of a run: a line for each submission as it gets its verdict, on the disk before the next one is begun.

A run that was cut off, by whatever, is resumed by the same command: what its ledger holds is not graded again. Each line
carries the digest of the one before it and its own, so that a line that was changed, lost or put in afterwards shows.

The ledger of a run that came to its end is the proof of its results, which lie beside it until the next run has come to its
end as well. So the next one writes a file of its own, ``….ledger.new``, which takes that place only then.
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
from lab_env.files import PRIVATE

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

    :param path: where it is when the run has come to its end.
    """

    def __init__(self, path: Path) -> None:
        """:raises UsageError: the file cannot be written, or another run is writing it."""
        self.path = path
        self._lock = threading.Lock()
        self._held: set[str] = set()
        self.writing, self._stream, chain = _opened(path)
        """The file that is written until then, and locked; the path itself where no finished run's is there."""
        self._entries, self._head, self._size = chain.entries, chain.head, chain.size

    @property
    def holds(self) -> int:
        """How many submissions' verdicts are in it that count for this run."""
        return len(self._held)

    def get(self, id: str, key: str) -> Entry | None:
        """The entry of a submission that was graded under the same circumstances by the run that is resumed."""
        found = self._entries.get(id)
        if found is None or found.key != key:
            return None
        self._held.add(id)
        return found

    def append(self, entry: Entry) -> None:
        """Write a line and wait until it is on the disk.

        :raises UsageError: the disk is full, or the file is gone.
        """
        self._write({"entry": entry.model_dump(mode="json")})
        self._held.add(entry.result.id)

    def finish(self) -> None:
        """Say that the run has come to its end: the next one starts over.

        :raises UsageError: see :meth:`append`.
        """
        self._write({"finished": True})
        try:
            self.writing = self.writing.replace(self.path)
        except OSError as error:
            raise _cannot(self.path, error) from error

    def close(self) -> None:
        """Let go of the file; an empty one is taken away."""
        if os.fstat(self._stream.fileno()).st_size == 0:
            self.writing.unlink(missing_ok=True)
        self._stream.close()

    def _write(self, content: dict[str, Any]) -> None:
        with self._lock:
            line, digest = _line(content, self._head)
            try:
                # A line that was cut off by whatever ended the last run is gone before the first new one, and not earlier: a
                # run that has nothing to say changes nothing.
                self._stream.truncate(self._size)
                written = 0
                while written < len(line):
                    written += self._stream.write(line[written:])
                os.fsync(self._stream.fileno())
            except OSError as error:
                with contextlib.suppress(OSError):
                    self._stream.truncate(self._size)  # half a line is none
                raise _cannot(self.writing, error) from error
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


def _opened(path: Path) -> tuple[Path, FileIO, Chain]:
    """The file that a run writes, locked, and what is in it already: the path's own, or the one beside that of a finished run.

    :raises UsageError: it cannot be written, or another run is writing it.
    """
    new = path.with_name(f"{path.name}.new")
    while True:
        for file in (path, new):
            stream = _locked(file)
            try:
                chain = read_chain(file) if _is_at(stream, file) else None
                if chain is not None and not chain.finished:
                    return file, stream, chain
                if chain is not None and file == new:
                    new.replace(path)  # that run has ended, and could not say so any more
            except OSError as error:
                stream.close()
                raise _cannot(file, error) from error
            stream.close()
            if chain is None:
                break  # another run has just put it away: look again


def _locked(file: Path) -> FileIO:
    """:raises UsageError: it cannot be written, or another run is writing it."""
    try:
        stream = FileIO(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE), "ab")
    except OSError as error:
        raise _cannot(file, error) from error
    try:
        # Not by filelock, which wants a file of its own: that would stay beside the instructor's results for good, since who
        # takes it away lets two runs in, and releases of it empty the file that they lock.
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise UsageError(
            f"Another run is writing {file}.", next_step="Wait until it has ended, or write to another file."
        ) from None
    except OSError as error:
        stream.close()
        raise _cannot(file, error) from error
    return stream


def _is_at(stream: FileIO, file: Path) -> bool:
    """Whether the open file still goes by that name."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), file.stat())
    except FileNotFoundError:
        return False


def _cannot(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The run's ledger {path} cannot be written: {error.strerror}.",
        next_step="Free some space, or write to another directory; what is in it already is kept.",
    )
