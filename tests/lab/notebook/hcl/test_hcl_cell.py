"""``%%hcl``: what a cell writes, and what is told about it."""

from __future__ import annotations

import pytest

from lab.notebook.hcl.hcl_cell import HclCellError, ProblemsView
from lab.output.problem import Problem
from lab.session.session import Session
from lab_env.errors import UsageError
from tests.lab.notebook.conftest import VARIABLES, Notebook

KMS = "modules/secrets/kms.tf"


@pytest.fixture(autouse=True)
def _stay_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is checked here after a cell, so no lane needs to be warmed for it."""
    monkeypatch.setattr(Session, "warm", lambda self: None)


def test_a_cell_is_written_as_it_is(notebook: Notebook) -> None:
    """Does the file hold the cell's text, with nothing of Python's in it expanded?"""
    notebook.shell.user_ns["name"] = "expanded"
    body = 'locals {\n  a = "${var.environment}-{name} $name"\n}\n'
    ran = notebook.run(f"%%hcl {KMS}\n{body}\n\n")
    assert ran.error is None
    assert ran.out == f"Written: {KMS}, 3 lines.\n"
    assert notebook.place.text(KMS) == body


@pytest.mark.parametrize("word", ["/tmp/kms.tf", "../kms.tf", "kms.sh", ""])
def test_a_path_outside_writes_nothing(notebook: Notebook, word: str) -> None:
    """Is a wrong path a clean error, and nothing written anywhere?"""
    ran = notebook.run(f"%%hcl {word}\nlocals {{}}")
    assert isinstance(ran.error, UsageError)
    assert len(ran.told) == 2
    assert notebook.place.paths() == ()
    assert sorted(path.name for path in notebook.place.root.iterdir()) == []


def test_a_syntax_error_is_at_the_cells_own_line(notebook: Notebook) -> None:
    """Is the line quoted, counted as in the cell, with a caret below the place, in Terraform's words and one clean line?"""
    text = 'resource "aws_kms_key" "main" {\n  description = "x" "y"\n}\n'
    ran = notebook.run(f"%%hcl {KMS}\n{text}")
    assert isinstance(ran.error, HclCellError)
    (told,) = ran.told
    assert told.startswith(f"Line 3 of this cell ({KMS}): Missing newline after argument")
    lines = ran.out.splitlines()
    quoted = next(i for i, line in enumerate(lines) if line.endswith('description = "x" "y"'))
    assert lines[quoted].startswith("    3 | ")
    assert lines[quoted + 1].index("^") == lines[quoted].index('"y"')
    # The cell is what is handed in, so the file is the cell all the same.
    assert notebook.place.text(KMS) == text


@pytest.mark.parametrize("more", ["}\n", "}\n}\n"])
def test_a_brace_too_many_is_found(notebook: Notebook, more: str) -> None:
    """Is a brace that closes nothing told, at its line of this cell?"""
    ran = notebook.run(f'%%hcl {KMS}\nresource "aws_kms_key" "main" {{\n}}\n{more}')
    assert isinstance(ran.error, HclCellError)
    assert ran.told[0].startswith(f"Line 4 of this cell ({KMS}): Argument or block definition required")


def test_a_brace_that_is_missing_is_found(notebook: Notebook) -> None:
    """Is a block that is not closed told, at a line of this cell?"""
    ran = notebook.run(f'%%hcl {KMS}\nresource "aws_kms_key" "main" {{\n  description = "x"\n')
    assert isinstance(ran.error, HclCellError)
    assert "of this cell" in ran.told[0]


def test_what_the_lab_does_not_allow_is_told_at_once(notebook: Notebook) -> None:
    """Is a resource that the gate refuses an error at its line, and a problem of another file none of this cell's?"""
    assert notebook.run(f"%%hcl modules/secrets/variables.tf\n{VARIABLES}").error is None
    bad = notebook.run('%%hcl modules/secrets/bad.tf\n\nresource "aws_s3_bucket" "b" {}')
    assert isinstance(bad.error, HclCellError)
    assert bad.told[0].startswith("Line 3 of this cell")
    assert "aws_s3_bucket" in bad.told[0]
    assert notebook.run(f'%%hcl {KMS}\nresource "aws_kms_key" "main" {{}}').error is None


def test_an_output_is_escaped() -> None:
    """Is what a learner wrote text in the HTML, never markup, and no control character in either form?"""
    hostile = "<script>alert(1)</script><img src=x onerror=y>\x1b[2J\u202e"
    shown = ProblemsView(hostile, (Problem(hostile, hostile, 3, hostile, 4),))
    assert "<script" not in shown.html
    assert "<img" not in shown.html
    assert "&lt;script&gt;" in shown.html
    assert "\x1b" not in shown.html
    assert "\u202e" not in shown.html


def test_the_caret_stands_below_a_tab() -> None:
    """Is the caret below its character when the line begins with tabs?"""
    assert Problem("", "", 1, "\t\ta = ?", 6).pointer == "\t\t    ^"
