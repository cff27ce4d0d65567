"""A submission as bytes and back: a JSON header with names and lengths, then the files' bytes one after the other.

The format holds data only; reading it runs nothing, whatever the files hold. It lives as long as one message between processes of
the same version (:mod:`lab_env.submission.confined`, :mod:`graders.batch.backends.cluster.environment`), so it carries no number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from lab_env.submission.model import CellSpan, SourceFile, Submission

_MARK = b"secrets-lab submission\n"
_LENGTH_BYTES = 8


def pack(submission: Submission) -> bytes:
    """The same bytes for the same submission."""
    header = {
        "id": submission.id,
        "digest": submission.digest,
        "module_dir": submission.module_dir,
        "links": submission.links,
        "notes": submission.notes,
        "unread": submission.unread,
        "files": [_described(file) for file in submission.files],
        "ignored": [_described(file) for file in submission.ignored],
    }
    # A name that is no Unicode (a lone surrogate) is an escape in ASCII JSON, and comes back as it was.
    text = json.dumps(header, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")
    contents = (file.data for file in (*submission.files, *submission.ignored))
    return b"".join((_MARK, len(text).to_bytes(_LENGTH_BYTES, "big"), text, *contents))


def unpack(packed: bytes) -> Submission:
    """The submission that :func:`pack` was given.

    :raises ValueError: the bytes are no such thing, are cut off, or too many.
    """
    start = len(_MARK) + _LENGTH_BYTES
    if not packed.startswith(_MARK) or len(packed) < start:
        raise ValueError("these bytes are no packed submission")
    end = start + int.from_bytes(packed[len(_MARK) : start], "big")
    try:
        header = json.loads(packed[start:end])
        contents = _pieces(packed, end, [file["size"] for file in (*header["files"], *header["ignored"])])
        files = tuple(_file(described, next(contents)) for described in header["files"])
        ignored = tuple(_file(described, next(contents)) for described in header["ignored"])
        return Submission(
            id=header["id"],
            digest=header["digest"],
            files=files,
            module_dir=header["module_dir"],
            ignored=ignored,
            links=tuple(header["links"]),
            notes=tuple(header["notes"]),
            unread=tuple((path, size) for path, size in header["unread"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"a packed submission's header is damaged: {error}") from error


def _described(file: SourceFile) -> dict[str, Any]:
    return {"path": file.path, "size": len(file.data), "cells": [asdict(span) for span in file.cells]}


def _file(described: dict[str, Any], data: bytes) -> SourceFile:
    return SourceFile(described["path"], data, tuple(CellSpan(**span) for span in described["cells"]))


def _pieces(packed: bytes, start: int, sizes: list[int]) -> Iterator[bytes]:
    if start + sum(sizes) != len(packed) or any(size < 0 for size in sizes):
        raise ValueError("a packed submission's length is not what its header says")
    ends = [start + sum(sizes[: number + 1]) for number in range(len(sizes))]
    return (packed[end - size : end] for end, size in zip(ends, sizes, strict=True))
