"""An error explained in a notebook: by the cell that has it, by Terraform, by a check."""

from __future__ import annotations

import pytest

from graders.model import SourceDiagnostic
from lab.notebook.hcl.hcl_cell import Problem, ProblemsView
from lab.session.session import Session
from lab.terraform import views
from lab_env.advice import Advice, Edit
from tests.lab.notebook.conftest import VARIABLES, Notebook

KMS = "modules/secrets/kms.tf"
NASTY = '<img src=x onerror="alert(1)">'


@pytest.fixture(autouse=True)
def _stay_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lane needs to be warmed."""
    monkeypatch.setattr(Session, "warm", lambda self: None)


def test_a_cell_explains_its_error(notebook: Notebook) -> None:
    """Does a cell say what the error means and the line put right, in the words of the cell's own lines?"""
    ran = notebook.run(f'%%hcl {KMS}\nresource "aws_kms_key" "a" {{\n  tags = {{\n    A = "a"\n}}\n')
    assert "What this usually means: What line 3 of this cell opens (tags = {) has no closing brace" in ran.out
    assert '      |     A = "a"\n      |   }' in ran.out
    assert ran.out.count("Unclosed configuration block") == 2  # and in the error that the cell ends with


def test_what_the_gate_refuses_is_explained_by_all_files(notebook: Notebook) -> None:
    """Is the name that another file calls a resource by the one that is put right?"""
    notebook.run('%%hcl modules/secrets/outputs.tf\noutput "a" {\n  value = aws_kms_key.mine.arn\n}\n')
    ran = notebook.run(f'%%hcl {KMS}\nresource "aws_kms_key" {{\n}}\n')
    assert 'resource "aws_kms_key" "mine" {' in ran.out


def test_terraforms_error_is_explained(notebook: Notebook) -> None:
    """Has a problem of %terraform the advice on it, from the workspace's files?"""
    notebook.run(f"%%hcl modules/secrets/variables.tf\n{VARIABLES}")
    notebook.place.write(KMS, 'resource "aws_kms_key" "a" {\n  description = var.env\n}\n')
    said = SourceDiagnostic(
        summary="Reference to undeclared input variable",
        detail='An input variable with the name "env" has not been declared.',
        path=KMS,
        line=2,
    )
    view = views.refused("plan", (said,), notebook.place, ())
    text = "\n".join(view.lines())
    assert "What this usually means: There is no variable env in this module" in text
    assert "      |   description = var.environment" in text
    assert "description = var.environment</code>" in view.html


def test_a_check_explains_it_and_says_it_once(notebook: Notebook) -> None:
    """Has the card of a refused module the sentence and the line, and the error's own words once?"""
    notebook.run(f"%%hcl modules/secrets/variables.tf\n{VARIABLES}")
    notebook.run(f'%%hcl {KMS}\nresource "aws_kms_key" "a" {{\n  description = "a",\n}}\n')
    ran = notebook.run("%lab_check module.valid --depth static")
    assert "    means     In a block arguments end with their line" in ran.out
    assert '    put right   description = "a"' in ran.out
    assert ran.out.count("must be separated by newlines") == 2  # and in the error that the cell ends with
    assert "Next: Put it right in its cell" in ran.out


def test_what_was_written_is_escaped() -> None:
    """Is a line put right shown as text, whatever is in it?"""
    advice = Advice(f"It is {NASTY}.", KMS, (Edit(1, 1, f'a = "{NASTY}"'),))
    html = ProblemsView(KMS, (Problem("line 2 of this cell", "Wrong.", 2, NASTY, advice=advice),)).html
    assert "<img" not in html
    assert html.count("&lt;img") == 3
