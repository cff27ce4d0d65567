"""The course as nbgrader and a learner get it: structure, points, text."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from markdown_it import MarkdownIt
from nbgrader.nbgraderformat import MetadataValidator

from graders.rubric import registry
from lab.drills.questions import questions
from notebooks.cells import BEGIN, END
from notebooks.course import LESSONS, SOURCE, course

NAMES = sorted(path.stem for path in SOURCE.glob("*.ipynb"))
EXPECTED = {  # who writes what, and whose points are where: decided for the course, so typed here
    "00-where-secrets-leak": (["modules/secrets/variables.tf"], []),
    "01-kms-key": (["modules/secrets/kms.tf"], [17]),
    "02-shell-secret": (["modules/secrets/secret.tf"], [20]),
    "03-ignore-changes": (["modules/secrets/placeholder.tf"], [19]),
    "04-ecs-and-iam": (["modules/secrets/iam.tf", "modules/secrets/ecs.tf"], [13, 18, 7]),
    "05-whole-module": (["modules/secrets/outputs.tf"], [6]),
}


def read(name: str) -> Any:
    """A notebook of the course."""
    return nbformat.read(SOURCE / f"{name}.ipynb", as_version=4)


def cells() -> list[tuple[str, Any]]:
    """All cells with their notebook's name."""
    return [(name, cell) for name in NAMES for cell in read(name).cells]


def test_paths_and_points() -> None:
    """Does each notebook write its files and hold its points, as decided?"""
    found = {}
    for name in NAMES:
        code = [cell for cell in read(name).cells if cell.cell_type == "code"]
        paths = [cell.source.split()[1] for cell in code if cell.source.startswith("%%hcl")]
        found[name] = (paths, [c.metadata.nbgrader.points for c in code if c.metadata.nbgrader.grade])
    assert found == EXPECTED


def test_a_credential_is_looked_for_wherever_a_value_is_written() -> None:
    """From the secret on, does every notebook in which one writes a value ask whether a credential is in it?"""
    asked = {name for name, cell in cells() if "secret.no_plaintext" in cell.source.split()}
    assert asked >= {"02-shell-secret", "03-ignore-changes", "04-ecs-and-iam", "05-whole-module"}


def test_every_requirement_in_one_check_cell() -> None:
    """Is each requirement in exactly one check cell, whose points and source are those of its requirements?"""
    checks = [cell for _, cell in cells() if cell.metadata.nbgrader.grade]
    ids = [id_ for cell in checks for id_ in cell.metadata.secrets_lab.requirements]
    assert sorted(ids) == sorted(requirement.id for requirement in registry().requirements)
    for cell in checks:
        own = cell.metadata.secrets_lab.requirements
        magic, *asked = cell.source.split()
        assert (magic, asked[: len(own)]) == ("%lab_check", own)
        assert set(asked[len(own) :]) <= {"secret.no_plaintext"}
        assert cell.metadata.nbgrader.points == sum(registry().get(id_).points for id_ in own)
    assert sum(cell.metadata.nbgrader.points for cell in checks) == registry().max_score == 100


@pytest.mark.parametrize("name", NAMES)
def test_valid(name: str) -> None:
    """Is the notebook valid for Jupyter and for nbgrader's schema 3?"""
    notebook = read(name)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.language == "python"
    assert {cell.metadata.nbgrader.schema_version for cell in notebook.cells} == {3}


def test_ids_are_unique_and_readable() -> None:
    """Is every id the cell's own in the whole course, the same for Jupyter and nbgrader, and made of words?"""
    ids = [cell.id for _, cell in cells()]
    assert len(set(ids)) == len(ids)
    assert [cell.metadata.nbgrader.grade_id for _, cell in cells()] == ids
    assert not [id_ for id_ in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id_) or len(id_) > 64]
    assert {"kms-answer", "kms-check", "secret-answer", "rotation-check", "runtime-check"} <= set(ids)


def test_flags() -> None:
    """Is each cell an answer, a check or locked, and nothing in between? Is no output kept?"""
    for name, cell in cells():
        flags = cell.metadata.nbgrader
        kind = (flags.solution, flags.grade, flags.locked, flags.task)
        if BEGIN in cell.source:
            assert kind == (True, False, False, False), (name, cell.id)
        elif cell.source.startswith("%lab_check") and flags.grade:
            assert kind == (False, True, True, False), (name, cell.id)
        else:
            assert kind == (False, False, True, False), (name, cell.id)
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


def test_answers() -> None:
    """Does an answer begin with its path, hold one pair of markers that are not nested, and give the learner something?"""
    answers = [cell for _, cell in cells() if cell.metadata.nbgrader.solution]
    assert len(answers) == 6
    for cell in answers:
        lines = cell.source.split("\n")
        assert re.fullmatch(r"%%hcl modules/secrets/[a-z]+\.tf", lines[0])
        marked = [line for line in lines if "SOLUTION" in line]
        assert marked == [BEGIN, END]
        assert lines[-1] == END
        assert lines.index(BEGIN) > 1


@pytest.mark.parametrize("name", NAMES)
def test_first_code_cell(name: str) -> None:
    """Does the notebook begin with a title, and its code with the lab and where one left off?"""
    notebook = read(name)
    assert notebook.cells[0].source.startswith("# ")
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.source == "%load_ext lab.magics\n%lab_progress"


@pytest.mark.parametrize("name", NAMES)
def test_text(name: str) -> None:
    """Is there one first-level heading, are the others in order, and has each picture and link words of its own?"""
    levels: list[int] = []
    for cell in read(name).cells:
        if cell.cell_type != "markdown":
            continue
        assert "<" not in re.sub(r"`[^`]*`|```.*?```", "", cell.source, flags=re.DOTALL), cell.id
        for token in MarkdownIt("commonmark").enable("table").parse(cell.source):
            if token.type == "heading_open":
                levels.append(int(token.tag[1]))
            for child in token.children or ():
                assert child.type != "image" or child.content.strip(), cell.id
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_predictions_exist() -> None:
    """Does every question that a notebook asks exist?"""
    asked = [cell.source.split()[1] for _, cell in cells() if cell.source.startswith("%predict")]
    assert len(asked) == len(set(asked)) >= 12
    assert set(asked) <= set(questions())


def test_no_claim_without_a_test() -> None:
    """Does every cell that shows something say what a test can look for?"""
    silent = ("%predict", "%load_ext", "%lab_check", "%%hcl", "%leaks")
    shows = [cell for lesson in course() for cell in lesson.cells if cell.kind == "run"]
    assert not [cell.id for cell in shows if not cell.source.startswith(silent) and not cell.expect]


def test_claims_are_not_handed_out() -> None:
    """Is what the tests look for in outputs kept out of the notebooks, where it would tell learners what they are to find?"""
    assert not [cell.id for _, cell in cells() if "expect" in cell.metadata.get("secrets_lab", {})]


def test_nothing_of_the_machine() -> None:
    """Are the files free of places on a machine, and of numbers that look like accounts?"""
    for path in [*SOURCE.glob("*.ipynb"), *LESSONS.glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(home|root|tmp|opt|work|Users)/|\b\d{12}\b", text), path.name
        assert text.endswith("\n")


def test_written_as_jupyter_writes() -> None:
    """Would Jupyter save an untouched notebook to the same JSON?"""
    for path in SOURCE.glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert json.loads(nbformat.writes(nbformat.reads(text, as_version=4))) == json.loads(text)
        assert nbformat.writes(nbformat.reads(text, as_version=4)).rstrip("\n") == text.rstrip("\n"), Path(path).name
