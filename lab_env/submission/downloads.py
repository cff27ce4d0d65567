"""A learning platform's download of a whole class, as the archive that it hands out or unpacked already.

An archive is unpacked into a temporary directory, so that the class is found as it is in any other
(:mod:`lab_env.submission.find`). What the learners called their files is theirs to choose: nothing is written outside, no link is
made, an entry that cannot be unpacked costs itself alone.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab_env.errors import LabError, SubmissionError, UsageError
from lab_env.submission.find import find_submissions
from lab_env.submission.layouts import Handed, bulk_download, moodle_participant
from lab_env.submission.limits import SKIPPED_DIRS, clean_path, size_text
from lab_env.submission.model import SubmissionRef
from lab_env.submission.names import systems_own
from lab_env.temporary import temporary_directory
from lab_env.text import one_line

MAX_ENTRIES = 100_000
MAX_FILE_BYTES = 64 << 20
MAX_BYTES = 8 << 30
"""Of a class's archive: a thousand learners with eight megabytes each."""
_PIECE = 1 << 20
_UTF8 = 0x800
_AGAIN = "Download it again, or unpack it and name the directory."


@dataclass(frozen=True)
class Download:
    """A class, on the disk while the context lasts.

    :param refs: the submissions, in path order.
    :param loose: what Canvas (or Moodle, without folders) calls the files of each, by the submission's id.
    :param left_out: what could not be unpacked, a sentence each.
    """

    root: Path
    refs: tuple[SubmissionRef, ...]
    loose: dict[str, Handed]
    left_out: tuple[str, ...] = ()


@contextmanager
def opened(path: Path) -> Iterator[Download]:
    """The class in a download.

    :param path: a .zip as the platform hands it out, or the directory that it was unpacked to.
    :raises UsageError: it is not there, it is no class, or no archive that can be read.
    """
    if path.is_dir():
        yield _found(path, ())
        return
    if not path.is_file():
        raise UsageError(
            f"{path} does not exist.", next_step="Name the platform's .zip, or the directory it unpacks to."
        )
    if path.suffix.lower() != ".zip":
        raise UsageError(f"{path} is no .zip.", next_step="Name the platform's .zip, or the directory it unpacks to.")
    with temporary_directory("download") as directory:
        left_out = _unpack(path, directory)
        yield _found(directory, left_out, shown=path)


def _found(root: Path, left_out: tuple[str, ...], *, shown: Path | None = None) -> Download:
    inside = _class(root)
    refs = find_submissions(inside)
    alone = len(refs) == 1 and refs[0].path == inside
    if not refs or (alone and moodle_participant(inside.name) is None):
        raise UsageError(
            f"{shown or root} holds no class: no file or directory in it is named as Canvas or Moodle names a learner's.",
            next_step="Name the platform's download of all submissions.",
        )
    return Download(inside, refs, {one.id: one for one in bulk_download(inside)}, left_out)


def _class(root: Path) -> Path:
    """The directory that holds the learners' entries: below one directory around everything."""
    while True:
        entries = [
            e
            for e in root.iterdir()
            if e.name not in SKIPPED_DIRS and not systems_own(e.name) and not e.name.startswith(".")
        ]
        alone = entries[0] if len(entries) == 1 else None
        if alone is None or alone.is_symlink() or not alone.is_dir() or moodle_participant(alone.name) is not None:
            return root
        refs = find_submissions(alone)
        if len(refs) == 1 and refs[0].path == alone:
            return root
        root = alone


def _unpack(path: Path, directory: Path) -> tuple[str, ...]:
    left_out = []
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise UsageError(f"{path} has {len(entries)} entries (at most {MAX_ENTRIES}).", next_step=_AGAIN)
            for entry in entries:
                try:
                    unpacked += _write(archive, entry, directory, MAX_BYTES - unpacked)
                except SubmissionError as error:
                    left_out.append(f"Left out: {one_line(_name(entry))}: {one_line(error.message)}")
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as an archive ({_reason(error)}).", next_step=_AGAIN) from error
    return tuple(left_out)


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, directory: Path, room: int) -> int:
    """Write one entry.

    :return: its bytes.
    :raises SubmissionError: it cannot be unpacked.
    """
    name = clean_path(_name(entry).rstrip("/"), where="the archive")
    if entry.is_dir():
        return 0
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise SubmissionError("it is a link or no regular file.")
    if entry.flag_bits & 0x1:
        raise SubmissionError("it is encrypted.")
    target = directory / name
    if any(part in SKIPPED_DIRS for part in target.relative_to(directory).parts) or systems_own(target.name):
        return 0
    most = min(MAX_FILE_BYTES, room)
    size = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as file:
            while piece := source.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise SubmissionError(f"it is larger than {size_text(most)}.")
                file.write(piece)
    except FileExistsError:
        raise SubmissionError("its name occurs twice.") from None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        target.unlink(missing_ok=True)
        raise SubmissionError(f"it cannot be unpacked ({_reason(error)}).") from None
    except LabError:
        target.unlink(missing_ok=True)
        raise
    return size


def _name(entry: zipfile.ZipInfo) -> str:
    """An entry's name; Canvas writes UTF-8 and does not say so, and then Python takes it for the code page of the first PC."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _reason(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
