"""The directories that Canvas's and Moodle's bulk downloads unpack to, read as classes.

Canvas puts all files of all students into one directory and names each
``<name>[_LATE]_<user>_<attachment>_<file>``: the sortable name in lower case without anything but letters and digits, the
student's number, the upload's number. With anonymous grading the first parts are ``[LATE_]anon_<letters>``; a text entry ends in
``_text.html`` or ``_link.html`` (Canvas LMS, ``lib/content_zipper.rb``). A file that was handed in again under the same
name is renamed by Canvas: ``main.tf``, ``main-1.tf``, ``main-2.tf``.

Moodle makes a directory a participant, ``<full name>_<number>_assignsubmission_file_`` (some versions without the last
underscore; underscores in the name are spaces), or, with "Download submissions in folders" off, puts all files into one
directory with that as their prefix (Moodle, ``mod/assign/classes/downloader.php``).

A submission that is several loose files is named by the path of the first: whoever has the path finds the others.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lab_env.errors import LabError
from lab_env.processes import shared_workers
from lab_env.submission.archives import is_archive
from lab_env.submission.directory import open_regular
from lab_env.submission.limits import SKIPPED_DIRS, skipped
from lab_env.submission.model import MODULE_DIR

_CANVAS = re.compile(
    # No platform leaves an underscore in a name, so where the learner's own words begin is never in doubt.
    r"(?:(?P<name>[^\s/\\.,\-_]+)_(?:(?P<late>LATE|late)_)?(?P<user>\d+)|(?:(?P<anonymous_late>LATE|late)_)?(?P<anonymous>anon_[A-Za-z0-9]+))"
    r"_(?:(?P<number>\d+)_(?P<file>.+)|(?P<entry>text\.html|link\.html))",
    re.DOTALL,
)
_MOODLE_FILE = re.compile(r"(?P<who>[^_]+(?:_\d+)?)_assignsubmission_(?:file|onlinetext)_(?P<file>.+)", re.DOTALL)
_MOODLE_DIRECTORY = re.compile(r"(?P<who>[^_]+(?:_\d+)?)_assignsubmission_(?P<kind>[a-z]+)_?", re.DOTALL)
_SEVERAL = 2
_DEEPEST = 4
"""Directories in each other that are looked through for the one thing in them."""


@dataclass(frozen=True)
class LooseFile:
    """One file of a bulk download.

    :param name: the file's name as the learner handed it in, but for a number that Canvas added.
    :param number: the upload's number, which grows with time; 0 where the platform gives none.
    """

    path: Path
    name: str
    number: int = 0
    late: bool = False


@dataclass(frozen=True)
class Handed:
    """What one student has in a bulk download.

    :param id: Canvas's ``<name>_<user>`` or ``anon_<letters>``, Moodle's ``<full name>_<number>``.
    :param files: in the order of their names; never empty.
    """

    id: str
    files: tuple[LooseFile, ...]

    @property
    def path(self) -> Path:
        """The path that stands for all of them."""
        return self.files[0].path

    @property
    def late(self) -> bool:
        """Whether the newest upload carries Canvas's LATE."""
        return max(self.files, key=lambda file: file.number).late


def bulk_download(directory: Path) -> tuple[Handed, ...]:
    """The students of a directory of loose files, in path order; nothing when it is no bulk download.

    An ordinary module must never be taken for a class, so every file that a learner could have handed in has to be named
    as the platform names it, and the numbers have to fit together. Where they are several students', an archive may lie beside
    them that somebody has sent otherwise.
    """
    return _students(_loose(directory))


def students_beside(directory: Path) -> tuple[Handed, ...]:
    """The students of a directory that would be a bulk download, were it not for files in it that no platform has named."""
    return _students([file for file in _loose(directory) if is_a_platforms(file.name)])


def is_a_platforms(name: str) -> bool:
    """Whether a file is named as Canvas or Moodle names what somebody handed in."""
    return _CANVAS.fullmatch(name) is not None or _MOODLE_FILE.fullmatch(name) is not None


def _loose(directory: Path) -> list[Path]:
    """The files of a directory; none where it is a module's, with other modules in it."""
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:
        return []
    files = []
    for entry in entries:
        if entry.name.startswith(".") or entry.name in SKIPPED_DIRS or skipped(entry.name):
            continue
        if not entry.is_dir(follow_symlinks=False):
            files.append(Path(entry.path))
        elif entry.name == MODULE_DIR.partition("/")[0]:
            return []
    return files


def loose_files(path: Path) -> Handed | None:
    """All that the student handed in whose file ``path`` is; None when it does not lie in a bulk download of loose files."""
    if _MOODLE_FILE.fullmatch(path.name) is None and _CANVAS.fullmatch(path.name) is None:
        return None
    try:
        students = _listed(path.parent, path.parent.stat().st_mtime_ns)
    except OSError:
        return None
    return next((one for one in students if any(file.path.name == path.name for file in one.files)), None)


@lru_cache(maxsize=8)
def _listed(directory: Path, changed: int) -> tuple[Handed, ...]:
    """A class is listed once, not once a student; ``changed`` makes a changed directory be listed again."""
    return bulk_download(directory)


