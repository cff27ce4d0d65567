"""Notebooks in VS Code: a kernel without JupyterLab, started somewhere else, and cells that are called by the editor's names."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from notebooks.course import SOURCE
from notebooks.reference import REFERENCE
from notebooks.release import text
from tests.notebooks.editor import WITHOUT_JUPYTERLAB

pytestmark = pytest.mark.slow
NAME = "02-shell-secret"
PLAIN = ["text/html", "text/plain"]


def ran(notebook: Path, elsewhere: Path) -> dict[str, Any]:
    """What the kernel answered, by cell id."""
    elsewhere.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_JUPYTERLAB, str(notebook)],
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
    assert found["errors"]["start-02"] is None
    assert found["errors"]["secret-answer"] is None
    assert found["errors"]["secret-check"] is not None
    assert "secret.no_plaintext" in found["plain"]["secret-check"]
    assert "Traceback" not in found["plain"]["secret-check"]
    assert all(kind == PLAIN for kinds in found["kinds"].values() for kind in kinds), found["kinds"]


def test_a_solved_answer_beside_the_notebook(notebook: Path, tmp_path: Path) -> None:
    """Is the module written beside the notebook that the editor names, and checked there, wherever the kernel was started?"""
    solved = json.loads((SOURCE / f"{NAME}.ipynb").read_text())
    document = json.loads(notebook.read_text())
    (answer,) = ("".join(cell["source"]) for cell in solved["cells"] if cell["id"] == "secret-answer")
    (mine,) = (cell for cell in document["cells"] if cell["id"] == "secret-answer")
    mine["source"] = "\n".join(line for line in answer.split("\n") if not line.startswith("### "))
    notebook.write_text(json.dumps(document))
    files = notebook.parent / ".lab/workspace/modules/secrets"
    files.mkdir(parents=True)
    shutil.copy(REFERENCE / "modules/secrets/variables.tf", files)  # another notebook's
    found = ran(notebook, tmp_path / "elsewhere")
    assert (files / "secret.tf").is_file()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert "✓ Pass secret.no_plaintext" in found["plain"]["secret-check"]
    assert "secret.tags are not looked at yet" in found["plain"]["secret-check"]  # there is no key to deploy it with
    assert "Handed in otherwise" not in found["plain"]["secret-check"]


def test_two_cells_of_one_file(notebook: Path, tmp_path: Path) -> None:
    """Are two cells that write one file both in it, though the editor's names for cells are not the notebook's?"""
    document = json.loads(notebook.read_text())
    (start,) = (cell for cell in document["cells"] if cell["id"] == "start-02")
    cells = [
        {
            **start,
            "id": f"part-{name}",
            "metadata": {},
            "source": f"%%hcl modules/secrets/a.tf\nlocals {{\n  {name} = 1\n}}",
        }
        for name in "ab"
    ]
    notebook.write_text(json.dumps(document | {"cells": [start, *cells]}))
    found = ran(notebook, tmp_path / "elsewhere")
    assert set(found["errors"].values()) == {None}, found["plain"]
    written = (notebook.parent / ".lab/workspace/modules/secrets/a.tf").read_text()
    assert written == "locals {\n  a = 1\n}\nlocals {\n  b = 1\n}\n"
