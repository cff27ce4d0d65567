"""``lab course collect --from``: a download into ``submitted/<student>/<assignment>/``, with the reader of `lab grade`.

Notebooks are taken, and written by us (:mod:`graders.nbgrader.kept`), and the module's own text files. Each learner is taken by
themselves: what cannot be read costs its own submission, what was collected of somebody before stays until the newer one is
whole, and whatever is replaced is told.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from graders.marking.people import Person
from graders.nbgrader import gradebook, kept
from graders.nbgrader.collecting import handed_in_as
from graders.nbgrader.collecting.handed_in_as import HandedInAs
from graders.nbgrader.collecting.notebook_names import is_text, named
from graders.nbgrader.collecting.swapping import replacing, require_directory, restore
from graders.nbgrader.marks import place_of
from graders.nbgrader.submitted import TIMESTAMP
from graders.nbgrader.timestamps import time_of
from lab_env.errors import LabError, SubmissionError
from lab_env.files import write_atomically
from lab_env.processes import shared_workers
from lab_env.submission.directory import read_bytes
from lab_env.submission.downloads import Download
from lab_env.submission.limits import MAX_NOTEBOOK_BYTES, Collector, clean_path, size_text
from lab_env.submission.load import collect
from lab_env.submission.model import SubmissionRef, is_a_link
from lab_env.text import counted, listed, one_line

_MODE = 0o644
_WORDS = 8
_MOST_BYTES = 16 << 20
"""Of a file that was collected before; a notebook as we write it is at most half as large."""
_TOO_LARGE = bytes(MAX_NOTEBOOK_BYTES + 1)
"""In the place of a notebook of the assignment's that is too large to be read: so that this is what the learner hears of it."""


@dataclass(frozen=True)
class Taken:
    """What collecting a download came to.

    :param students: who is in it, by the course's ids.
    :param told: what the instructor has to know, a sentence each.
    :param errors: what could not be collected by no fault of the submission.
    """

    students: tuple[str, ...]
    told: tuple[str, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """Where to.

    :param coursedir: nbgrader's.
    :param released: the names of the assignment's notebooks.
    :param due: when the assignment is due, UTC, where the gradebook says so.
    """

    coursedir: Any
    assignment: str
    released: frozenset[str]
    due: datetime | None

    def submitted(self, student: str) -> Path:
        """``submitted/<student>/<assignment>``."""
        return Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, self.assignment))

    @property
    def known(self) -> Path:
        """Where is kept what the platform calls everybody."""
        return known_as(self.coursedir, self.assignment)


def known_as(coursedir: Any, assignment: str) -> Path:
    """The file with what the platform calls everybody."""
    return place_of(Path(coursedir.root), assignment) / "handed-in-as.json"


def course(coursedir: Any, assignment: str) -> Course:
    """The course as it is."""
    from nbgrader.api import MissingEntry

    released = Path(coursedir.format_path(coursedir.release_directory, ".", assignment))
    due = None
    with gradebook.opened(coursedir) as book:
        try:
            due = book.find_assignment(assignment).duedate
        except MissingEntry:
            due = None
    return Course(coursedir, assignment, frozenset(path.name for path in released.glob("*.ipynb")), due)


