"""Rebuilding a submission: what is taken of it, and what is not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.nbgrader.reconstruct import Reconstruction, with_magic
from graders.nbgrader.submitted import MAX_NOTEBOOK_BYTES, read_handed
from lab_env.submission import load_submission
from tests.graders.nbgrader.course import Course, cell_writing, code, joined, markdown

KMS = "modules/secrets/kms.tf"
NAME = "01-kms-key"


def rebuilt(course: Course, student: str = "ann") -> Reconstruction:
    release = course.release
    return Reconstruction(release, read_handed(course.submitted(student), release))


def test_an_answer_is_taken_and_nothing_else(course: Course) -> None:
    """Is a solved notebook with other cells, outputs and metadata the released one with the answers in it?"""
    handed = course.solved()
    handed[NAME]["cells"].insert(0, code("print('mine')"))
    handed[NAME]["cells"].append(markdown("My notes."))
    handed[NAME]["metadata"] = {"kernelspec": {"name": "other"}}
    for one in handed[NAME]["cells"]:
        one["metadata"]["mine"] = True
        one["source"] = joined(one["source"]) if "nbgrader" not in one["metadata"] or _is_answer(one) else "changed"
    course.hand_in("ann", handed)
    document = rebuilt(course).document(NAME)
    expected = course.solved()[NAME]
    for one in expected["cells"]:
        one["source"] = joined(one["source"])
    assert document["cells"] == expected["cells"]
    assert document["metadata"]["kernelspec"] == expected["metadata"]["kernelspec"]


def _is_answer(one: dict[str, object]) -> bool:
    return bool(one["metadata"]["nbgrader"]["solution"])  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    [
        "%%hcl a/b.tf\nx = 1",
        "%%hcl ../../a.tf\nx = 1",
        "\n\n  %%hcl a.tf\nx = 1",
        "%%bash\nx = 1",
        "%%hcl\nx = 1",
        "x = 1",
    ],
)
def test_the_first_line_is_the_releases(text: str) -> None:
    """Whatever the first line of an answer is, does the answer go to the file that the release says?"""
    assert with_magic(text, f"%%hcl {KMS}") == f"%%hcl {KMS}\nx = 1"


def test_prose_changes_no_digest(course: Course) -> None:
    """Is a submission the same one when only cells that are not taken have changed, and another when an answer has?"""
    course.hand_in("ann", course.solved())
    first = rebuilt(course).digest
    noted = course.solved()
    noted[NAME]["cells"].append(markdown("password = 'hunter2-Prod-9fK3'"))
    course.hand_in("ann", noted)
    assert rebuilt(course).digest == first
    cell_writing(noted, KMS)["source"] += "\n# One more line."
    course.hand_in("ann", noted)
    assert rebuilt(course).digest != first


def test_lines_and_cells_are_those_that_the_reader_sees(course: Course, tmp_path: Path) -> None:
    """Does the cell that the grader names for a line have the same number in the notebook that is shown?"""
    course.hand_in("ann", course.solved())
    found = rebuilt(course)
    for name, data in found.files.items():
        (tmp_path / "copy").mkdir(exist_ok=True)
        (tmp_path / "copy" / name).write_bytes(data)
    file = load_submission(tmp_path / "copy").file(KMS)
    assert file is not None
    index = file.cell_at(1)
    assert index is not None
    shown = joined(found.document(NAME)["cells"][index]["source"])
    assert shown == f"%%hcl {KMS}\n{file.text.rstrip()}"


def test_what_is_missing_is_as_released_and_said(course: Course) -> None:
    """Does a notebook, or a cell, that was not handed in stand there as released, with a remark on its answer?"""
    handed = course.solved()
    del handed["05-whole-module"]
    handed[NAME]["cells"].remove(cell_writing(handed, KMS))
    course.hand_in("ann", handed)
    found = rebuilt(course)
    assert found.refusal is None
    assert "not handed in" in found.remarks("05-whole-module")["outputs-answer"]
    assert "not in the notebook" in found.remarks(NAME)["kms-answer"]
    released = course.released()
    assert [joined(one["source"]) for one in found.document(NAME)["cells"]] == [
        joined(one["source"]) for one in released[NAME]["cells"]
    ]


def test_the_first_of_two_cells_counts(course: Course) -> None:
    """Where two cells claim to be one answer, does the first one count, and is it said?"""
    handed = course.solved()
    answer = cell_writing(handed, KMS)
    handed[NAME]["cells"].append({**answer, "source": "%%hcl x.tf\n# the second"})
    course.hand_in("ann", handed)
    found = rebuilt(course)
    assert "the second" not in json.dumps(found.document(NAME))
    assert "more than one cell" in found.remarks(NAME)["kms-answer"]


def _no_json(path: Path) -> None:
    path.write_text('{"cells": [')


def _no_cells(path: Path) -> None:
    path.write_text('{"worksheets": []}')


def _too_deep(path: Path) -> None:
    path.write_text("[" * 200_000)


def _too_large(path: Path) -> None:
    path.write_text(json.dumps({"cells": [], "metadata": {"x": "x" * MAX_NOTEBOOK_BYTES}}))


def _no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize("spoil", [_no_json, _no_cells, _too_deep, _too_large, _no_text])
def test_a_notebook_that_cannot_be_read(course: Course, spoil: Callable[[Path], None]) -> None:
    """Is an unreadable notebook a refusal that names it and says what to do, and is the next try another submission?"""
    directory = course.hand_in("ann", course.solved())
    before = rebuilt(course).digest
    spoil(directory / f"{NAME}.ipynb")
    found = rebuilt(course)
    assert found.refusal is not None
    assert NAME in found.refusal.message
    assert found.refusal.next_step
    assert found.digest not in ("", before)


def _to_a_file(path: Path, secret: Path) -> None:
    path.symlink_to(secret)


def _to_nothing(path: Path, secret: Path) -> None:
    path.symlink_to(secret.with_name("nothing"))


def _pipe(path: Path, secret: Path) -> None:
    os.mkfifo(path)


def _directory(path: Path, secret: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("put", [_to_a_file, _to_nothing, _pipe, _directory])
def test_what_is_no_file_is_not_opened(course: Course, put: Callable[[Path, Path], None]) -> None:
    """Is a notebook that is a link, a pipe or a directory not read, and does it count as missing?"""
    other = course.hand_in("ben", course.solved()) / f"{NAME}.ipynb"
    directory = course.hand_in("ann", course.solved())
    (directory / f"{NAME}.ipynb").unlink()
    put(directory / f"{NAME}.ipynb", other)
    found = rebuilt(course)
    (answer,) = course.release.notebook(NAME).answers
    assert found.document(NAME)["cells"][answer.index]["source"] == answer.source
    assert "link" in found.remarks(NAME)["kms-answer"]


def test_a_submission_that_is_a_link(course: Course) -> None:
    """Is a submission's directory that is a link to somebody else's refused?"""
    other = course.hand_in("ben", course.solved())
    course.submitted("ann").parent.mkdir()
    course.submitted("ann").symlink_to(other)
    refusal = rebuilt(course).refusal
    assert refusal is not None
    assert "link" in refusal.message


def test_text_that_no_file_can_hold(course: Course) -> None:
    """Does a lone surrogate in an answer, which JSON allows, become something that can be written?"""
    handed = course.solved()
    cell_writing(handed, KMS)["source"] += "\n# \ud800"
    course.hand_in("ann", handed)
    assert rebuilt(course).files[f"{NAME}.ipynb"].decode("ascii")
