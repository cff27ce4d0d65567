"""nbgrader's collecting, without following a link: only what is used of a submission is taken over, and written by us."""

from __future__ import annotations

import errno
import os
from collections import Counter
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc

from graders.nbgrader import confined, gradebook, kept
from graders.nbgrader.assignments import is_lesson
from graders.nbgrader.collecting import inbound, owners
from graders.nbgrader.collecting.inbound import Entry, GoneError
from graders.nbgrader.collecting.notebook_names import MAX_NOTEBOOKS
from graders.nbgrader.collecting.owners import Claim, Standing
from graders.nbgrader.collecting.swapping import replacing, require_directory, restore
from graders.nbgrader.submitted import SECRET, TIMESTAMP
from graders.nbgrader.timestamps import time_of
from lab_env.errors import LabError, SubmissionError
from lab_env.processes import shared_workers
from lab_env.submission.directory import open_regular, read_bytes
from lab_env.submission.limits import MAX_NOTEBOOK_BYTES
from lab_env.text import counted, one_line

MAX_DIRECTORIES = 20
"""Directories of a submission that are looked into: archives are often unpacked into one more than they hold."""
MAX_DEPTH = 5
MAX_TOLD = 20
"""Sentences on what was left out, for each submission, and for each name in the exchange."""
_NOBODY = ""
_MODE = 0o644
_LIMITS = {TIMESTAMP: kept.MAX_TIMESTAMP_BYTES, SECRET: kept.MAX_SECRET_BYTES}
# What is the file's own doing: a link, no right to read it, a socket. All else may be otherwise the next time.
_OF_THE_FILE = frozenset({errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENXIO, errno.EOPNOTSUPP})
_UNCHECKED = "where owners say nothing, set c.ExchangeCollect.check_owner = False"


