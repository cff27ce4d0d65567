"""A notebook whose task names its variables so that a process loads a library: on the whole road from the exchange to the mark."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from graders.nbgrader import batch
from graders.nbgrader.export import MarkStatus
from graders.nbgrader.marks import MEMORY
from lab.course import steps
from solutions.hostile import libraries, variables
from tests.conftest import missing
from tests.graders.hostile.canaries import Canaries, canaries
from tests.graders.nbgrader.course import Course, Notebook, submit

pytestmark = [pytest.mark.engine, pytest.mark.terraform, pytest.mark.longest]
ROOT = Path(__file__).parents[3]
LIBRARY = "x.ipynb"
# A grader with the mend taken out: the launch's names are in its stand-in's environment, as they once were.
_OLD = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from lab_env.ecs_agent import standin
from tests.graders.hostile.obeyed import start_with_names_in_the_environment
standin.start = start_with_names_in_the_environment
from graders.batch.__main__ import main
sys.exit(main())
"""


def arm(notebooks: dict[str, Notebook], library: Path) -> None:
    """Write a task into the answers that injects the library's path, and the configuration that names it."""
    cells = {
        f"{name} {number}": one
        for name, notebook in notebooks.items()
        for number, one in enumerate(notebook["cells"])
        if one["metadata"].get("nbgrader", {}).get("solution")
    }
    texts = {key: "".join(one["source"]) for key, one in cells.items()}
    for key, text in variables.injecting(texts, variables.by_itself(library, library)).items():
        cells[key]["source"] = text


def autograde(course: Course, here: Canaries) -> list[str]:
    """Autograde in full, nothing looked up; what the canaries have to say."""
    shutil.rmtree(course.root / MEMORY, ignore_errors=True)
    (row,) = steps.autograde(course.root, depth="full").rows
    assert row.status is MarkStatus.GRADED, row
    return here.sang()


def test_by_notebook(course: Course, inbound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a library that is handed in as a notebook not copied, and not loaded where it lies all the same?"""
    if not libraries.can_be_loaded():
        missing("there is no library for this machine that could be loaded")
    place = course.submitted("mallory") / LIBRARY
    handed = submit(inbound, course, "mallory")
    notebooks = course.solved()
    arm(notebooks, place)
    for name, notebook in notebooks.items():
        (handed / f"{name}.ipynb").write_text(json.dumps(notebook))
    (handed / LIBRARY).write_bytes(libraries.library())
    with canaries(tmp_path / "canaries") as here:
        here.arm(handed)
        steps.collect(course.root)
        assert not place.exists()
        shutil.copyfile(handed / LIBRARY, place)  # as it was collected once
        whole = batch._whole
        monkeypatch.setattr(batch, "_whole", lambda config: whole(config).model_copy(update={"cache": False}))
        assert autograde(course, here) == []
        monkeypatch.setattr(batch, "_command", lambda: [sys.executable, "-c", _OLD])
        assert autograde(course, here) == ["the file appeared"]
