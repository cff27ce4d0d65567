"""An error explained, in everything that is handed out: whatever the learner wrote in the line."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from graders.grade import grade
from graders.model import Advice, Depth, RequirementResult, Results, Status, SubmissionResult
from graders.nbgrader.checklist import Shown, html
from graders.nbgrader.release import CheckCell
from graders.report import html_report, json_report, junit_report, sarif_report, terminal
from graders.report.cards import says_again, where_of
from graders.report.feedback_pages import render_feedback
from graders.report.platforms.outcome import told
from graders.report.sources import Quotes
from tests.graders.report import samples

NASTY = '"<script>alert(1)</script>`|{{7}}"'
TEXT = (
    f'variable "environment" {{\n  type = string\n}}\n\nresource "aws_kms_key" "a" {{\n  description = {NASTY},\n}}\n'
)
MEANS = "In a block arguments end with their line"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> SubmissionResult:
    directory = tmp_path_factory.mktemp("advice")
    (directory / "main.tf").write_text(TEXT)
    return grade(directory, depth=Depth.STATIC).result


@pytest.fixture(scope="module")
def results(graded: SubmissionResult) -> Results:
    return samples.results(graded)


def _valid(graded: SubmissionResult) -> RequirementResult:
    return next(row for row in graded.requirements if row.id == "module.valid")


def test_the_result_carries_it(graded: SubmissionResult, results: Results) -> None:
    """Has the line that the error fails the advice, no other line any, and the JSON both parts of it?"""
    assert [row.id for row in graded.requirements if row.advice is not None] == ["module.valid"]
    rows = json.loads(json_report.dumps(results))["submissions"][0]["requirements"]
    advice = next(row["advice"] for row in rows if row["id"] == "module.valid")
    assert advice["means"].startswith(MEANS)
    assert advice["line"] == f"  description = {NASTY}"


def test_pages_escape_it(graded: SubmissionResult, results: Results) -> None:
    """Is it in the HTML report and in the learner's feedback page, as text?"""
    for page in (html_report.render(results), render_feedback(results, graded)):
        assert "What this usually means:" in page
        assert "description = &#34;&lt;script&gt;alert(1)&lt;/script&gt;`|{{7}}&#34;" in page
        assert "<script>alert" not in page


@pytest.mark.parametrize("requirements", [("module.valid",), ("kms.key",)])
def test_nbgraders_checklist_has_it(graded: SubmissionResult, requirements: tuple[str, ...]) -> None:
    """Does each check cell of a refused submission say it, once, also one in which the error's own line is not checked?"""
    cell = CheckCell("check", 2, requirements, 2)
    page = html(1, cell, 0, graded, Shown(Quotes(), where_of, {}))
    assert page.count(MEANS) == 1
    assert "<script>" not in page


def test_a_terminal_says_it_once(graded: SubmissionResult) -> None:
    """Has the card the sentence and the line, and Terraform's own words once, not five times?"""
    stream = io.StringIO()
    console = Console(file=stream, width=200, color_system=None)
    terminal.print_cards(console, graded, Quotes(), only=("module",))
    text = stream.getvalue()
    assert f"means     {MEANS}" in text
    assert f"put right   description = {NASTY}" in text
    assert text.count("Argument definitions must be separated by newlines") == 1


def test_machines_get_the_sentence(graded: SubmissionResult, results: Results) -> None:
    """Do the formats of platforms and code scanning have it?"""
    assert MEANS in sarif_report.dumps(results)
    assert MEANS in junit_report.dumps(results)
    assert f"What this usually means: {MEANS}" in told(_valid(graded))
    assert f"Put right: description = {NASTY}" in told(_valid(graded))


@pytest.mark.parametrize(
    ("message", "text", "again"),
    [
        ("Unexpected comma: no commas (a.tf:3): write lines.", "Unexpected comma: no commas", True),
        ("Terraform 1.15 says: Cycle: a, b", "Cycle: a, b", True),
        ("Unexpected comma: no commas (a.tf:3): write lines.", "write lines and more", False),
    ],
)
def test_what_is_said_again(message: str, text: str, again: bool) -> None:
    """Is a text left out that an explained error's message has said, and no other?"""
    row = samples.row("kms.key", Status.FAIL, points=4, message=message, advice=Advice(means="It is so."))
    assert says_again(row, text) is again


def test_other_lines_keep_what_was_observed() -> None:
    """Is nothing left out of a line that fails by no error, though its message says it, too?"""
    row = samples.row("kms.key", Status.FAIL, points=4, message="The key has 10 days.", observed="10")
    assert says_again(row, "10") is False
