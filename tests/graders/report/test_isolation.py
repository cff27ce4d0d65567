"""The isolation in words: those that stood, and that nothing stood around Terraform where nothing did."""

from __future__ import annotations

import pytest

from graders.model import Results
from graders.report import html_report
from graders.report.isolation import isolation_line
from tests.graders.report import samples


@pytest.mark.parametrize(
    ("isolation", "said"),
    [
        (("gate",), "Isolation: the gate."),
        (("gate", "plan"), "Isolation: the gate, the plan's check; nothing around Terraform."),
        (
            ("gate", "plan", "user", "bubblewrap", "network"),
            "Isolation: the gate, the plan's check, a user without rights, bubblewrap, a network of its own.",
        ),
        (("gate", "plan", "network"), "Isolation: the gate, the plan's check, a network of its own."),
        ((), "Isolation: none."),
        (("gate", "\x1b[2Jmoat"), "Isolation: the gate, "),
    ],
)
def test_in_words(isolation: tuple[str, ...], said: str) -> None:
    """Is each layer named, an unknown one without steering the terminal, and is it said when Terraform ran in the open?"""
    line = isolation_line(isolation)
    assert line.startswith(said)
    assert "\x1b" not in line


def test_on_the_page_of_the_instructor() -> None:
    """Does the report name the isolation that its results name, for one submission and for a class?"""
    results = samples.results()
    one = results.model_copy(
        update={"submissions": results.submissions[:1], "isolation": ("gate", "plan", "bubblewrap")}
    )
    assert "check, bubblewrap." in html_report.render(one)
    assert "nothing around Terraform." in html_report.render(results)


def test_results_of_before() -> None:
    """Is a result file that was written before there was a sandbox still read?"""
    text = samples.results().model_dump_json(by_alias=True)
    assert Results.model_validate_json(text).isolation == ("gate", "plan")
