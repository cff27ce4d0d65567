"""What a learner handed in, as the grader reads it, with the cells that are shown and nbgrader's note of when it came."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graders.nbgrader import confined
from graders.nbgrader.kept import MAX_SECRET_BYTES, MAX_TIMESTAMP_BYTES, secret
from graders.nbgrader.release import Release
from graders.nbgrader.taken import TakenCell
from lab_env.errors import SubmissionError
from lab_env.processes import shared_workers
from lab_env.submission import Submission
from lab_env.submission.directory import read_bytes
from lab_env.submission.limits import SECRET as SECRET
from lab_env.submission.limits import TIMESTAMP as TIMESTAMP


@dataclass(frozen=True)
class Handed:
    """One submission.

    :param submission: what is graded; None when it cannot be, and then ``refusal`` says why.
    :param cells: those that are read as files, and those that stand for an answer.
    :param notebooks: every notebook's path, and why it could not be read.
    :param digest: ``sha256:`` and 64 hexadecimal digits: the same for what is graded alike.
    :param timestamp: nbgrader's note of when it was handed in.
    """

    submission: Submission | None
    refusal: SubmissionError | None
    cells: tuple[TakenCell, ...] = ()
    notebooks: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    timestamp: bytes | None = None


def read_handed(directory: Path, release: Release) -> Handed:
    """Read ``submitted/<student>/<assignment>``; never raises for what is in it.

    :raises WorkerError: it could not be read, by no fault of its own that is known.
    """
    if directory.is_symlink() or directory.parent.is_symlink():
        return _refused("The submission is a link to another directory.")
    taken = confined.read(directory, directory.parent.name, release.slot_ids, shared_workers())
    if taken.submission is None and taken.refusal is None:
        return _refused("The submission could not be read.")
    digest = taken.digest or _digest_of(taken.refusal)
    return Handed(taken.submission, taken.refusal, taken.cells, taken.notebooks, digest, _timestamp(directory))


def read_secret(directory: Path) -> bytes | None:
    """By what the learner's feedback is found in the exchange; None when nothing came with the submission that can be it."""
    if directory.is_symlink() or directory.parent.is_symlink():
        return None
    try:
        return secret(read_bytes(directory / SECRET, MAX_SECRET_BYTES + 1, shown=SECRET))
    except SubmissionError:
        return None


def _timestamp(directory: Path) -> bytes | None:
    file = directory / TIMESTAMP
    try:
        return read_bytes(file, MAX_TIMESTAMP_BYTES, shown=TIMESTAMP) if file.is_file() else None
    except SubmissionError:
        return None


def _refused(what: str) -> Handed:
    refusal = SubmissionError(what, next_step="Hand in the notebooks of this assignment, as files.")
    return Handed(None, refusal, digest=_digest_of(refusal))


def _digest_of(refusal: SubmissionError | None) -> str:
    said = refusal.message if refusal is not None else ""
    return f"sha256:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()}"
