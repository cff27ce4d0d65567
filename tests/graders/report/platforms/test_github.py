"""GitHub: annotations that are only commands, a summary that is only our Markdown, SARIF of one repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from graders.model import Adjustment, Evidence, Results, Status, SubmissionResult
from graders.report import sarif_report
from graders.report.platforms import github
from tests.graders.report import samples

OASIS = jsonschema.Draft4Validator(
    json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8")),
    format_checker=jsonschema.FormatChecker(),
)
_COMMAND = re.compile(r"::(?P<kind>error|warning|notice)(?: (?P<told>[^\n]*?))?::(?P<said>[^\n]*)")
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def commands(submission: SubmissionResult) -> list[tuple[str, dict[str, str], str]]:
    """Kind, properties and message of each command, as GitHub's runner reads them; nothing else may be in the text."""
    read = []
    for line in github.workflow_commands(submission).splitlines():
        found = _COMMAND.fullmatch(line)
        assert found is not None, line
        properties = dict(one.split("=", 1) for one in (found["told"] or "").split(",") if one)
        read.append((found["kind"], {key: unquote(value) for key, value in properties.items()}, unquote(found["said"])))
    return read


def failing(*points: int, **texts: Any) -> SubmissionResult:
    rows = (samples.row(f"kms.r{number}", Status.FAIL, points=one, **texts) for number, one in enumerate(points))
    return samples.submission("ann", tuple(rows))


def test_annotations_stand_at_the_learners_lines() -> None:
    """Is each failed requirement an error at its first line, the dearest first, and what passes none?"""
    amara = samples.every_status()[0]
    assert [(kind, told.get("file"), told.get("line")) for kind, told, _ in commands(amara)] == [
        ("error", "modules/secrets/iam.tf", "2"),
        ("error", "modules/secrets/kms.tf", "13"),
        ("error", "modules/secrets/kms.tf", "3"),
    ]
    _, told, said = commands(amara)[0]
    assert told["endLine"] == "5"
    assert told["title"] == "iam.least_privilege: The execution role may do nothing else"
    assert said.endswith("Name the one action and the one secret. (5 points)")
    assert commands(samples.every_status()[1]) == []


def test_no_more_annotations_than_github_shows() -> None:
    """Are at most ten errors and ten warnings made, and is said how many more there are?"""
    made = commands(failing(*range(1, 26)))
    assert [kind for kind, _, _ in made] == ["error"] * 10 + ["warning"] * 10 + ["notice"]
    assert made[0][2].endswith("(25 points)")
    assert made[-1][2] == "5 more requirements not met: see the summary."


def test_a_notebooks_line_is_no_files() -> None:
    """Is what stands in a notebook's cell annotated without a place, since the repository has no such file?"""
    seen = Evidence(kind="hcl", path="modules/secrets/kms.tf", line=3, cell=2, detail="d")
    ((_, told, _),) = commands(failing(4, evidence=(seen,)))
    assert "file" not in told


def test_why_there_is_no_verdict_is_an_annotation() -> None:
    """Does a submission that was refused or could not be read say so in the run?"""
    refused = samples.every_status()[2]
    assert commands(refused)[-1][1:] == ({"title": "Rejected"}, refused.reason)


@given(st.text())
def test_no_text_is_a_command(text: str) -> None:
    """Is any text whatever only the words of its own command: no second one, no property, nothing on a line of its own?"""
    seen = Evidence(kind="hcl", path=text or "p", line=1, detail="d")
    made = commands(failing(4, message=text, title=text, evidence=(seen,)).model_copy(update={"reason": text}))
    assert [kind for kind, _, _ in made] == ["error"] * (2 if text else 1)
    assert set(made[0][1]) == {"file", "line", "endLine", "title"}


def rendered(text: str) -> list[str]:
    """The kinds of what Markdown makes of a text."""
    tokens = _MARKDOWN.parse(text)
    return [one.type for token in tokens for one in (token, *(token.children or ()))]


def test_the_summary_says_what_the_report_does() -> None:
    """Are score, steps, what fails, and what the policy changed in it, as Markdown?"""
    text = github.summary(samples.results(), samples.every_status()[0])
    assert text.startswith("## Secrets Lab: 76 of 98\n")
    assert "| KMS key | 10/17 | ✓ ✓ ✗ ✓ ✗ |" in text
    assert "- Found: `alias/app-secrets-dev in every environment`" in text
    assert "- Late -5: Handed in two days late\\." in text
    assert "Not looked at before that: `runtime.launch`." in text
    kinds = rendered(text)
    assert kinds.count("table_open") == 1
    assert kinds.count("heading_open") == 2


