"""The solved course, run cell by cell in real kernels on the real engine: what the text says one sees is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth, Status
from graders.rubric import registry
from lab_env.engine import Engine
from lab_env.submission import SubmissionRef
from notebooks.build import main
from notebooks.course import LESSONS, SOURCE
from notebooks.source_format import read_lesson

pytestmark = [pytest.mark.engine, pytest.mark.terraform, pytest.mark.longest]
NAMES = sorted(path.stem for path in SOURCE.glob("*.ipynb"))
CELL_S = 900
"""Seconds for one cell: the slowest takes half a minute, and a machine that tests in parallel is busy."""


@pytest.fixture(scope="module", params=["embedded", pytest.param("localstack", marks=pytest.mark.full)])
def where(request: pytest.FixtureRequest) -> Iterator[str]:
    """The engine that the notebooks run on, as ``LAB_ENGINE`` names it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LAB_WORKSPACE", raising=False)
        patch.setenv("LAB_ENGINE", request.param)
        if request.param == "localstack":
            running: Engine = request.getfixturevalue("localstack_engine")
            patch.setenv("AWS_ENDPOINT_URL", running.endpoint)
        yield str(request.param)


@pytest.fixture(scope="module")
def directory(where: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a learner works."""
    made = tmp_path_factory.mktemp("learner")
    assert main(["--solved", str(made)]) == 0
    return made


@pytest.fixture(scope="module")
def executed(directory: Path, engine: object, toolchain: object) -> Mapping[str, Any]:
    """The six notebooks, run one after the other in one directory and saved there, as a learner does it."""
    found = {}
    for name in NAMES:
        path = directory / f"{name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook,
            timeout=CELL_S,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(directory)}},
        )
        client.execute()
        nbformat.write(notebook, path)
        found[name] = notebook
    return found


def code(notebook: Any) -> list[Any]:
    """The code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def seen(cell: Any) -> str:
    """A cell's outputs as somebody reads them who has no pictures."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts.append("\n".join(output.traceback))
        else:
            texts.append(output.data.get("text/plain", ""))
    return "\n".join(texts)


@pytest.mark.parametrize("name", NAMES)
def test_runs_top_to_bottom(executed: Mapping[str, Any], name: str) -> None:
    """Does no cell fail, the checks among them?"""
    failed = [
        (cell.id, seen(cell))
        for cell in code(executed[name])
        if any(output.output_type == "error" for output in cell.outputs)
    ]
    assert failed == []


@pytest.mark.parametrize("name", NAMES)
def test_what_the_text_says_is_seen(executed: Mapping[str, Any], name: str) -> None:
    """Is every claim of the text in the outputs of its cell?"""
    outputs = {cell.metadata.nbgrader.grade_id: seen(cell) for cell in code(executed[name])}
    claims = [(one.id, expression) for one in read_lesson(LESSONS / f"{name}.md").cells for expression in one.expect]
    assert claims
    assert [(id, one, outputs[id]) for id, one in claims if re.search(one, outputs[id]) is None] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_says_something_in_words(executed: Mapping[str, Any], name: str) -> None:
    """Has each cell an output that needs no picture, for those who read or hear it?"""
    assert [cell.id for cell in code(executed[name]) if not seen(cell).strip()] == []


def test_checks_show_their_points(executed: Mapping[str, Any]) -> None:
    """Does each check cell show all the points of what it asks for?"""
    for notebook in executed.values():
        for cell in code(notebook):
            if cell.metadata.nbgrader.grade:
                points = sum(registry().get(id_).points for id_ in cell.source.split()[1:])
                assert f"{points} of {points} points" in seen(cell)


def test_nothing_leaks_into_outputs(executed: Mapping[str, Any], directory: Path) -> None:
    """Can somebody hand in the notebooks with all their outputs, without losing points for what our own cells print?"""
    results = grade_many([SubmissionRef("learner", directory)], RunConfig(depth=Depth.STATIC, jobs=1))
    row = next(row for row in results.submissions[0].requirements if row.id == "secret.no_plaintext")
    assert row.status is Status.PASS, row.observed
