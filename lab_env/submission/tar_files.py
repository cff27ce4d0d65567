"""Read a .tar or .tar.gz member by member in linear time, under bounds of our own.

Python's own reader searches the extended headers of a pax archive with regular expressions: before 3.11.10 and 3.12.6 one
header of a few megabytes, which packs into a kilobyte, takes it hours (CVE-2024-6232), and their number has no bound. Here
only the 512 bytes of a member's plain header go through the standard library; extended headers are short, few, and read by
what POSIX says of them: records ``<length> <keyword>=<value>\\n`` (pax, "Extended Header").
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = tarfile.BLOCKSIZE
MAX_EXTENDED_BYTES = 64 << 10
"""Of one extended header; what packs a module writes a few hundred bytes."""
MAX_EXTENDED_BYTES_TOGETHER = 4 << 20
"""Of all extended headers of an archive."""
_LONGEST_DECIMAL = 8

_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_EXTENDED = (*_PAX, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)


@dataclass(frozen=True)
class Member:
    """One member.

    :param kind: ``file``, ``directory``, ``link`` (symbolic or hard) or ``other`` (a device, a pipe, a sparse file …).
    :param size: bytes of its content.
    """

    name: str
    kind: str
    size: int


class Stream:
    """An archive's bytes, decompressed as they are asked for, up to a bound."""

    def __init__(self, raw: io.BufferedReader, most: int) -> None:
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        self._inner: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=raw) if packed else raw
        self._left = most

    def read(self, size: int) -> bytes:
        """Exactly so many bytes, or fewer at the end.

        :raises OverflowError: more than the bound came out.
        """
        parts = []
        while size > 0 and (piece := self._inner.read(min(size, 1 << 20))):
            self._left -= len(piece)
            if self._left < 0:
                raise OverflowError
            parts.append(piece)
            size -= len(piece)
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Pass over so many bytes, which have to be decompressed all the same."""
        while size > 0:
            piece = self.read(min(size, 1 << 20))
            if not piece:
                raise tarfile.ReadError("unexpected end of data")
            size -= len(piece)


class Content:
    """A member's bytes, of which as many are taken as are wanted; the rest is passed over."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self._left, self._padding = size, -size % BLOCK

    def read(self, limit: int) -> bytes:
        """At most so many bytes.

        :raises tarfile.ReadError: the archive ends before them.
        """
        wanted = min(limit, self._left)
        data = self._stream.read(wanted)
        if len(data) < wanted:
            raise tarfile.ReadError("unexpected end of data")
        self._left -= wanted
        return data

    def finish(self) -> None:
        self._stream.skip(self._left + self._padding)


def members(stream: Stream) -> Iterator[tuple[Member, Content]]:
    """Every member but extended headers, in order. A content is to be read before the next member is asked for.

    :raises tarfile.TarError: the bytes are no tar archive, or are cut off.
    :raises OverflowError: more than the stream's bound came out.
    """
    left = MAX_EXTENDED_BYTES_TOGETHER
    path: str | None = None
    size: int | None = None
    sparse = False
    block = stream.read(BLOCK)
    if not block:
        raise tarfile.ReadError("it is empty")
    while block and block.count(0) != len(block):
        header = _header(block)
        if header.type in _EXTENDED:
            left -= BLOCK + header.size
            if left < 0 or not 0 <= header.size <= MAX_EXTENDED_BYTES:
                raise tarfile.ReadError("its extended headers are too long")
            content = Content(stream, header.size)
            data = content.read(header.size)
            content.finish()
            if header.type == tarfile.GNUTYPE_LONGNAME:
                path = data.rstrip(b"\0").decode("utf-8", "surrogateescape")
            elif header.type in _PAX:
                records = _records(data)
                path = records.get("path", path)
                size = _number(records["size"]) if "size" in records else size
                sparse = any(keyword.startswith("GNU.sparse") for keyword in records)
            elif header.type == tarfile.XGLTYPE and not {"path", "size", "linkpath"}.isdisjoint(_records(data)):
                raise tarfile.ReadError("a global header names a file")
        else:
            member = Member(
                header.name if path is None else path.rstrip("/"),
                "other" if sparse else _kind(header),
                header.size if size is None else size,
            )
            path, size, sparse = None, None, False
            if member.size < 0:
                raise tarfile.ReadError("a member has a negative size")
            # A link's or directory's size is not followed by any content.
            content = Content(stream, member.size if member.kind in ("file", "other") else 0)
            yield member, content
            content.finish()
        block = stream.read(BLOCK)


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.TarError as error:
        raise tarfile.ReadError(f"a header is damaged: {error}") from None


def _kind(header: tarfile.TarInfo) -> str:
    if header.type in _FILES:
        return "file"
    if header.type == tarfile.DIRTYPE:
        return "directory"
    return "link" if header.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else "other"


def _records(content: bytes) -> dict[str, str]:
    """The records of a pax header.

    :raises tarfile.ReadError: they are not as POSIX has them.
    """
    found = {}
    position = 0
    while position < len(content) and content[position] != 0:
        space = content.find(b" ", position, position + _LONGEST_DECIMAL)
        length = _number(content[position:space].decode("ascii", "replace")) if space > position else 0
        record = content[space + 1 : position + length]
        keyword, mark, value = record.partition(b"=")
        if not record.endswith(b"\n") or not mark or position + length > len(content):
            raise tarfile.ReadError("an extended header is damaged")
        found[keyword.decode("utf-8", "surrogateescape")] = value[:-1].decode("utf-8", "surrogateescape")
        position += length
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 2 * _LONGEST_DECIMAL:
        raise tarfile.ReadError("an extended header is damaged")
    return int(text)
