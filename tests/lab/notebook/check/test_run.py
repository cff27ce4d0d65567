"""``%lab_check`` on the real engine."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from lab import working_copy
from lab.notebook.check.run import CheckFailed, asked_ids
from lab_env.engine import Engine
from lab_env.errors import UsageError
from lab_env.terraform import Toolchain
from tests.lab.notebook.conftest import VARIABLES, Notebook

engine_needed = [pytest.mark.engine, pytest.mark.terraform]

KMS = "%lab_check kms.key kms.rotation kms.deletion_window kms.tags kms.alias"
WRONG = """resource "aws_kms_key" "secrets" {
  description             = "<b>mine</b>"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.secrets.key_id
}
"""


def test_steps_and_ids_are_understood() -> None:
    """Do steps and ids name requirements in the rubric's order, each once, and unknown ones say what there is?"""
    assert asked_ids(["runtime", "kms.key", "runtime.audit"]) == ("kms.key", "runtime.launch", "runtime.audit")
    with pytest.raises(UsageError) as mistyped:
        asked_ids(["kms.rotatoin"])
    assert "kms.rotation" in str(mistyped.value.next_step)
    for words in ([], ["nothing"]):
        with pytest.raises(UsageError) as refused:
            asked_ids(words)
        assert "kms, secret" in str(refused.value.next_step)


@pytest.mark.parametrize("words", ["kms --dept full", "kms --depth deep", "--hint", "'kms", ""])
def test_what_is_not_understood_is_a_clean_error(notebook: Notebook, words: str) -> None:
    """Is a wrong call one sentence and a next step, and does the kernel live on?"""
    ran = notebook.run(f"%lab_check {words}")
    assert isinstance(ran.error, UsageError)
    assert len(ran.told) == 2


