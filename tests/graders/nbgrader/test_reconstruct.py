"""Rebuilding a submission: what is taken of it, and what is not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.model import Evidence
from graders.nbgrader.reconstruct import Reconstruction
from graders.nbgrader.submitted import read_handed
from lab_env.submission.limits import MAX_NOTEBOOK_BYTES
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


def test_prose_changes_no_digest(course: Course) -> None:
    """Is a submission the same one when only prose and outputs have changed, and another when an answer has, or a leak came in?"""
    course.hand_in("ann", course.solved())
    first = rebuilt(course).digest
    noted = course.solved()
    noted[NAME]["cells"].insert(2, markdown("Ask Ben about the alias."))
    noted[NAME]["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "12 of 17"}]
    course.hand_in("ann", noted)
    assert rebuilt(course).digest == first
    noted[NAME]["cells"].append(markdown("password = 'hunter2-Prod-9fK3'"))
    course.hand_in("ann", noted)
    leaking = rebuilt(course).digest
    assert leaking != first
    noted[NAME]["cells"].pop()
    cell_writing(noted, KMS)["source"] += "\n# One more line."
    course.hand_in("ann", noted)
    assert rebuilt(course).digest not in (first, leaking)


def test_a_place_is_told_where_it_is_shown(course: Course) -> None:
    """Does a checklist name the cell that is shown for a line, and the learner's own where that is another?"""
    handed = course.solved()
    cells = handed[NAME]["cells"]
    cells.insert(0, markdown("Mine."))
    cells.append(code("%%hcl modules/secrets/mine.tf\nlocals {\n  mine = 1\n}"))
    course.hand_in("ann", handed)
    found = rebuilt(course)
    document = found.document(NAME)["cells"]

    def where(path: str) -> str:
        return found.where(Evidence(kind="hcl", path=path, line=1, end_line=1, cell=3, detail=""))

    (answer,) = course.release.notebook(NAME).answers
    own = next(index for index, cell in enumerate(cells) if joined(cell["source"]).startswith(f"%%hcl {KMS}"))
    assert where(KMS) == f"{KMS}:1, cell {answer.index + 1} of {NAME} (handed in as cell {own + 1} of {NAME}.ipynb)"
    mine = next(index for index, cell in enumerate(document) if "mine = 1" in cell["source"])
    assert where("modules/secrets/mine.tf") == (
        f"modules/secrets/mine.tf:1, cell {mine + 1} of {NAME} (handed in as cell {len(cells)} of {NAME}.ipynb)"
    )
    other = "modules/secrets/secret.tf"
    place = next(cell for cell in course.release.notebook("02-shell-secret").answers if cell.path == other).index
    assert where(other) == f"{other}:1, cell {place + 1} of 02-shell-secret"


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
    assert found.notes == (
        f"No cell of {NAME}.ipynb writes {KMS} any more.",
        "05-whole-module.ipynb was not handed in.",
    )
    released = course.released()
    assert [joined(one["source"]) for one in found.document(NAME)["cells"]] == [
        joined(one["source"]) for one in released[NAME]["cells"]
    ]


def test_two_cells_of_one_answer_are_both_read_and_shown(course: Course) -> None:
    """Where two cells claim to be one answer, is each read as what its first line says, shown, and is it said?"""
    handed = course.solved()
    answer = cell_writing(handed, KMS)
    handed[NAME]["cells"].append({**answer, "source": f"%%hcl {KMS}\n# the second", "id": "second"})
    course.hand_in("ann", handed)
    found = rebuilt(course)
    submission = found.handed.submission
    assert submission is not None
    assert submission.file(KMS).text.endswith("# the second\n")  # type: ignore[union-attr]
    shown = found.document(NAME)["cells"]
    (place,) = course.release.notebook(NAME).answers
    assert shown[place.index]["source"] == joined(answer["source"])
    assert [cell["source"] for cell in shown[-2:]] == [
        f"Cell {len(handed[NAME]['cells'])} of `{NAME}.ipynb`:",
        f"%%hcl {KMS}\n# the second",
    ]
    assert "2 cells write this file" in found.remarks(NAME)["kms-answer"]


