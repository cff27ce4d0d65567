"""nbgrader's collecting, without following a link: only what is used of a submission is taken over, and written by us."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from graders.nbgrading import confined, kept
from graders.nbgrading.submitted import TIMESTAMP
from graders.nbgrading.timestamps import is_time
from graders.report.text import one_line
from lab_env.errors import SubmissionError
from lab_env.processes import shared_workers
from lab_env.submission.directory import read_bytes

MAX_NOTEBOOKS = 100
_NOBODY = ""
_MODE = 0o644


class CollectNotebooks(ExchangeCollect):  # type: ignore[misc]
    """Takes notebooks and the timestamp, as regular files.

    What lies in the exchange's inbound directory belongs to learners. nbgrader copies what a link there points at, with the
    instructor's rights: somebody else's submission, or the course's solution; and whatever else is there, at a place in the course
    directory that the learner can guess. Here nothing of that stays that is no notebook (:mod:`graders.nbgrading.kept`).
    """

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        """Find the submissions; one whose directory is called as no submission can be stops nobody else's."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"] != _NOBODY]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        nobodys = {"username": _NOBODY, "filename": "", "timestamp": datetime.min}
        words = os.path.basename(path).rsplit("+", 3)  # noqa: PTH119 - as nbgrader itself takes it apart
        if len(words) > 2 and kept.is_student_id(words[0]) and is_time(os.fsencode(words[2])):
            record: dict[str, Any] = super()._path_to_record(path)
            return record
        self._leave_out(path, "its name is no student's, assignment's and time's")
        return nobodys

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submission; what is left out is named in the log, a sentence each."""
        target = Path(dest)
        target.mkdir(parents=True)
        try:
            with _opened(src) as directory:
                self._take(src, directory, target)
        except OSError as error:
            self._leave_out(src, f"it is a link or cannot be read ({error.strerror})")
        if self.coursedir.groupshared:
            self.set_perms(dest, fileperms=0o664, dirperms=0o2775)

    def _take(self, src: str, directory: int, target: Path) -> None:
        assigned = self._assigned()
        names = sorted(os.listdir(directory), key=os.fsencode)
        notebooks = [name for name in names if kept.is_notebook_name(name)]
        wanted = {TIMESTAMP, *assigned.intersection(notebooks), *notebooks[:MAX_NOTEBOOKS]}
        for name in names:
            place = os.path.join(src, name)  # noqa: PTH118 - the name is whatever a learner has given
            if name in wanted:
                self._keep(place, name, directory, target, assigned)
            elif not name.endswith(".ipynb"):
                self._leave_out(place, "it is no notebook")
            else:
                odd = not kept.is_notebook_name(name)
                self._leave_out(
                    place, "its name is an odd one" if odd else f"there are more than {MAX_NOTEBOOKS} notebooks"
                )

    def _keep(self, place: str, name: str, directory: int, target: Path, assigned: frozenset[str]) -> None:
        limit = kept.MAX_TIMESTAMP_BYTES if name == TIMESTAMP else kept.MAX_NOTEBOOK_BYTES
        data = None
        try:
            # One byte past the limit: what is too large is still seen to be so.
            data = read_bytes(Path(name), limit + 1, shown=name, directory=directory)
            _write(
                target / name,
                kept.timestamp(data) if name == TIMESTAMP else confined.notebook(name, data, shared_workers()),
            )
        except SubmissionError as error:
            self._leave_out(place, error.message)
            if data is not None and name in assigned:
                # The learner is to hear that the notebook cannot be read, not that it was not handed in.
                _write(target / name, b"", size=len(data) if len(data) > limit else 0)

    def _assigned(self) -> frozenset[str]:
        """The names of the assignment's own notebooks, as released."""
        released = self.coursedir.format_path(self.coursedir.release_directory, ".", self.coursedir.assignment_id)
        return frozenset(path.name for path in Path(released).glob("*.ipynb"))

    def _leave_out(self, place: str, why: str) -> None:
        # A learner's name may hold what steers a terminal.
        self.log.warning("Left out: %s: %s", one_line(place), one_line(why).rstrip("."))


@contextmanager
def _opened(directory: str) -> Iterator[int]:
    """A directory itself, whatever takes its place meanwhile; no link."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield handle
    finally:
        os.close(handle)


def _write(path: Path, data: bytes, *, size: int | None = None) -> None:
    """All of it or nothing, never executable, and through no link that is there already.

    :param size: the file's, when it is to be larger than its data: the rest is zeros that take no place.
    """
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        if size is not None:
            file.truncate(size)
        os.fchmod(handle, _MODE)
    part.replace(path)