class CollectNotebooks(ExchangeCollect):  # type: ignore[misc]
    """Takes notebooks, the timestamp and the secret by which feedback is found, as regular files, of whoever's they are.

    What lies in the exchange's inbound directory belongs to learners. nbgrader copies what a link there points at, with the
    instructor's rights: somebody else's submission, or the course's solution; and whatever else is there, at a place in the course
    directory that the learner can guess. Here nothing of that stays that is no notebook
    (:mod:`graders.nbgrader.kept`). nbgrader ends at the first submission that is not as it expects, takes one in
    another's name, and removes the earlier one before the new one is there; here each is collected by itself (``inbound``,
    ``owners``, ``swapping`` beside this module). Another assignment of the course is collected by nbgrader itself.
    """

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        """Find the newest submission of each: what is none, or somebody else's, is out before the newest is looked for."""
        self._told: Counter[str] = Counter()
        self._entries: dict[str, Entry] = {}
        self._standings: dict[str, Standing] = {}
        self._is_lesson = is_lesson(self.coursedir, self.coursedir.assignment_id)
        if not self._is_lesson:
            super().init_src()
            return
        self._look(os.path.join(self.root, self.coursedir.course_id, "inbound"))  # noqa: PTH118
        super().init_src()
        found = (record for record in self.src_records if record["username"] != _NOBODY)
        self.src_records = sorted(found, key=lambda record: str(record["username"]))
        self._tell_owners([self._entries[record["filename"]] for record in self.src_records])

    def _look(self, directory: str) -> None:
        try:
            entries = inbound.look(directory)
        except OSError:
            return  # nbgrader says what is missing
        judged = self._judged([entry.claim for entry in entries if entry.claim is not None])
        pattern = f"{self.coursedir.student_id or '*'}+{self.coursedir.assignment_id}+*"
        for entry in entries:
            if not fnmatchcase(entry.name, pattern):
                continue
            place = os.path.join(directory, entry.name)  # noqa: PTH118
            if entry.claim is None or entry.assignment != self.coursedir.assignment_id:
                self._leave_out(place, entry.odd or "its name is another assignment's", of=entry.student or _NOBODY)
            elif judged[entry.claim] is Standing.ANOTHERS:
                self._leave_out(place, _refusal(entry.claim), of=entry.student or _NOBODY)
            else:
                self._entries[entry.name] = entry
                self._standings[entry.name] = judged[entry.claim]
        for student, number in sorted(self._told.items()):
            self._tell_more(number, f"{directory}, of {student}" if student else directory)

    def _judged(self, claims: list[Claim]) -> dict[Claim, Standing]:
        if not self.check_owner:
            return dict.fromkeys(claims, Standing.UNPROVEN)
        owning = frozenset(claim.student for claim in claims if claim.is_own)
        with gradebook.opened(self.coursedir) as book:
            students = frozenset(student.id for student in book.students)
        trusted = frozenset({0, os.geteuid()})
        return {
            claim: owners.standing(claim, owning, students, trusted=trusted, has_account=owners.has_account)
            for claim in set(claims)
        }

    def _tell_owners(self, chosen: list[Entry]) -> None:
        """Say of whom it is not known whose they are; where all belong to one account, once."""
        if not self.check_owner:
            return
        claims = {entry.name: entry.claim for entry in chosen if entry.claim is not None}
        unproven = {name: claim for name, claim in claims.items() if not claim.is_own}
        accounts = {claim.uid: claim.shown_owner for claim in claims.values()}
        if len(unproven) > 1 and len(accounts) == 1:
            (owner,) = accounts.values()
            self.log.warning(
                "All %s are owned by %s, so that nobody can tell whose they are; %s.",
                counted(len(claims), "submission"),
                one_line(owner),
                _UNCHECKED,
            )
            return
        for name, claim in sorted(unproven.items()):
            self.log.warning(
                "%s claims to be submitted by %s but is owned by %s; it counts all the same: ask %s whether it is theirs, or %s.",
                one_line(os.path.join(self.inbound_path, name)),  # noqa: PTH118
                one_line(claim.student),
                one_line(claim.shown_owner),
                one_line(claim.student),
                _UNCHECKED,
            )

    def _path_to_record(self, path: str) -> dict[str, Any]:
        if not self._is_lesson:
            record: dict[str, Any] = super()._path_to_record(path)
            return record
        entry = self._entries.get(os.path.basename(path))  # noqa: PTH119 - the name is whatever somebody has given
        if entry is not None and entry.student is not None:
            return {"username": entry.student, "filename": entry.name, "timestamp": parse_utc(entry.time)}
        return {"username": _NOBODY, "filename": "", "timestamp": datetime.min}

    def copy_files(self) -> None:
        """Collect each by itself: one that cannot be is told, and what was collected of it before stays."""
        if not self._is_lesson:
            super().copy_files()
            return
        if not self.src_records:
            self.log.warning(
                "No submissions of '%s' for course '%s' to collect",
                self.coursedir.assignment_id,
                self.coursedir.course_id,
            )
        for record in self.src_records:
            place = os.path.join(self.inbound_path, record["filename"])  # noqa: PTH118
            try:
                self._collect(record, place)
            except GoneError as error:
                self._leave_out(place, str(error))
            except (OSError, LabError) as error:
                self.log.error("Not collected: %s: %s", one_line(place), one_line(str(error)))

    def _collect(self, record: dict[str, Any], place: str) -> None:
        student, assignment = record["username"], self.coursedir.assignment_id
        target = Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, assignment))
        require_directory(target)
        restore(target)
        if target.exists() and not self._is_wanted(record, target):
            return
        self.log.info("Collecting submission: %s %s", student, assignment)
        with (
            inbound.opened(self.inbound_path, self._entries[record["filename"]]) as directory,
            replacing(target) as new,
        ):
            self._told.clear()
            self._room, self._directories = MAX_NOTEBOOKS, MAX_DIRECTORIES
            self._take(place, directory, new, of=place)
            self._tell_more(self._told[place], place)
            if self.coursedir.groupshared:
                self.set_perms(str(new), fileperms=0o664, dirperms=0o2775)

    def _is_wanted(self, record: dict[str, Any], target: Path) -> bool:
        """Whether a submission is to take the place of what was collected before, as nbgrader has it."""
        before, now = _time_of(target), record["timestamp"]
        if (self.update and (before is None or now > before)) or (self.before_duedate and before != now):
            return True
        if before == now and not os.path.lexists(target / SECRET) and self._has_secret(record):
            return True  # collected before secrets were: with it, the same submission can get its feedback
        if before is not None and before > now and self._standings[record["filename"]] is Standing.OWN:
            self.log.warning(
                "%s is dated %s, after the last that %s handed in (%s); if it is somebody else's, take it away and collect again.",
                one_line(str(target)),
                f"{before} UTC",
                one_line(record["username"]),
                f"{now} UTC",
            )
        self.log.info("No newer submission to collect: %s", record["username"])
        return False

    def _has_secret(self, record: dict[str, Any]) -> bool:
        try:
            with inbound.opened(self.inbound_path, self._entries[record["filename"]]) as directory:
                kept.secret(_read(SECRET, kept.MAX_SECRET_BYTES + 1, directory))
        except (GoneError, SubmissionError):
            return False
        return True

    def _take(self, src: str, directory: int, target: Path, *, of: str, depth: int = 0) -> None:
        """Take the notebooks of a directory, and of those in it, which it keeps in their places.

        :param of: the submission that it belongs to.
        """
        assigned = self._assigned()
        try:
            names = sorted(os.listdir(directory), key=os.fsencode)
        except OSError as error:
            raise GoneError(f"it cannot be read ({error.strerror})") from None
        notebooks = [name for name in names if kept.is_notebook_name(name)]
        wanted = {*assigned.intersection(notebooks), *notebooks[: self._room]}
        self._room -= min(self._room, len(notebooks))
        if depth == 0:
            wanted |= {TIMESTAMP, SECRET}
        for name in names:
            place = os.path.join(src, name)  # noqa: PTH118 - the name is whatever a learner has given
            if name in wanted:
                self._keep(place, name, directory, target, assigned, of=of)
            elif self._took_deeper(place, name, directory, target, of=of, depth=depth):
                continue
            elif not name.endswith(".ipynb"):
                self._leave_out(place, "it is no notebook", of=of)
            else:
                odd = not kept.is_notebook_name(name)
                self._leave_out(
                    place, "its name is an odd one" if odd else f"there are more than {MAX_NOTEBOOKS} notebooks", of=of
                )

    def _took_deeper(self, place: str, name: str, directory: int, target: Path, *, of: str, depth: int) -> bool:
        """Whether this is a directory of the submission's, whose notebooks were taken."""
        if depth == MAX_DEPTH or not self._directories or not kept.is_directory_name(name):
            return False
        with inbound.below(directory, name) as inner:
            if inner is None:
                return False
            self._directories -= 1
            self._take(place, inner, target / name, of=of, depth=depth + 1)
        return True

    def _keep(self, place: str, name: str, directory: int, target: Path, assigned: frozenset[str], *, of: str) -> None:
        limit = _LIMITS.get(name, MAX_NOTEBOOK_BYTES)
        data = None
        try:
            # One byte past the limit: what is too large is still seen to be so.
            data = _read(name, limit + 1, directory)
            _write(target / name, _checked(name, data))
        except SubmissionError as error:
            self._leave_out(place, error.message, of=of)
            if data is not None and name in assigned:
                # The learner is to hear that the notebook cannot be read, not that it was not handed in.
                _write(target / name, b"", size=len(data) if len(data) > limit else 0)

    def _assigned(self) -> frozenset[str]:
        """The names of the assignment's own notebooks, as released."""
        released = self.coursedir.format_path(self.coursedir.release_directory, ".", self.coursedir.assignment_id)
        return frozenset(path.name for path in Path(released).glob("*.ipynb"))

    def _leave_out(self, place: str, why: str, *, of: str | None = None) -> None:
        """Say what is left out.

        :param of: by what sentences are counted, since there may be any number; left out for one that is always said.
        """
        if of is not None:
            self._told[of] += 1
            if self._told[of] > MAX_TOLD:
                return
        # A learner's name may hold what steers a terminal.
        self.log.warning("Left out: %s: %s", one_line(place), one_line(why).rstrip("."))

    def _tell_more(self, number: int, where: str) -> None:
        if number > MAX_TOLD:
            self.log.warning("Left out: %d more in %s", number - MAX_TOLD, one_line(where))