def take(download: Download, to: Course, people: Mapping[str, Person]) -> Taken:
    """Collect everybody.

    :param people: who of the class list each is, by the download's ids; who is not in it keeps the download's id.
    """
    told = list(download.left_out)
    errors: list[str] = []
    known = handed_in_as.read(to.known)
    students: list[str] = []
    late: list[str] = []
    try:
        for ref in download.refs:
            person = people.get(ref.id)
            student = person.id if person is not None else ref.id
            if (odd := _odd(student, ref, students)) is not None:
                told.append(odd)
                continue
            handed = download.loose.get(ref.id)
            when = _utc(person.submitted) if person is not None else None
            if handed is not None and handed.late and when is None:
                late.append(student)
                when = to.due + timedelta(seconds=1) if to.due is not None else None
            try:
                told += _take_one(ref, student, to, when)
            except SubmissionError as error:
                told.append(_unreadable(student, error, to))
            except (LabError, OSError) as error:
                errors.append(f"{student} could not be collected: {one_line(str(error))}")
                continue
            students.append(student)
            files = tuple(file.path.name for file in handed.files) if handed else ()
            known[student] = HandedInAs(id=ref.id, files=files)
    finally:  # also of those who are here when the others were interrupted
        handed_in_as.write(to.known, known)
    return Taken(tuple(students), (*told, *_told_of_time(late, download, to, people)), tuple(errors))


def _odd(student: str, ref: SubmissionRef, taken: Sequence[str]) -> str | None:
    """Why a submission has no place in the course."""
    if not kept.is_student_id(student):
        return (
            f"Left out: {one_line(student)}: nobody may be called so in a course directory; name an id with --roster."
        )
    if student in taken:
        return f"Left out: {one_line(ref.id)}: it would be {student}'s second submission."
    return None


def _take_one(ref: SubmissionRef, student: str, to: Course, when: datetime | None) -> list[str]:
    """Collect one submission.

    :return: what is to be told of it.
    :raises SubmissionError: nothing of it can be read, by its own doing.
    """
    target = to.submitted(student)
    require_directory(target)
    restore(target)
    files, told = _read(ref, to)
    if when is not None:
        files[TIMESTAMP] = f"{when:%Y-%m-%d %H:%M:%S} UTC\n".encode()
    told = [f"{student}: {one_line(sentence)}" for sentence in told]
    before = _collected(target)
    if before == files:
        return told
    if before is not None:
        dated = time_of(before.get(TIMESTAMP, b""))
        if dated is not None and when is not None and dated > when:
            return [*told, f"{student}: what was collected before is dated later ({dated} UTC), so it stays."]
        if TIMESTAMP in before and TIMESTAMP not in files:
            told.append(f"{student}: what was collected before was dated; the download says no time.")
        told.append(f"{student}: what was collected before is replaced ({_difference(before, files)}).")
    with replacing(target) as new:
        for name, data in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            _write(new / name, data)
    return told


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, b"" if data is _TOO_LARGE else data, mode=_MODE)
    if data is _TOO_LARGE:
        os.truncate(path, len(data))  # zeros that take no place


def _read(ref: SubmissionRef, to: Course) -> tuple[dict[str, bytes], list[str]]:
    order = json.dumps({"id": ref.id, "path": str(ref.path.absolute()), "released": sorted(to.released)}).encode()
    answer = shared_workers().call(_handed_in, order)
    line, _, data = answer.partition(b"\n")
    found = json.loads(line)
    files = {}
    for name, size in found["files"]:
        clean_path(name, where="the submission")
        files[name], data = data[:size], data[size:]
    files |= dict.fromkeys(found["too_large"], _TOO_LARGE)
    return files, found["told"]


def _handed_in(payload: bytes) -> bytes:
    """In a worker: the files of one submission as they are kept, and what there is to tell."""
    order = json.loads(payload)
    collected, notes = collect(Path(order["path"]), id=order["id"])
    told = list(notes)
    released = frozenset(order["released"])
    found = named((*collected.files, *collected.oversized), released)
    files = {path: data for path, data in collected.files.items() if is_text(path)}
    too_large = []
    for name, path in found.items():
        try:
            if path in collected.oversized:
                raise collected.oversized[path]
            files[name] = kept.notebook(name, collected.files[path])
        except SubmissionError as error:
            told.append(error.message)
            # The learner is to hear that it cannot be read, and why, not that it was not handed in.
            if name in released and path in collected.oversized:
                too_large.append(name)
            elif name in released:
                files[name] = b""
    moved = [(path, name) for name, path in found.items() if path != name]
    if moved:
        path, name = moved[0]
        told.append(
            f"{path}{f' and {len(moved) - 1} more' if moved[1:] else ''}: taken as {name}{' …' if moved[1:] else '.'}"
        )
    told += _left_out(collected, frozenset(found.values()))
    if not files and not too_large:
        raise _nothing(collected)
    if not found:
        told.append(f"there is no notebook in it, only {counted(len(files), 'other file')}.")
    header = json.dumps(
        {"files": [(name, len(data)) for name, data in files.items()], "too_large": too_large, "told": told}
    )
    return header.encode() + b"\n" + b"".join(files.values())


