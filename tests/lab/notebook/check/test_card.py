"""What the card of ``%lab_check`` says first, and what it never says."""

from __future__ import annotations

import pytest

from graders.model import NOT_CREATED, Depth, Status
from lab.notebook.check.card import BEGIN, CheckState, check_view
from lab.notebook.check.run import CheckFailed
from tests.graders.report import samples
from tests.lab.notebook.conftest import VARIABLES, Notebook


def test_no_green_card_for_what_was_not_looked_at(notebook: Notebook) -> None:
    """Is a check that leaves out what was asked for no pass: not the card, not the cell?"""
    notebook.write("reference")
    ran = notebook.run("%lab_check rotation --depth static")
    assert isinstance(ran.error, CheckFailed)
    assert ran.told == [
        "1 of 1 pass, and rotation.survives_apply and rotation.state_clean are not looked at yet.",
        "Next: %lab_check rotation",
    ]
    assert ran.out.startswith("– Not run: lab_check rotation\n")


def test_first_contact(notebook: Notebook) -> None:
    """Is a workspace without a resource told as the beginning, with the one next step, in card and cell?"""
    assert notebook.run(f"%%hcl modules/secrets/variables.tf\n{VARIABLES}").error is None
    ran = notebook.run("%lab_check secret.no_plaintext --depth static")
    assert isinstance(ran.error, CheckFailed)
    assert ran.told == ["The module has no resource yet.", f"Next: {BEGIN}"]
    assert "The module has no resource yet: this is where everybody begins." in ran.out
    assert f"Next: {BEGIN}" in ran.out


@pytest.mark.parametrize("form", ["plain", "html"])
def test_an_error_of_the_apply_comes_first(notebook: Notebook, form: str) -> None:
    """Does what Terraform could not create stand above every verdict, once, and other notes after it?"""
    error = f"{NOT_CREATED}KMS says no."
    result = samples.submission("a", samples.rows()).model_copy(update={"notes": ("Something else.", error)})
    failing = next(row for row in result.requirements if row.status is Status.FAIL)
    state = CheckState(
        words=(failing.id,),
        result=result,
        rows=(failing,),
        first=failing,
        blocker=None,
        depth=Depth.FULL,
        busy="",
        share=0.0,
        notes=(),
        hint=0,
        kept=False,
    )
    text = getattr(check_view(state, notebook.place), form)
    assert text.count("KMS says no.") == 1
    assert (
        text.index("KMS says no.")
        < text.index("Something else.")
        < text.index(failing.id, text.index("Something else."))
    )
