"""What a check says of the saved notebooks, which are what is handed in."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from graders.assignment import Rules
from graders.batch.backends import local as real
from graders.grade import Graded
from graders.model import Depth
from lab.notebook.check.run import CheckFailed
from lab_env.submission import Submission
from tests.lab.notebook.conftest import VARIABLES, Notebook

CHECK = "%lab_check secret.no_plaintext --depth static"
KEY = 'resource "aws_kms_key" "secrets" {\n  enable_key_rotation = true\n}\n'
WRITES = {"variables.tf": VARIABLES, "kms.tf": KEY}


def save(notebook: Notebook, name: str, cells: Sequence[tuple[str, str]]) -> None:
    """Save a notebook beside which the learner works."""
    made = [
        {"cell_type": kind, "id": f"c{number}", "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, source) in enumerate(cells)
    ]
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}
    (notebook.place.root / f"{name}.ipynb").write_text(json.dumps(document))


def cells_of(**files: str) -> list[tuple[str, str]]:
    return [("code", f"%%hcl modules/secrets/{name.replace('_', '.')}\n{text}") for name, text in files.items()]


def notes(notebook: Notebook) -> list[str]:
    """What a check notes."""
    ran = notebook.run(CHECK)
    assert ran.error is None or isinstance(ran.error, CheckFailed)
    return [line.removeprefix("Note: ") for line in ran.out.splitlines() if line.startswith("Note: ")]


@pytest.fixture
def worked(notebook: Notebook) -> Notebook:
    """A learner who ran two cells and saved their notebook."""
    save(notebook, "one", cells_of(variables_tf=VARIABLES, kms_tf=KEY))
    for _, source in cells_of(variables_tf=VARIABLES, kms_tf=KEY):
        notebook.run(source)
    return notebook


def test_what_is_saved_as_it_was_checked_needs_no_word(worked: Notebook) -> None:
    """Is nothing said where the saved notebooks are what was checked, unanswered cells of later lessons among them?"""
    assert notes(worked) == []
    save(worked, "two", [("code", "%%hcl modules/secrets/iam.tf\n# Write this part.\n"), ("markdown", "Prose.")])
    assert notes(worked) == []


def test_what_was_not_saved_is_said(worked: Notebook) -> None:
    """Are a file that no saved cell writes, one that is saved otherwise, and one that was not run named, each with what to do?"""
    save(worked, "one", cells_of(variables_tf=VARIABLES))
    assert notes(worked) == [
        "Not handed in, as no saved notebook writes it: modules/secrets/kms.tf. Save the notebook whose cell does."
    ]
    save(worked, "one", cells_of(variables_tf=VARIABLES, kms_tf=KEY.replace("true", "false")))
    assert notes(worked) == [
        "Handed in otherwise than it was checked: modules/secrets/kms.tf. Save its notebook, and run its cell again."
    ]
    save(worked, "one", cells_of(variables_tf=VARIABLES, kms_tf=KEY, more_tf="locals {}\n"))
    assert notes(worked) == ["Handed in, and not checked here: modules/secrets/more.tf. Run its cell, or take it out."]


def test_what_nobody_reads_is_said(worked: Notebook) -> None:
    """Are a Markdown answer and a notebook that cannot be read named before they are handed in?"""
    save(worked, "two", [("markdown", "%%hcl modules/secrets/iam.tf\nx")])
    (worked.place.root / "three.ipynb").write_bytes(b"")
    unreadable, markdown = notes(worked)
    assert unreadable.startswith("three.ipynb is not a readable notebook")
    assert markdown == "Cell 1 of two.ipynb is not read: it is a Markdown cell. Make it a code cell."


def test_what_would_be_judged_otherwise_is_said(worked: Notebook) -> None:
    """Are two notebooks with one path, a password in another cell, and a link said with the verdict that they would have?"""
    save(worked, "two", [("code", 'password = "Harbour-Gate-7431!"')])
    (leak,) = notes(worked)
    assert leak.startswith("As it is saved, secret.no_plaintext would fail: ")
    assert "Harbour" not in leak
    save(worked, "two", cells_of(kms_tf=KEY))
    (twice,) = notes(worked)
    assert twice.startswith(
        "As they are saved, these notebooks would not be graded: modules/secrets/kms.tf is written by two"
    )
    (worked.place.root / "two.ipynb").unlink()
    (worked.place.root / "two").symlink_to("/etc")
    (link,) = notes(worked)
    assert link.startswith("As it is saved, it would be rejected: two is a link")


def test_what_is_saved_is_judged_by_what_is_asked(worked: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Are the saved notebooks judged by the course's own values and requirements, as the check itself is?"""
    asked: list[Rules] = []

    def grade(saved: Submission, *, depth: Depth, rules: Rules) -> Graded:
        asked.append(rules)
        return real.grade(saved, depth=depth, rules=rules)

    monkeypatch.setattr("graders.grade.grade", grade)
    (worked.place.root / "assignment.toml").write_text("[windows]\nkey = 14\n")
    assert notes(worked) == []
    assert [rules.lesson.key_window_days for rules in asked] == [14]


def test_without_notebooks_nothing_is_said(notebook: Notebook) -> None:
    """Is a working copy without notebooks, as in a terminal, checked as ever?"""
    for _, source in cells_of(variables_tf=VARIABLES, kms_tf=KEY):
        notebook.run(source)
    (notebook.place.root / "modules").mkdir()
    assert notes(notebook) == []