def _left_out(collected: Collector, taken: frozenset[str]) -> list[str]:
    """What of a submission is not kept, and would be missed: a sentence each, of the first few of a kind."""
    notebooks = {*collected.files, *collected.oversized} - taken
    kinds = (
        [f"{path} is left out." for path in sorted(notebooks) if path.endswith(".ipynb")],
        [is_a_link(Path(path)).message for path in sorted(collected.links)],
        [
            f"{path} is left out ({size_text(size)})."
            for path, size in sorted(collected.unread.items())
            if is_text(path)
        ],
    )
    return [
        one
        for said in kinds
        for one in (*said[:_WORDS], *([f"{len(said) - _WORDS} more such files are left out."] if said[_WORDS:] else []))
    ]


def _nothing(collected: Collector) -> SubmissionError:
    """Why nothing of a submission is kept."""
    if collected.oversized:
        return collected.oversized[min(collected.oversized)]
    if collected.links:
        return is_a_link(Path(min(collected.links)))
    return SubmissionError("There is no notebook in it.", next_step="Hand in the notebooks.")


def _unreadable(student: str, error: SubmissionError, to: Course) -> str:
    """Leave somebody who handed in what cannot be read a submission without notebooks, which gets its 0 and the reason."""
    target = to.submitted(student)
    reason = f"{student}: {one_line(error.message)}"
    if _collected(target):
        return f"{reason} What was collected before stays."
    target.mkdir(parents=True, exist_ok=True)
    return f"{reason} It counts as handed in without a notebook."


def _collected(target: Path) -> dict[str, bytes] | None:
    """What was collected before; None when nothing was."""
    if not target.is_dir() or target.is_symlink():
        return None
    found = {}
    for path in sorted(target.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(target).as_posix()
            try:
                found[name] = read_bytes(path, _MOST_BYTES, shown=name)
            except SubmissionError:
                found[name] = b""
    return found


def _difference(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> str:
    changed = [name for name in now if name in before and before[name] != now[name]]
    words = (
        ("changed", changed),
        ("new", [n for n in now if n not in before]),
        ("gone", [n for n in before if n not in now]),
    )
    return "; ".join(f"{word}: {listed(names)}" for word, names in words if names)


def _utc(time: datetime | None) -> datetime | None:
    """As nbgrader has times: in UTC, and without saying so."""
    return None if time is None else time.astimezone(UTC).replace(tzinfo=None)


def _told_of_time(late: Sequence[str], download: Download, to: Course, people: Mapping[str, Person]) -> list[str]:
    """What the download does not say of when it was handed in."""
    if late and to.due is not None:
        return [
            f"Late by Canvas, which does not say by how much: {one_line(listed(late))}. Each is dated one second after the "
            "due date; a column `submitted` in the list of --roster says it better."
        ]
    if late:
        return [
            f"Late by Canvas: {one_line(listed(late))}. The course has no due date, so nothing is taken off: set one with "
            "`lab course release --due`, or write the times into a column `submitted` of the list of --roster."
        ]
    dated = any(person.submitted is not None for person in people.values())
    if to.due is not None and not download.loose and not dated:
        return [
            "The download holds no times, so nobody counts as late: a column `submitted` in the list of --roster says them."
        ]
    return []
