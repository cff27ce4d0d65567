"""Notebooks in VS Code: a kernel without JupyterLab, started somewhere else, and cells that are called by the editor's names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from notebooks.course import SOURCE
from notebooks.release import text
from tests.notebooks.editor import WITHOUT_JUPYTERLAB

pytestmark = pytest.mark.slow
NAME = "01-kms-key"
PLAIN = ["text/html", "text/plain"]


def ran(notebook: Path, elsewhere: Path, *instead: str) -> dict[str, Any]:
    """What the kernel answered, by cell id."""
    elsewhere.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_JUPYTERLAB, str(notebook), *instead],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """The released notebook of a learner who has just begun."""
    path = tmp_path / "course" / f"{NAME}.ipynb"
    path.parent.mkdir()
    path.write_text(text(NAME))
    return path


def test_a_learner_who_has_written_nothing(notebook: Path, tmp_path: Path) -> None:
    """Does every cell answer in what any editor shows, and the check with what is missing?"""
    found = ran(notebook, tmp_path / "elsewhere")
    assert found["errors"]["start-01"] is None
    assert found["errors"]["kms-answer"] is None
    assert found["errors"]["kms-check"] is not None
    assert "kms.key" in found["plain"]["kms-check"]
    assert "Traceback" not in found["plain"]["kms-check"]
    assert all(kind == PLAIN for kinds in found["kinds"].values() for kind in kinds), found["kinds"]


def test_a_solved_answer_beside_the_notebook(notebook: Path, tmp_path: Path) -> None:
    """Is the module written beside the notebook that the editor names, and checked there, wherever the kernel was started?"""
    solved = json.loads((SOURCE / f"{NAME}.ipynb").read_text())
    (answer,) = ("".join(cell["source"]) for cell in solved["cells"] if cell["id"] == "kms-answer")
    (tmp_path / "answer").write_text("\n".join(line for line in answer.split("\n") if not line.startswith("### ")))
    found = ran(notebook, tmp_path / "elsewhere", f"kms-answer={tmp_path / 'answer'}")
    assert (notebook.parent / ".lab/workspace/modules/secrets/kms.tf").is_file()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert found["errors"]["kms-check"] is None, found["plain"]["kms-check"]


def test_two_cells_of_one_file(notebook: Path, tmp_path: Path) -> None:
    """Are two cells that write one file both in it, though the editor's names for cells are not the notebook's?"""
    document = json.loads(notebook.read_text())
    (start,) = (cell for cell in document["cells"] if cell["id"] == "start-01")
    cells = [
        {**start, "id": f"part-{name}", "metadata": {}, "source": f'%%hcl modules/secrets/a.tf\nvariable "{name}" {{}}'}
        for name in "ab"
    ]
    notebook.write_text(json.dumps(document | {"cells": [start, *cells]}))
    found = ran(notebook, tmp_path / "elsewhere")
    assert set(found["errors"].values()) == {None}
    written = (notebook.parent / ".lab/workspace/modules/secrets/a.tf").read_text()
    assert written == 'variable "a" {}\nvariable "b" {}\n'
