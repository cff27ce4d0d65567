"""The walls in words: those that stood, and that nothing stood around Terraform where nothing did."""

from __future__ import annotations

import pytest

from graders.model import Results
from graders.report import html_report
from graders.report.walls import walls_line
from tests.graders.report import samples


@pytest.mark.parametrize(
    ("walls", "said"),
    [
        (("gate",), "Walls: the gate."),
        (("gate", "plan"), "Walls: the gate, the plan's check; nothing around Terraform."),
        (
            ("gate", "plan", "user", "bubblewrap", "network"),
            "Walls: the gate, the plan's check, a user without rights, bubblewrap, a network of its own.",
        ),
        (("gate", "plan", "network"), "Walls: the gate, the plan's check, a network of its own."),
        ((), "Walls: none."),
        (("gate", "\x1b[2Jmoat"), "Walls: the gate, "),
    ],
)
def test_in_words(walls: tuple[str, ...], said: str) -> None:
    """Is each wall named, an unknown one without steering the terminal, and is it said when Terraform ran in the open?"""
    line = walls_line(walls)
    assert line.startswith(said)
    assert "\x1b" not in line


def test_on_the_page_of_the_instructor() -> None:
    """Does the report name the walls that its results name, for one submission and for a class?"""
    results = samples.results()
    one = results.model_copy(update={"submissions": results.submissions[:1], "walls": ("gate", "plan", "bubblewrap")})
    assert "check, bubblewrap." in html_report.render(one)
    assert "nothing around Terraform." in html_report.render(results)


def test_results_of_before() -> None:
    """Is a result file that was written before there was a sandbox still read?"""
    text = samples.results().model_dump_json(by_alias=True)
    assert Results.model_validate_json(text).walls == ("gate", "plan")
