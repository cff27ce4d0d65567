"""Read a .zip, .tar.gz or .tar entry by entry into memory: nothing is unpacked to disk, so nothing can escape to it."""

from __future__ import annotations

import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from lab_env.errors import SubmissionError
from lab_env.submission.directory import open_regular
from lab_env.submission.limits import MAX_ENTRIES, Collector, clean_path, size_text, skipped
from lab_env.submission.model import shown_name
from lab_env.submission.names import MODULE_DIR, is_archive_name, without_suffix
from lab_env.submission.tar_files import Stream, members

MAX_ARCHIVE_BYTES = 32 << 20
MAX_UNPACKED_BYTES = 256 << 20

_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)
_AGAIN = "Pack the directory again as .zip or .tar.gz."


def is_archive(path: Path) -> bool:
    """Whether a file's name is that of an archive that is read."""
    return is_archive_name(path.name)


def stem(path: Path) -> str:
    """The file's name without its archive suffix."""
    return without_suffix(path.name)


def read_archive(path: Path) -> Collector:
    """All files of an archive under the limits; a single wrapping directory is taken off.

    :raises SubmissionError: not an archive, encrypted, a path that leaves it, or a limit.
    """
    collector = Collector()
    try:
        with open_regular(path, shown=shown_name(path.name)) as raw:
            size = os.fstat(raw.fileno()).st_size
            if size > MAX_ARCHIVE_BYTES:
                raise _refuse(path, f"is too large ({size_text(size)}; at most {size_text(MAX_ARCHIVE_BYTES)})")
            if path.name.lower().endswith(".zip"):
                _read_zip(path, raw, collector)
            else:
                _read_tar(path, raw, collector)
    except _BROKEN as error:
        raise _refuse(path, f"cannot be read as an archive ({_first_line(error)})") from None
    return unwrapped(collector)


def _refuse(path: Path, what: str) -> SubmissionError:
    return SubmissionError(f"{shown_name(path.name)} {what}.", next_step=_AGAIN)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _read_zip(path: Path, raw: BinaryIO, collector: Collector) -> None:
    with zipfile.ZipFile(raw) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise _refuse(path, f"has {len(entries)} entries (at most {MAX_ENTRIES})")
        for entry in entries:
            mode = entry.external_attr >> 16
            # Archivers of Windows have written its separator, against the format's specification (APPNOTE.TXT 4.4.17.1).
            written = entry.filename.replace("\\", "/")
            if skipped(written):
                continue
            name = clean_path(written.rstrip("/"), where=shown_name(path.name))
            if written.endswith("/"):
                continue
            if stat.S_ISLNK(mode):
                collector.add_link(name)
                continue
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise _refuse(path, f"holds {name}, which is no regular file")
            if entry.flag_bits & 0x1:
                raise _refuse(path, "is encrypted")
            # The declared size is a claim; the collector reads at most its limit of what really comes out.
            collector.add(name, entry.file_size, lambda limit, entry=entry: _zip_bytes(archive, entry, limit))  # type: ignore[misc]


def _zip_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    with archive.open(entry) as stream:
        return stream.read(limit)


def _read_tar(path: Path, raw: io.BufferedReader, collector: Collector) -> None:
    try:
        for index, (member, content) in enumerate(members(Stream(raw, MAX_UNPACKED_BYTES))):
            if index >= MAX_ENTRIES:
                raise _refuse(path, f"has more than {MAX_ENTRIES} entries")
            if member.kind == "directory" or skipped(member.name):
                continue
            name = clean_path(member.name, where=shown_name(path.name))
            if member.kind == "link":
                collector.add_link(name)
            elif member.kind == "file":
                collector.add(name, member.size, content.read)
            else:
                raise _refuse(path, f"holds {name}, which is no regular file")
    except OverflowError:
        raise _refuse(path, f"unpacks to more than {size_text(MAX_UNPACKED_BYTES)}") from None


def unwrapped(collector: Collector) -> Collector:
    """Take off one directory around everything (what packing a directory by its name makes), however deep."""
    while True:
        paths = [*collector.files, *collector.links, *collector.unread, *collector.oversized]
        tops = {p.split("/", 1)[0] for p in paths}
        if len(tops) != 1 or any("/" not in p for p in paths):
            return collector
        top = f"{tops.pop()}/"
        if any(p.startswith(f"{MODULE_DIR}/") for p in paths):
            return collector
        collector.files = {p.removeprefix(top): data for p, data in collector.files.items()}
        collector.unread = {p.removeprefix(top): size for p, size in collector.unread.items()}
        collector.oversized = {p.removeprefix(top): why for p, why in collector.oversized.items()}
        collector.links = {p.removeprefix(top) for p in collector.links}
