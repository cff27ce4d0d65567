"""What a learner handed in, read as data: answers by the ids of their cells, and what is to be remarked.

No link is followed, no file but the assignment's notebooks is opened, no size is trusted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from graders.nbgrader import confined
from graders.nbgrader.kept import MAX_NOTEBOOK_BYTES, MAX_SECRET_BYTES, MAX_TIMESTAMP_BYTES, secret, too_large
from graders.nbgrader.release import Release
from graders.nbgrader.taken import Taken
from lab_env.errors import SubmissionError
from lab_env.processes import shared_workers
from lab_env.submission.directory import read_bytes

TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # noqa: S105 - a file's name


@dataclass(frozen=True)
class Handed:
    """One submission.

    :param taken: by the notebook's name.
    :param missing: the names of notebooks that are not there.
    :param links: the names of notebooks that are links or no files, which are not read.
    :param refusal: why the submission cannot be graded.
    :param mark: a digest of what was refused, so that the next attempt is known to be another one.
    :param timestamp: nbgrader's note of when it was handed in.
    """

    taken: Mapping[str, Taken]
    missing: frozenset[str]
    links: frozenset[str]
    refusal: SubmissionError | None
    mark: str = ""
    timestamp: bytes | None = None


def read_handed(directory: Path, release: Release) -> Handed:
    """Read ``submitted/<student>/<assignment>``; never raises for what is in it.

    :raises WorkerError: a notebook could not be read, by no fault of its own that is known.
    """
    if _is_link(directory) or _is_link(directory.parent):
        return Handed(
            {}, release.names, frozenset(), _refused("The submission is a link to another directory."), "link"
        )
    present = _names(directory)
    taken: dict[str, Taken] = {}
    links: set[str] = set()
    refusal = None
    total = hashlib.sha256()
    for notebook in release.notebooks:
        file = directory / f"{notebook.name}.ipynb"
        if file.name not in present:
            continue
        if not present[file.name]:
            links.add(notebook.name)
            continue
        try:
            data = _bytes(file)
            total.update(data)
            wanted = (answer.id for answer in notebook.answers)
            taken[notebook.name] = confined.answers(file.name, data, wanted, shared_workers())
        except SubmissionError as error:
            total.update(error.message.encode())
            refusal = refusal or error
    missing = release.names.difference(taken, links) if refusal is None else frozenset()
    if not taken and refusal is None:
        refusal = _refused("No notebook of this assignment was handed in.")
    return Handed(taken, frozenset(missing), frozenset(links), refusal, total.hexdigest(), _timestamp(directory))


def _bytes(file: Path) -> bytes:
    size = file.lstat().st_size
    data = read_bytes(file, MAX_NOTEBOOK_BYTES + 1, shown=file.name) if size <= MAX_NOTEBOOK_BYTES else b""
    if max(size, len(data)) > MAX_NOTEBOOK_BYTES:
        raise too_large(file.name, max(size, len(data)))
    return data


def _names(directory: Path) -> dict[str, bool]:
    """The names in a directory, and whether each is a regular file."""
    try:
        with os.scandir(directory) as entries:
            return {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except OSError:
        return {}


def read_secret(directory: Path) -> bytes | None:
    """By what the learner's feedback is found in the exchange; None when nothing came with the submission that can be it."""
    if _is_link(directory) or _is_link(directory.parent):
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


def _is_link(directory: Path) -> bool:
    return directory.is_symlink()


def _refused(what: str) -> SubmissionError:
    return SubmissionError(what, next_step="Hand in the notebooks of this assignment, as files.")
