"""Read a .zip, .tar.gz or .tar entry by entry into memory: nothing is unpacked to disk, so nothing can escape to it."""

from __future__ import annotations

import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path

from lab_env.errors import SubmissionError
from lab_env.submission.limits import Collector, clean_path, size_text

MAX_ENTRIES = 5_000
MAX_ARCHIVE_BYTES = 32 << 20
MAX_UNPACKED_BYTES = 256 << 20
SUFFIXES = (".zip", ".tar.gz", ".tgz", ".tar")

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
    return path.name.lower().endswith(SUFFIXES)


def stem(path: Path) -> str:
    """The file's name without its archive suffix."""
    lower = path.name.lower()
    return next((path.name[: -len(s)] for s in SUFFIXES if lower.endswith(s) and len(lower) > len(s)), path.name)


def read_archive(path: Path) -> Collector:
    """All files of an archive under the limits; a single wrapping directory is taken off.

    :raises SubmissionError: not an archive, encrypted, a path that leaves it, or a limit.
    """
    collector = Collector()
    try:
        size = path.stat().st_size
        if size > MAX_ARCHIVE_BYTES:
            raise _refuse(path, f"is too large ({size_text(size)}; at most {size_text(MAX_ARCHIVE_BYTES)})")
        if path.name.lower().endswith(".zip"):
            _read_zip(path, collector)
        else:
            _read_tar(path, collector)
    except _BROKEN as error:
        raise _refuse(path, f"cannot be read as an archive ({_first_line(error)})") from None
    return _unwrap(collector)


def _refuse(path: Path, what: str) -> SubmissionError:
    return SubmissionError(f"{path.name} {what}.", next_step=_AGAIN)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _read_zip(path: Path, collector: Collector) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise _refuse(path, f"has {len(entries)} entries (at most {MAX_ENTRIES})")
        for entry in entries:
            mode = entry.external_attr >> 16
            name = clean_path(entry.filename.rstrip("/"), where=path.name)
            if entry.is_dir():
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


def _read_tar(path: Path, collector: Collector) -> None:
    with path.open("rb") as raw, _Counted(raw, path) as counted, tarfile.open(fileobj=counted, mode="r|") as archive:
        for index, entry in enumerate(archive):
            if index >= MAX_ENTRIES:
                raise _refuse(path, f"has more than {MAX_ENTRIES} entries")
            if entry.isdir():
                continue
            name = clean_path(entry.name, where=path.name)
            if entry.issym() or entry.islnk():
                collector.add_link(name)
                continue
            if not entry.isreg() or entry.sparse is not None:
                raise _refuse(path, f"holds {name}, which is no regular file")
            stream = archive.extractfile(entry)
            if stream is not None:
                collector.add(name, entry.size, stream.read)


class _Counted(io.RawIOBase):
    """A decompressed stream that stops past a bound: also entries that are passed over have to be decompressed."""

    def __init__(self, raw: io.BufferedReader, path: Path) -> None:
        super().__init__()
        import gzip

        self._inner = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
        self._path = path
        self._count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._inner.read(size)
        self._count += len(data)
        if self._count > MAX_UNPACKED_BYTES:
            raise _refuse(self._path, f"unpacks to more than {size_text(MAX_UNPACKED_BYTES)}")
        return data


def _unwrap(collector: Collector) -> Collector:
    """Take off one directory around everything (what packing a directory by its name makes), however deep."""
    while True:
        paths = [*collector.files, *collector.links]
        tops = {p.split("/", 1)[0] for p in paths}
        if len(tops) != 1 or any("/" not in p for p in paths):
            return collector
        top = f"{tops.pop()}/"
        if any(p.startswith("modules/secrets/") for p in paths):
            return collector
        collector.files = {p.removeprefix(top): data for p, data in collector.files.items()}
        collector.links = {p.removeprefix(top) for p in collector.links}