def test_the_summary_of_what_has_no_score() -> None:
    """Does a fault of the grader read as none of the learner's, and as no number?"""
    text = github.summary(samples.results(), samples.every_status()[4])
    assert text.startswith("## Secrets Lab: No score\n")
    assert "**Error:** The engine stopped answering during the apply\\." in text


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "[a](https://x.example)", "![a](x)", "`` ` ``", "| a | b |", "# a", "~~a~~", "&lt;b&gt;",
     "\\`a", "https://x.example <https://x.example>", "```", "*a* _b_ **c**", "a\n\n# b", "- [ ] a", "`", "\\"],
)  # fmt: skip
def test_markdown_of_a_learners_is_text(text: str) -> None:
    """Is each of Markdown's own signs shown as it was written, in prose and in code?"""
    for shown in (github.prose(text), github.code(text)):
        kinds = set(rendered(f"- a: {shown}"))
        assert kinds <= {"bullet_list_open", "list_item_open", "paragraph_open", "inline", "text", "text_special", "code_inline",
                         "paragraph_close", "list_item_close", "bullet_list_close"}  # fmt: skip


@given(st.text())
def test_any_text_is_itself(text: str) -> None:
    """Does Markdown show any text in prose and code just as its one line was, and nobody's name outside code?"""
    from graders.report.platforms.outcome import line

    (_, prose, _) = _MARKDOWN.parse(f"a: {github.prose(text)}")
    assert "".join(one.content for one in prose.children or ()) == f"a: {line(text)}".rstrip()
    assert not any("@" in one.content for one in prose.children or () if one.type != "code_inline")
    (_, code, _) = _MARKDOWN.parse(f"a: {github.code(text)}")
    (shown,) = [one.content for one in code.children or () if one.type == "code_inline"]
    assert shown == (line(text) or "–")


@given(st.text())
def test_nothing_of_a_learners_is_in_the_summary_but_as_text(text: str) -> None:
    """Does any text whatever, in every place, add no heading, link, image, table or HTML?"""
    row = samples.row(
        "kms.key", Status.FAIL, points=4, message=text, title=text, observed=text, expected=text, hint=text
    )
    one = samples.submission("s", (row,), reason=text, adjustments=(Adjustment(kind="late", points=-1, reason=text),))
    kinds = rendered(github.summary(samples.results(), one))
    assert not {"link_open", "image", "html_inline", "html_block", "fence", "code_block", "s_open", "hr"} & set(kinds)
    assert (kinds.count("heading_open"), kinds.count("table_open")) == (2, 1)


def sarif(results: Results, *, alone: bool = False) -> dict[str, Any]:
    """The log, after OASIS's own schema was held against it."""
    document = json.loads(sarif_report.dumps(results, alone=alone))
    OASIS.validate(document)
    return dict(document)


def test_sarif_is_what_oasis_publishes() -> None:
    """Does a class with every status pass the published schema of SARIF 2.1.0, and does the schema refuse a log that is none?"""
    sarif(samples.results())
    broken = json.loads(sarif_report.dumps(samples.results()))
    broken["runs"][0]["results"][0]["level"] = "terrible"
    assert not OASIS.is_valid(broken)


def test_paths_are_the_repositorys_own() -> None:
    """Are the paths of one repository's log those in it, so that code scanning finds the files?"""
    amara = samples.every_status()[0]
    (run,) = sarif(samples.results(amara), alone=True)["runs"]
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert uris == ["modules/secrets/kms.tf", "modules/secrets/kms.tf", "modules/secrets/iam.tf"]
    (run,) = sarif(samples.results(samples.every_status()[2]), alone=True)["runs"]
    places = [*run["results"][0]["locations"], *run["invocations"][0]["toolExecutionNotifications"][0]["locations"]]
    assert [one["physicalLocation"]["artifactLocation"]["uri"] for one in places] == [".", "."]


def test_a_class_keeps_its_learners_names() -> None:
    """Does the log of a class still begin each path with whose it is?"""
    (run,) = sarif(samples.results())["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("amara-okafor/")
