"""Notebooks as files: what of them is read, what is not, and what is said of it."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from lab_env.errors import SubmissionError
from lab_env.submission import load_submission
from lab_env.submission.limits import MAX_NOTEBOOK_BYTES, MAX_NOTEBOOKS_BYTES, Collector
from lab_env.submission.load import notebooks_in
from lab_env.submission.notebooks import read_cells, written_by

TEXT = 'password = "Harbour-Gate-7431!"'


def cell(kind: str, source: str, **nbgrader: Any) -> dict[str, Any]:
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    outputs = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": "one", "metadata": metadata, "source": source, **outputs}


def notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}).encode()


GOOD = notebook(cell("code", "%%hcl main.tf\nlocals {}"))


def hand_in(directory: Path, **notebooks: bytes) -> Path:
    directory.mkdir(exist_ok=True)
    for name, data in notebooks.items():
        (directory / f"{name}.ipynb").write_bytes(data)
    return directory


@pytest.mark.parametrize(
    ("source", "word", "body"),
    [
        ("%%hcl a.tf\nx", "a.tf", "x"),
        ("\n \t\n%%hcl a.tf\nx", "a.tf", "x"),
        ("  %%hcl a.tf\n  x\n    y\nz", "a.tf", "x\n  y\nz"),
        ("%%hcl\ta.tf", "a.tf", ""),
        ("%%hcl a.tf\r\nx\r\n", "a.tf", "x\r\n"),
        ("# no\n%%hcl a.tf", None, "%%hcl a.tf"),
        ("%%hcla a.tf\n", None, ""),
        ("%%hcl \n", None, ""),
        ("", None, ""),
    ],
)
def test_what_begins_a_cell_is_what_ipython_takes_for_it(source: str, word: str | None, body: str) -> None:
    """Is a cell a file where IPython would run the magic, empty lines and indentation before it included?"""
    assert written_by(source) == (word, body)


def test_long_cells_take_linear_time() -> None:
    """Is a cell of a million empty lines, or a deep indentation, read as quickly as any other of its size?"""
    assert written_by("\n" * 1_000_000 + "%%hcl a.tf\nx") == ("a.tf", "x")
    assert written_by(" " * 500_000 + "%%hcl a.tf\nx") == ("a.tf", "x")


@pytest.mark.parametrize(
    "data", [b"", b" \n", b"{", b"[]", b"[" * 200_000, b"\xff\x00", b'{"nbformat": 99, "cells": []}']
)
def test_a_notebook_that_cannot_be_read_stops_no_other(tmp_path: Path, data: bytes) -> None:
    """Does an unreadable notebook count as missing, with a sentence on what and what next, and the rest as if it were not there?"""
    submission = load_submission(hand_in(tmp_path / "s", good=GOOD, bad=data))
    assert [file.path for file in submission.files] == ["main.tf"]
    (note,) = submission.notes
    assert note.startswith("bad.ipynb is not a readable notebook")
    assert "it counts as missing" in note
    assert note.endswith("hand it in again.")
    with pytest.raises(SubmissionError, match=r"bad\.ipynb is not a readable notebook"):
        load_submission(hand_in(tmp_path / "alone", bad=data))


def test_large_notebooks(tmp_path: Path) -> None:
    """Is a notebook with pictures read, and is one past its limit, or past that of all together, told and left out?"""
    picture = cell("markdown", "![a](attachment:a.png)") | {"attachments": {"a.png": {"image/png": "A" * (3 << 20)}}}
    large = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"x": "x" * MAX_NOTEBOOK_BYTES}, "cells": []})
    submission = load_submission(
        hand_in(tmp_path / "s", good=notebook(cell("code", "%%hcl main.tf\nlocals {}"), picture), large=large.encode())
    )
    assert [file.path for file in submission.files] == ["main.tf"]
    assert submission.notes[0].startswith("large.ipynb is larger than 8.0 MiB")
    collector = Collector()
    size = MAX_NOTEBOOK_BYTES - 1
    number = MAX_NOTEBOOKS_BYTES // size + 1
    for index in range(number):
        collector.add(f"{index}.ipynb", size, lambda limit: GOOD + b" " * (min(size, limit) - len(GOOD)))
    assert len(collector.oversized) == 1
    assert sum(len(data) for data in collector.files.values()) <= MAX_NOTEBOOKS_BYTES


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (cell("markdown", "%%hcl main.tf\nx"), "it is a Markdown cell"),
        (cell("raw", "%%hcl main.tf\nx"), "it is a raw cell"),
        (cell("markdown", 'resource "a" "b" {\n}', solution=True), "it is a Markdown cell"),
        (cell("code", "# Mine.\n%%hcl main.tf\nx"), "%%hcl PATH is not its first line"),
        (cell("code", "%%hcl\nlocals {\n}"), "names no file"),
        (cell("code", 'resource "aws_kms_key" "a" {\n}'), "does not begin with %%hcl PATH"),
        (cell("code", 'x = """\nlocals {\n"""'), "does not begin with %%hcl PATH"),
        (cell("markdown", "Write `%%hcl main.tf` on top."), None),
        (cell("markdown", '```hcl\nresource "a" "b" {\n}\n```'), None),
        (cell("code", "print('%%hcl')"), None),
        (cell("code", "%terraform plan"), None),
        (cell("code", "if x:\n    output = {\n    }"), None),
    ],
)
def test_what_looks_as_if_it_were_handed_in(tmp_path: Path, made: dict[str, Any], words: str | None) -> None:
    """Is each cell that somebody may take for a file, and that is none, named with its notebook, and nothing else?"""
    good = cell("code", "%%hcl other.tf\nlocals {}")
    submission = load_submission(hand_in(tmp_path / "s", one=notebook(good, made)))
    if words is None:
        assert submission.notes == ()
    else:
        (note,) = submission.notes
        assert note.startswith("Cell 2 of one.ipynb is not read: ")
        assert words in note


def test_sentences_have_a_number(tmp_path: Path) -> None:
    """Are a thousand such cells a few sentences and how many more?"""
    wrong = [cell("raw", "%%hcl main.tf\nx")] * 1_000
    submission = load_submission(hand_in(tmp_path / "s", good=GOOD, bad=notebook(*wrong)))
    assert len(submission.notes) == 11
    assert submission.notes[-1] == "990 more cells or notebooks are not read."


def _released(text: str, kind: str = "markdown") -> dict[str, Any]:
    """A lesson's own cell as nbgrader releases it, with its sum."""
    words = "".join((text, kind, "False", "False", "True", "prose"))
    total = hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()
    return cell(kind, text, grade=False, solution=False, locked=True, grade_id="prose", checksum=total)


def test_the_lessons_own_prose_is_nobodys(tmp_path: Path) -> None:
    """Is a cell that is as nbgrader released it left out of the leak scan, and one that was changed since not?"""
    given = _released(TEXT)
    changed = _released("Prose.") | {"source": TEXT}
    for name, one, expected in (
        ("given", given, False),
        ("changed", changed, True),
        ("own", cell("markdown", TEXT), True),
    ):
        submission = load_submission(
            hand_in(tmp_path / name, a=notebook(cell("code", "%%hcl main.tf\nlocals {}"), one))
        )
        (rest,) = submission.ignored
        assert (TEXT in rest.text) is expected


def test_sums_are_nbgraders(tmp_path: Path) -> None:
    """Is the sum by which a lesson's own cell is known the one that nbgrader writes?"""
    from nbformat.v4 import new_code_cell, new_markdown_cell
    from nbgrader.utils import compute_checksum

    for made in (new_markdown_cell("Prose, ü."), new_code_cell("print(1)")):
        made.metadata["nbgrader"] = {
            "grade": False,
            "solution": False,
            "locked": True,
            "grade_id": "prose",
            "task": False,
        }
        made.metadata.nbgrader["checksum"] = compute_checksum(made)
        (found,) = read_cells("a.ipynb", notebook(json.loads(json.dumps(made))))
        assert found.given


def test_nbgraders_own_files_are_nobodys(tmp_path: Path) -> None:
    """Is what nbgrader puts beside a submission neither looked through nor part of its digest?"""
    one, other = hand_in(tmp_path / "one", a=GOOD), hand_in(tmp_path / "other", a=GOOD)
    (other / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    (other / "submission_secret.txt").write_text("9d3b8d6a0f" * 4)
    assert load_submission(one).digest == load_submission(other).digest
    assert [file.path for file in load_submission(other).ignored] == ["a.ipynb"]


def test_odd_notebooks_make_no_noise(tmp_path: Path) -> None:
    """Are notebooks with one id for all cells, or with fields that the format does not know, read without a warning?"""
    twice = notebook(*[cell("code", f"%%hcl {name}.tf\nlocals {{}}") | {"more": 1} for name in "ab"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        submission = load_submission(hand_in(tmp_path / "s", a=twice))
    assert [file.path for file in submission.files] == ["a.tf", "b.tf"]
    assert submission.notes == ()


def test_an_empty_cell_beside_its_file(tmp_path: Path) -> None:
    """Is a cell that writes an empty file one that counts before the file that it wrote earlier?"""
    directory = hand_in(tmp_path / "s", a=notebook(cell("code", "%%hcl main.tf\n")))
    (directory / "main.tf").write_text("locals {}\n")
    submission = load_submission(directory)
    assert submission.files[0].text == ""
    assert "main.tf differs" in submission.notes[0]


def test_what_is_read_of_each_cell() -> None:
    """Does a notebook that cannot be read leave the others' cells as they are, by the notebook's path?"""
    collector = Collector()
    for name, data in (("b.ipynb", GOOD), ("a/c.ipynb", b"")):
        collector.add(name, len(data), lambda limit, data=data: data[:limit])  # type: ignore[misc]
    found = notebooks_in(collector)
    assert list(found.cells) == ["b.ipynb"]
    assert list(found.unreadable) == ["a/c.ipynb"]
    assert [cell.word for cell in found.cells["b.ipynb"]] == ["main.tf"]
