"""Which cell wrote which line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.session.cells import Cells, cell_line
from lab.session.place import NotebookDirectory
from lab_env.submission import load_submission

PATH = "modules/secrets/kms.tf"


def _save(root: Path, name: str, cells: dict[str, str]) -> Path:
    """A notebook as JupyterLab saves it."""
    document = {
        "cells": [
            {"cell_type": "code", "id": id_, "source": source, "metadata": {}, "outputs": [], "execution_count": None}
            for id_, source in cells.items()
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    file = root / name
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def _run(cells: Cells, place: NotebookDirectory, id_: str | None, *lines: str) -> str:
    made = cells.assemble(PATH, lines, id_)
    place.write(PATH, made.text)
    cells.remember(PATH, made)
    return made.text


def test_a_cell_writes_the_whole_file(tmp_path: Path) -> None:
    """Is the file what the cell says, however often it is run, and whatever was there?"""
    place = NotebookDirectory(tmp_path)
    cells = Cells(place)
    assert _run(cells, place, "a", "one", "two") == "one\ntwo\n"
    assert _run(cells, place, "a", "three") == "three\n"
    assert str(cell_line(place, PATH, 1)) == "line 2 of its cell"


def test_cells_of_one_notebook_are_put_together_as_the_grader_does(tmp_path: Path) -> None:
    """Is the file all cells of the saved notebook in order, whichever is run first, and the same as handed in?"""
    first, second = f"%%hcl {PATH}\nA {{\n}}\n\n", f"%%hcl {PATH}\n\nB {{}}"
    saved = _save(tmp_path, "01.ipynb", {"a": first, "x": "1 + 1", "b": second})
    place = NotebookDirectory(tmp_path)
    cells = Cells(place)
    assert _run(cells, place, "b", "", "B {}") == "A {\n}\n\nB {}\n"
    assert _run(cells, place, "a", "A {", "}") == "A {\n}\n\nB {}\n"
    handed_in = load_submission(saved).file(PATH)
    assert handed_in is not None
    assert handed_in.text == place.text(PATH)
    assert str(cell_line(place, PATH, 4)) == "line 3 of cell 2 of the 2 that write it in 01.ipynb"
    # What is not saved yet counts for the cell that is run, and for those that were run in this kernel.
    assert _run(cells, place, "a", "A2 {}") == "A2 {}\n\nB {}\n"
    assert _run(cells, place, "b", "B2 {}") == "A2 {}\nB2 {}\n"


def test_without_ids_a_cell_is_known_by_its_text(tmp_path: Path) -> None:
    """Is the same true for a front end that does not tell which cell runs?"""
    _save(tmp_path, "01.ipynb", {"a": f"%%hcl {PATH}\nA {{}}", "b": f"%%hcl {PATH}\nB {{}}"})
    place = NotebookDirectory(tmp_path)
    assert _run(Cells(place), place, None, "B {}") == "A {}\nB {}\n"
    assert _run(Cells(place), place, None, "C {}") == "C {}\n"


def test_a_new_cell_replaces_and_says_so(tmp_path: Path) -> None:
    """Does a cell that the saved notebook does not know write the whole file, and is what it replaced told?"""
    _save(tmp_path, "01.ipynb", {"a": f"%%hcl {PATH}\nA {{}}"})
    place = NotebookDirectory(tmp_path)
    cells = Cells(place)
    _run(cells, place, "a", "A {}")
    made = cells.assemble(PATH, ("B {}",), "pasted")
    assert (made.text, made.replaced) == ("B {}\n", True)
    assert not cells.assemble(PATH, ("B {}",), "pasted").replaced


def test_a_copy_of_a_notebook_is_no_second_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two notebooks that write a path, does the one count that the kernel runs?"""
    _save(tmp_path, "01.ipynb", {"a": f"%%hcl {PATH}\nA {{}}", "b": f"%%hcl {PATH}\nB {{}}"})
    _save(tmp_path, "01-Copy1.ipynb", {"a": f"%%hcl {PATH}\nA {{}}"})
    place = NotebookDirectory(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert Cells(place).assemble(PATH, ("A {}",), "a").text == "A {}\n"
    monkeypatch.setattr("lab.session.place.told_notebook", lambda: tmp_path / "01.ipynb")
    assert Cells(place).assemble(PATH, ("A {}",), "a").text == "A {}\nB {}\n"
    monkeypatch.undo()
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "01.ipynb"))
    assert Cells(place).assemble(PATH, ("A {}",), "a").text == "A {}\nB {}\n"


@pytest.mark.parametrize("broken", ["{", "[]", '{"cells": 3}', '{"cells": [3], "nbformat": 4, "nbformat_minor": 5}'])
def test_a_broken_notebook_beside_it_does_no_harm(tmp_path: Path, broken: str) -> None:
    """Is a file that is no notebook passed over?"""
    (tmp_path / "00.ipynb").write_text(f"{broken} %%hcl {PATH}", encoding="utf-8")
    (tmp_path / "02.ipynb").symlink_to("/dev/zero")
    assert Cells(NotebookDirectory(tmp_path)).assemble(PATH, ("A {}",), "a").text == "A {}\n"


def test_a_line_of_a_changed_file_is_in_no_cell(tmp_path: Path) -> None:
    """Is nothing claimed about a file that was edited elsewhere, or when what is remembered is broken?"""
    place = NotebookDirectory(tmp_path)
    cells = Cells(place)
    _run(cells, place, "a", "A {}")
    assert cell_line(place, PATH, 1) is not None
    assert cell_line(place, PATH, 9) is None
    assert cell_line(place, None, 1) is None
    (tmp_path / ".lab" / "cells.json").write_text('{"schema": 1, "files": {"' + PATH + '": 3}}', encoding="utf-8")
    assert cell_line(place, PATH, 1) is None
    _run(cells, place, "a", "A {}")
    place.write(PATH, "B {}\n")
    assert cell_line(place, PATH, 1) is None