def _checked(name: str, data: bytes) -> bytes:
    """What is written of a file.

    :raises SubmissionError: it is not what its name says.
    """
    if name == TIMESTAMP:
        return kept.timestamp(data)
    return kept.secret(data) if name == SECRET else confined.notebook(name, data, shared_workers())


def _refusal(claim: Claim) -> str:
    return (
        f"it claims to be submitted by {claim.student} but is owned by {claim.shown_owner}, who is somebody else; "
        f"nothing of {claim.student}'s is replaced by it ({_UNCHECKED})"
    )


def _time_of(target: Path) -> datetime | None:
    """When a submission was handed in that was collected before; None when that cannot be read from it."""
    try:
        stamp = read_bytes(target / TIMESTAMP, kept.MAX_TIMESTAMP_BYTES + 1, shown=TIMESTAMP)
    except SubmissionError:
        return None
    return None if len(stamp) > kept.MAX_TIMESTAMP_BYTES else time_of(stamp)


def _read(name: str, limit: int, directory: int) -> bytes:
    """A file's first bytes.

    :raises SubmissionError: it is a link, no file, or may not be read.
    :raises GoneError: it cannot be read now, so that the submission would not be whole.
    """
    try:
        with open_regular(Path(name), shown=name, directory=directory) as stream:
            return stream.read(limit)
    except OSError as error:
        if error.errno not in _OF_THE_FILE:
            raise GoneError(f"its {name} cannot be read now ({error.strerror})") from None
        raise SubmissionError(
            f"{name} cannot be read ({error.strerror}).", next_step="Hand it in as a file.", path=name
        ) from None


def _write(path: Path, data: bytes, *, size: int | None = None) -> None:
    """All of it or nothing, never executable, and through no link that is there already.

    :param size: the file's, when it is to be larger than its data: the rest is zeros that take no place.
    """
    path.parent.mkdir(exist_ok=True, parents=True)
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        if size is not None:
            file.truncate(size)
        os.fchmod(handle, _MODE)
    part.replace(path)