def holds_a_class(path: Path) -> bool:
    """Whether a .zip is a whole bulk download, as the platform hands it out."""
    if path.suffix.lower() != ".zip":
        return False
    try:
        # Whose archive it is, nobody knows yet: a directory of a million entries is read in a worker.
        return shared_workers().call(_holds_a_class, os.fsencode(path.absolute())) == _YES
    except LabError:
        return False  # whoever reads it says what is wrong with it


_YES = b"yes"


def _holds_a_class(payload: bytes) -> bytes:
    try:
        path = Path(os.fsdecode(payload))
        with open_regular(path, shown=path.name) as raw, zipfile.ZipFile(raw) as archive:
            written = [name.replace("\\", "/") for name in archive.namelist()]
            names = [name for name in written if not name.endswith("/") and not skipped(name)]
    except (OSError, zipfile.BadZipFile, ValueError):
        return b""
    return _YES if _is_bulk_download(names) else b""


def _is_bulk_download(names: Sequence[str]) -> bool:
    directories = {name.partition("/")[0] for name in names if "/" in name}
    if any(_MOODLE_DIRECTORY.fullmatch(name) for name in directories):
        return True
    return not directories and bool(_students([Path(name) for name in names]))


def canvas_student(name: str) -> str | None:
    """The id in a name that Canvas made: ``okaforamara_12345``."""
    match = _CANVAS.fullmatch(name)
    return None if match is None else _canvas_id(match)


def canvas_file(name: str) -> tuple[str, str] | None:
    """A name that Canvas made, before and behind the upload's number: ``okaforamara_12345_678_`` and ``main.tf``."""
    match = _CANVAS.fullmatch(name)
    return None if match is None or not match["number"] else (name[: match.start("file")], match["file"])


def moodle_participant(name: str) -> tuple[str, str] | None:
    """``<full name>_<number>`` and the kind (``file``, ``onlinetext`` …) of a directory that Moodle made."""
    found = _MOODLE_DIRECTORY.fullmatch(name)
    return (found["who"], found["kind"]) if found else None


def inner_submission(directory: Path) -> Path:
    """Where the module is in somebody's directory: the one archive or directory in it, however deep, else the directory itself."""
    for _ in range(_DEEPEST):
        inner = _one_inside(directory)
        if inner == directory or not inner.is_dir():
            return inner
        directory = inner
    return directory


def _one_inside(directory: Path) -> Path:
    try:
        inside = [
            e
            for e in sorted(directory.iterdir())
            if not e.name.startswith(".") and e.name not in SKIPPED_DIRS and not skipped(e.name)
        ]
    except OSError:
        return directory
    if (directory / MODULE_DIR).is_dir() or any(_handed_in(e.name) and not is_archive(e) for e in inside):
        return directory
    archives = [e for e in inside if is_archive(e) and e.is_file() and not e.is_symlink()]
    if len(archives) == 1:
        return archives[0]
    directories = [e for e in inside if e.is_dir() and not e.is_symlink()]
    return directories[0] if not archives and len(directories) == 1 and len(inside) == 1 else directory


def _students(files: Sequence[Path]) -> tuple[Handed, ...]:
    return _canvas(files) or _moodle(files)


def _canvas(files: Sequence[Path]) -> tuple[Handed, ...]:
    names: dict[str, str] = {}
    numbers: set[int] = set()
    students: dict[str, list[LooseFile]] = {}
    strangers = False
    for path in files:
        match = _CANVAS.fullmatch(path.name)
        if match is None:
            if _handed_in(path.name) and not is_archive(path):
                return ()
            strangers = strangers or is_archive(path)
            continue
        id_ = _canvas_id(match)
        number = int(match["number"] or 0)
        if match["number"] and (number in numbers or number == 0):
            return ()  # Canvas numbers uploads from 1 on, each once
        if names.setdefault(match["user"] or id_, id_) != id_:
            return ()  # and a student has one name
        numbers.add(number)
        late = bool(match["late"] or match["anonymous_late"])
        students.setdefault(id_, []).append(LooseFile(path, match["file"] or match["entry"], number, late))
    return _handed(students, strangers=strangers)


def _moodle(files: Sequence[Path]) -> tuple[Handed, ...]:
    students: dict[str, list[LooseFile]] = {}
    strangers = False
    for path in files:
        match = _MOODLE_FILE.fullmatch(path.name)
        if match is not None:
            students.setdefault(match["who"], []).append(LooseFile(path, match["file"]))
        elif is_archive(path):
            strangers = True
        elif _handed_in(path.name):
            return ()
    return _handed(students, strangers=strangers)


def _handed(students: dict[str, list[LooseFile]], *, strangers: bool) -> tuple[Handed, ...]:
    if strangers and len(students) < _SEVERAL:
        return ()
    made = (Handed(id_, tuple(sorted(own, key=lambda file: file.path.name))) for id_, own in students.items())
    return tuple(sorted(made, key=lambda one: one.path.name))


def _handed_in(name: str) -> bool:
    return name.endswith((".tf", ".tf.json", ".ipynb")) or is_archive(Path(name))


def _canvas_id(match: re.Match[str]) -> str:
    return match["anonymous"] or f"{match['name']}_{match['user']}"
