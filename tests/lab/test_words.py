"""The terminal's words for a notebook's."""

from __future__ import annotations

import pytest

from lab.cli import build
from lab.magics import LabMagics
from lab.notebook.drills.magics import DrillMagics
from lab.words import VERBS, in_terminal


def test_each_magic_has_a_verb() -> None:
    """Is there a verb for every magic, and is it one that the console script has?"""
    magics = {*LabMagics.magics["line"], *DrillMagics.magics["line"]}
    assert magics <= VERBS.keys()
    known = {command.name for command in build().registered_commands}
    assert {verb.removeprefix("lab ") for verb in VERBS.values()} <= known


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            "Run %terraform apply, then %lab_check kms --depth full.",
            "Run lab terraform apply, then lab check kms --depth full.",
        ),
        ("`%lab_check kms.alias --hint` helps", "`lab hint kms.alias` helps"),
        ("Write it as notebook 02 says.", "Write it as lesson 2 says."),
        ("Notebook 4 has it", "Lesson 4 has it"),
        ("%%hcl modules/secrets/kms.tf", "modules/secrets/kms.tf"),
        ("90 %trailing and 100%rotate", "90 %trailing and 100%rotate"),
        ("%as_role", "lab as-role"),
    ],
)
def test_words(said: str, meant: str) -> None:
    """Is each magic named as its verb, each notebook as its lesson, and nothing else changed?"""
    assert in_terminal(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("The next cell does it. Run the cells above.", "The next command does it. Run the commands above."),
        ("the output of a notebook cell", "the output of a notebook cell"),
        ("In the five notebooks after this one", "In the five lessons after this one"),
        ("You need notebooks 1 to 3", "You need lessons 1 to 3"),
        ("| part | notebook |", "| part | lesson |"),
        ("your notebooks and the history", "your notebooks and the history"),
        (
            "That is a pass. To see one fail, add a cell with\n`demos.check(first=False)`. Go on.",
            "That is a pass.  Go on.",
        ),
    ],
)
def test_prose(said: str, meant: str) -> None:
    """Does prose speak of commands and lessons, of notebooks only where it means them, and never of typing Python?"""
    from lab.lessons.course import without_cells

    assert without_cells(said) == meant
