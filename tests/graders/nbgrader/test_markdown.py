"""Markdown of a learner's: what is left of it."""

from __future__ import annotations

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from graders.nbgrader.markdown import harmless


@pytest.mark.parametrize(
    "text",
    [
        "<script>canary()</script>",
        "<img src=x onerror=canary()>",
        "[x](javascript:canary())",
        "[x](JaVaScRiPt:canary())",
        "[x](&#106;avascript:canary())",
        "![x](https://example.org/pixel.png)",
        "<javascript:canary()>",
        "[x]: javascript:canary()\n\n[x]",
        "[x](data:text/html,canary)",
        r"$\href{javascript:canary()}{x}$",
        "```\n</code></pre><script>canary()</script>\n```",
        "`````text\n<script>canary()</script>",
    ],
)
def test_nothing_of_it_runs(text: str) -> None:
    """Is there no tag of the learner's, no script, and no link but to the web in what nbconvert makes of it?"""
    page = markdown2html_mistune(harmless(text)).lower()
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert 'href="data' not in page
    assert "onerror=canary()>" not in page
    if "\\href" in page:
        assert "<pre" in page.split("\\href")[0]  # MathJax leaves what is preformatted alone


def test_ordinary_prose_stays_prose() -> None:
    """Do headings, emphasis, lists, code and links to the web come through?"""
    text = "# Why\n\n*A key* of **ours**:\n\n- one\n- `two`\n\n[AWS](https://docs.aws.amazon.com/kms/)\n"
    assert harmless(text) == text


def test_a_very_long_text_is_shown_as_typed() -> None:
    """Is a text that would take long to render shown as it was typed, and one of a few pages rendered?"""
    page = "An *honest* answer.\n\n" * 200
    assert harmless(page) == page
    long = "**" * 200_000
    assert harmless(long) == f"```text\n{long}\n```"
