"""What may stay of what a learner handed in: bytes and names in, ours out."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from graders.nbgrader import kept
from graders.nbgrader.timestamps import is_time
from lab_env.errors import SubmissionError
from lab_env.submission.limits import MAX_NOTEBOOK_BYTES
from solutions.hostile import libraries

CELL = {
    "cell_type": "code",
    "id": "a",
    "metadata": {},
    "source": "%%hcl main.tf\n",
    "outputs": [],
    "execution_count": None,
}


def notebook(**more: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL], **more}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_notebook_keeps_its_content(indent: int | None, mark: bytes) -> None:
    """Is a notebook the same one afterwards, whatever its form: cells, order, numbers, every character?"""
    given = notebook(
        big=10**30,
        small=1e-300,
        text="ä\u2028\U0001f600\0\x7f",
        nested=[None, True, {"z": 1, "a": 2}],
        cells=[CELL, {**CELL, "source": ["a\n", "b"]}, "no cell"],
    )
    written = kept.notebook("a.ipynb", mark + json.dumps(given, indent=indent).encode())
    assert json.loads(written) == given
    assert list(json.loads(written)) == list(given)


@pytest.mark.parametrize("source", ["\nopenssl_conf = start\n[start]\n", "\r\n#!/bin/sh\r\n", "\x0b\x0c\x1c"])
def test_it_is_one_line_of_ours(source: str) -> None:
    """Is there no line in the file that the learner wrote, so that no reader of lines finds a configuration in it?"""
    written = kept.notebook("a.ipynb", json.dumps(notebook(metadata={"x": source}), indent=1).encode())
    assert written.startswith(b'{"')
    assert written.endswith(b"}\n")
    assert not set(range(32)) & set(written[:-1])


def test_half_a_surrogate_pair() -> None:
    """Does a notebook with text that is no UTF-8 stay as it is in JSON?"""
    given = notebook(metadata={"x": "\ud800"})
    assert json.loads(kept.notebook("a.ipynb", json.dumps(given).encode())) == given


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"cells": {}}',
        b'{"cells": "x"}',
        b"\x7fELF",
        libraries.library(),
        libraries.library() + json.dumps(notebook()).encode(),
        json.dumps(notebook()).encode() + b"\0",
        json.dumps(notebook()).encode("utf-16"),
        b"#!/bin/sh\n",
        libraries.configuration("/x").encode(),
        b'{"cells": [' + b"[" * 100_000,
        b'{"cells": [' + b"[" * 50_000 + b"]" * 50_000 + b"]}",
        b'{"cells": [' + b"9" * 5_000 + b"]}",
    ],
    ids=range(17),
)
def test_what_is_no_notebook(data: bytes) -> None:
    """Is anything else refused by name, in words that quote nothing of it?"""
    with pytest.raises(SubmissionError, match=r"^a\.ipynb is (not a readable notebook|nested)") as said:
        kept.notebook("a.ipynb", data)
    assert "ELF" not in str(said.value)


def test_the_largest_notebook() -> None:
    """Is the limit the limit, for what is handed in and for what is written?"""
    room = MAX_NOTEBOOK_BYTES - len(json.dumps(notebook(metadata={"x": ""}))) - 1
    assert len(kept.notebook("a", json.dumps(notebook(metadata={"x": "x" * room})).encode())) == MAX_NOTEBOOK_BYTES
    for data in (json.dumps(notebook(metadata={"x": "x" * (room + 1)})), '{"cells": [' + "1e15," * 10**6 + "1]}"):
        with pytest.raises(SubmissionError, match=r"larger than 8\.0 MiB"):
            kept.notebook("a", data.encode())


@pytest.mark.parametrize(
    ("data", "written"),
    [
        (b"2026-11-20 10:00:00.123456 UTC", b"2026-11-20 10:00:00.123456 UTC\n"),
        (b"  2026-11-20 10:00:00 Europe/Berlin\n", b"2026-11-20 10:00:00 Europe/Berlin\n"),
        (b"2026-11-20T10:00:00+02:00", b"2026-11-20T10:00:00+02:00\n"),
        (b"2026-11-20 10:00", b"2026-11-20 10:00\n"),
    ],
)
def test_a_timestamp(data: bytes, written: bytes) -> None:
    """Is a time kept as it is?"""
    assert kept.timestamp(data) == written


NO_TIMES = [
    b"",
    b"soon",
    b"2026-99-20 10:00:00 UTC",
    b"2026-11-20 10:00:00 UTC\nopenssl_conf = x\n",
    b"2026-11-20 10:00:00 UTC" + b" " * 200,
    b"\x7fELF",
    "２０２６-11-20 10:00:00 UTC".encode(),
    b"2026-11-20 10:00:00 /etc/passwd",
    b"2026-11-20 10:00:00 ../../../etc/passwd",
    b"2026-11-20 10:00:00 :/etc/passwd",
    b"2026-11-20 10:00:00 a/../../../etc/passwd",
]


@pytest.mark.parametrize("data", NO_TIMES, ids=range(len(NO_TIMES)))
def test_no_timestamp(data: bytes) -> None:
    """Is what is no short line with a time in it refused?"""
    with pytest.raises(SubmissionError, match="no timestamp"):
        kept.timestamp(data)


def test_no_file_is_read_for_a_zone(tmp_path: Path) -> None:
    """Is a zone that names a file, which nbgrader would have read and fail over, no time?"""
    zone = tmp_path / "zone"
    zone.write_bytes(b"TZif" + b"\0" * 16 + struct.pack(">6l", 1, 1, 1, 1, 1, 1))
    for stamp in (f"2026-11-20 10:00:00 {zone}", f"2026-11-20 10:00:00 ../../../..{zone}"):
        assert not is_time(stamp.encode())


PLAIN = ("01-kms-key", "Untitled (1)", "ä ö", "日本", "a+b", "a.b@c.org", "o'neil", "a=b", "x" * 190)
ODD = (
    "",
    ".",
    "..",
    ".hidden",
    "-rf",
    "--x",
    "a*",
    "[ab]",
    "a?",
    "a/b",
    "a\\b",
    "a\nb",
    "\x1b[2J",
    "a\u202eb",
    "\udcff",
    " a",
    "x" * 300,
)


def test_names() -> None:
    """Are plain names taken, and those that are an option, a pattern, another place or nothing one sees, not?"""
    assert [name for name in PLAIN if not kept.is_notebook_name(f"{name}.ipynb")] == []
    assert [name for name in PLAIN if not kept.is_student_id(name)] == []
    assert [name for name in ODD if kept.is_student_id(name) or kept.is_notebook_name(f"{name}.ipynb")] == []
    assert not kept.is_student_id("ann,ben")
    assert not kept.is_notebook_name("a.ipynb\n")
    assert not kept.is_notebook_name("a.so")