def test_static_needs_neither_engine_nor_terraform(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the static depth judge the files alone, and say when there is nothing that it can see?"""
    monkeypatch.setenv("LAB_TERRAFORM", "/nowhere/terraform")
    notebook.write("reference")
    ran = notebook.run("%lab_check secret.no_plaintext rotation.ignore_changes --depth static")
    assert ran.error is None
    assert "2 of 2 pass, 10 of 10 points." in ran.out
    blind = notebook.run("%lab_check iam --depth static")
    assert isinstance(blind.error, CheckFailed)
    assert "Nothing of what was asked for can be seen at depth static" in blind.told[0]


@pytest.mark.engine
@pytest.mark.terraform
def test_a_wrong_answer_a_hint_and_the_right_one(notebook: Notebook, engine: Engine, toolchain: Toolchain) -> None:
    """Is the fail told with the learner's own line, at the cell's line, hints one after the other, and the fix deployed?"""
    assert notebook.run(f"%%hcl modules/secrets/variables.tf\n{VARIABLES}").error is None
    assert notebook.run(f"%%hcl modules/secrets/kms.tf\n{WRONG}").error is None
    ran = notebook.run(KMS)
    assert isinstance(ran.error, CheckFailed)
    (line,) = ran.told
    assert "Next: kms.deletion_window: " in line
    assert "✗ Fail kms.deletion_window 0 / 3" in ran.out
    assert "       4 |   deletion_window_in_days = 30" in ran.out
    assert "line 5 of its cell" in ran.out
    assert "Hint 1" not in ran.out
    # What needs a deployment is not looked at while that fails.
    assert "– Not run: kms.key, kms.rotation and kms.alias can be seen when the module is deployed." in ran.out

    first = notebook.run("%lab_check kms.deletion_window --hint")
    second = notebook.run("%lab_check kms.deletion_window --hint")
    assert "Hint 1 of 3 for kms.deletion_window" in first.out
    assert "Hint 2 of 3 for kms.deletion_window" in second.out
    assert "The files have not changed" in second.out
    progress = working_copy.load_progress(notebook.place.root)
    assert progress.hints == {"kms.deletion_window": 2}
    assert progress.verdicts["kms.deletion_window"].status == "fail"

    fixed = WRONG.replace("= 30", "= 7")
    assert notebook.run(f"%%hcl modules/secrets/kms.tf\n{fixed}").error is None
    ran = notebook.run(KMS)
    assert ran.error is None
    assert "5 of 5 pass, 17 of 17 points." in ran.out
    progress = working_copy.load_progress(notebook.place.root)
    assert (progress.depth, progress.verdicts["kms.alias"].status) == ("full", "pass")
    assert "17 of 17" in notebook.run("%lab_progress").out

    # Everything about the same files is known now.
    blocked = notebook.run("%lab_check iam")
    assert isinstance(blocked.error, CheckFailed)
    assert "The files have not changed" in blocked.out
    assert "cannot be looked at until secret.container is met" in blocked.out
    assert "Next: secret.container: " in blocked.told[0]


@pytest.mark.engine
@pytest.mark.terraform
def test_the_reference_passes_in_full(notebook: Notebook, engine: Engine, toolchain: Toolchain) -> None:
    """Does the whole rubric pass on the reference, in one call, with the marks of the grader?"""
    notebook.write("reference")
    ran = notebook.run("%lab_check module kms secret rotation ecs iam runtime")
    assert ran.error is None
    assert re.search(r"(\d+) of \1 pass, 100 of 100 points\.", ran.out)


@pytest.mark.engine
@pytest.mark.terraform
def test_a_module_that_does_not_plan_shows_what_blocks(
    notebook: Notebook, engine: Engine, toolchain: Toolchain
) -> None:
    """Is the one thing that blocks everything else shown in full, and told as the next step?"""
    notebook.write("reference", "kms.tf")
    ran = notebook.run("%lab_check kms")
    assert isinstance(ran.error, CheckFailed)
    assert "variables.tf is not there yet: run the cells of notebook 00" in ran.out
    notebook.write("reference", "variables.tf")
    notebook.place.write("modules/secrets/bad.tf", 'resource "aws_kms_key" "b" {\n  nope = 1\n}\n')
    ran = notebook.run("%lab_check kms")
    assert isinstance(ran.error, CheckFailed)
    assert "✗ Fail module.valid" in ran.out
    assert "bad.tf" in ran.out
    assert "module.valid: " in ran.told[0]


def test_what_was_written_is_escaped(notebook: Notebook) -> None:
    """Is a learner's hostile line text in the card's HTML, and never markup?"""
    from graders.model import Depth
    from lab.notebook.check.card import check_view
    from lab.notebook.check.run import Asked, _Run
    from lab.notebook.output.display import Live

    hostile = '<script>alert(1)</script>"><img src=x onerror=y>'
    notebook.place.write("modules/secrets/variables.tf", VARIABLES)
    notebook.place.write(
        "modules/secrets/a.tf", f'locals {{\n  # {hostile}\n  password = "kT9!vmQ2xZ7pLr4{hostile[:7]}"\n}}\n'
    )
    asked = Asked((hostile,), ("secret.no_plaintext",), Depth.STATIC)
    run = _Run(notebook.session, asked, Live(notebook.shell))
    result, depth = run.look(Depth.STATIC)
    assert result.requirements
    card = check_view(run._state(result, depth, hint=3), notebook.place)
    assert "no_plaintext" in card.html
    assert "&lt;script&gt;" in card.html
    for bad in ("<script", "<img", "javascript:", "http://", "https://"):
        assert bad not in card.html
    assert json.dumps(card.plain)


def test_a_card_is_drawn_from_itself_alone(notebook: Notebook) -> None:
    """Does a card keep the lines, cells and hints that it was made with, whatever becomes of the files before it is drawn?"""
    from graders.model import Depth
    from lab.notebook.check.card import check_view
    from lab.notebook.check.run import Asked, _Run
    from lab.notebook.output.display import Live

    notebook.place.write("modules/secrets/variables.tf", VARIABLES)
    body = 'locals {\n  password = "kT9!vmQ2xZ7pLr4"\n}'
    assert notebook.run(f"%%hcl modules/secrets/a.tf\n{body}", cell_id="a").error is None
    run = _Run(notebook.session, Asked(("secret",), ("secret.no_plaintext",), Depth.STATIC), Live(notebook.shell))
    card = check_view(run._state(*run.look(Depth.STATIC), hint=1), notebook.place)
    drawn = card.html, card.plain
    assert "line 3 of its cell" in card.plain
    assert "       2 |   password" in card.plain
    shutil.rmtree(notebook.place.files)
    assert (card.html, card.plain) == drawn


def test_an_empty_workspace_says_where_to_begin(notebook: Notebook) -> None:
    """Is a check before any answer a clean sentence?"""
    ran = notebook.run("%lab_check kms")
    assert isinstance(ran.error, UsageError)
    assert "notebook 00" in ran.told[1]