@pytest.mark.parametrize("name", ["`</code><script>x</script>`", "[a](javascript:x)", "*a*|b", "x" * 300 + "ü\u202e"])
def test_a_notebooks_name_is_shown_as_text(course: Course, name: str) -> None:
    """Is the name of a notebook of the learner's a plain word where it is shown, whatever it is?"""
    handed = course.solved()
    directory = course.hand_in("ann", handed)
    mine = json.dumps({**handed[NAME], "cells": [code("%%hcl modules/secrets/mine.tf\nlocals {}")]})
    (directory / "mine").mkdir()
    (directory / "mine" / f"{name[:150].replace('/', '-')}.ipynb").write_text(mine)
    found = rebuilt(course)
    texts = [cell["source"] for cell in found.document("05-whole-module")["cells"]]
    if found.refusal is None:
        line = next(text for text in texts if text.startswith("Cell 1 of "))
        assert line.count("`") == 2
        assert not {"<", ">", "[", "*", "|", "\u202e"} & set(line)


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
    """Does an unreadable notebook count as missing, with its name and what to do, and stop no other?"""
    directory = course.hand_in("ann", course.solved())
    before = rebuilt(course).digest
    spoil(directory / f"{NAME}.ipynb")
    found = rebuilt(course)
    assert found.refusal is None
    assert f"{NAME}.ipynb" in found.notes[0]
    assert "counts as missing" in found.notes[0]
    assert "hand it in again" in found.notes[0]
    assert "could not be read" in found.remarks(NAME)["kms-answer"]
    assert found.digest not in ("", before)


@pytest.mark.parametrize("spoil", [_no_json, _no_cells, _too_deep, _too_large, _no_text])
def test_where_no_notebook_can_be_read(course: Course, spoil: Callable[[Path], None]) -> None:
    """Is a submission of which nothing can be read refused, with a notebook's name, and is the next try another one?"""
    directory = course.hand_in("ann", course.solved())
    for path in directory.glob("*.ipynb"):
        spoil(path)
    found = rebuilt(course)
    assert found.refusal is not None
    assert "00-where-secrets-leak.ipynb" in found.refusal.message
    assert found.refusal.next_step
    first = found.digest
    _no_json(directory / f"{NAME}.ipynb")
    (directory / f"{NAME}.ipynb").write_text("{")
    assert rebuilt(course).digest not in ("", first)


def _to_a_file(path: Path, secret: Path) -> None:
    path.symlink_to(secret)


def _to_nothing(path: Path, secret: Path) -> None:
    path.symlink_to(secret.with_name("nothing"))


def _pipe(path: Path, secret: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("put", [_to_a_file, _to_nothing, _pipe])
def test_what_is_no_file_is_not_opened(course: Course, put: Callable[[Path, Path], None]) -> None:
    """Is a notebook that is a link or a pipe not read, and left to the gate, which refuses it by its name?"""
    other = course.hand_in("ben", course.solved()) / f"{NAME}.ipynb"
    directory = course.hand_in("ann", course.solved())
    (directory / f"{NAME}.ipynb").unlink()
    put(directory / f"{NAME}.ipynb", other)
    found = rebuilt(course)
    (answer,) = course.release.notebook(NAME).answers
    assert found.document(NAME)["cells"][answer.index]["source"] == answer.source
    assert found.handed.submission is not None
    assert found.handed.submission.links == (f"{NAME}.ipynb",)


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
    submission = rebuilt(course).handed.submission
    assert submission is not None
    assert submission.file(KMS).text.endswith("# ?\n")  # type: ignore[union-attr]
    assert json.dumps(rebuilt(course).document(NAME), ensure_ascii=False).encode()
