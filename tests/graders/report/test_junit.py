"""JUnit XML: read back by the library and by another parser, and safe whatever a learner wrote."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite

from graders.model import PolicyInfo, Results, Status
from graders.report import junit_report
from tests.graders.report import samples


def parsed(results: Results) -> list[TestSuite]:
    return list(JUnitXml.fromstring(junit_report.dumps(results).encode()))


def test_statuses_are_told_apart() -> None:
    """Is fail a failure, error an error, blocked and not_run skipped, ungradable the learner's failure, and pass nothing?"""
    one = samples.submission("ann", tuple(samples.row(f"kms.{status}", status, points=1) for status in Status))
    (suite,) = parsed(samples.results(one))
    outcomes = {case.name: [type(result) for result in case.result] for case in suite}
    assert outcomes == {
        "kms.pass": [],
        "kms.fail": [Failure],
        "kms.blocked": [Skipped],
        "kms.not_run": [Skipped],
        "kms.ungradable": [Failure],
        "kms.error": [Error],
    }
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (6, 2, 1, 2)


def test_a_suite_a_submission_a_case_a_requirement() -> None:
    """Are suites and cases in the results' order, and every case known by submission and requirement?"""
    suites = parsed(samples.results())
    assert [len(list(suite)) for suite in suites] == [25, 25, 25, 25, 25, 2]
    first = suites[0]
    assert first.name == "amara-okafor"
    assert [case.name for case in first] == [row.id for row in samples.rows()]
    assert {case.classname for case in first} == {"amara-okafor"}
    failed = next(case for case in first if case.name == "kms.deletion_window")
    assert failed.result[0].message.startswith("The key waits 30 days")
    for words in ("Found: 30 days", "Expected: 7 days", "modules/secrets/kms.tf:3: deletion_window_in_days = 30"):
        assert words in failed.result[0].text


def test_properties_carry_the_score() -> None:
    """Has every suite its status, score, adjustments and policy, and an error no score at all?"""
    info = PolicyInfo(name="p.yaml", digest="sha256:" + "0" * 64, lines=("Due then.", "Switched off: kms.key."))
    suites = parsed(samples.results().model_copy(update={"policy": info}))
    properties = [{one.name: one.value for one in suite.properties()} for suite in suites]
    assert properties[0]["score"] == "76"
    assert properties[0]["late.1"] == "-5: Handed in two days late."
    assert properties[0]["policy.2"] == "Switched off: kms.key."
    assert properties[4]["status"] == "error"
    assert "score" not in properties[4]


def test_another_parser_reads_it() -> None:
    """Is the document well-formed for a parser that does not know JUnit, hostile text shown and not obeyed?"""
    text = junit_report.dumps(samples.results())
    root = ElementTree.fromstring(text)  # noqa: S314 - our own text
    assert root.tag == "testsuites"
    assert root.attrib["tests"] == str(len(root.findall(".//testcase")))
    assert root.findall("testsuite")[5].attrib["name"] == (
        "<script>alert(1)</script> ⟨U+001B⟩[2J⟨U+001B⟩[31mpass⟨U+001B⟩[0m ⟨U+202E⟩gnp.exe⟨U+202C⟩ & \"quotes\" 'x' "
        "{{ 7*7 }} ⟨U+0000⟩⟨U+007F⟩⟨U+009B⟩"
    )


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\ufffe", "\uffff", "\ud800", "\x85", "]]>", "&", "<!--"])
def test_what_xml_cannot_hold(character: str) -> None:
    """Is a character that XML forbids made visible, and one that means something escaped?"""
    row = samples.row("kms.key", Status.FAIL, points=4, message=f"a{character}b", observed=f"a{character}b")
    case = next(iter(parsed(samples.results(samples.submission("ann", (row,))))[0]))
    shown = case.result[0].message
    assert shown.startswith("a")
    assert shown.endswith("b")
    assert len(shown) > 2


@given(st.text())
def test_any_text_is_well_formed(text: str) -> None:
    """Does any text whatever, in every place, come back from a parser?"""
    row = samples.row("kms.key", Status.FAIL, points=4, message=text, observed=text, hint=text, title=text)
    one = samples.submission(text, (row,), reason=text, notes=(text,))
    ElementTree.fromstring(junit_report.dumps(samples.results(one)))  # noqa: S314 - our own text


def test_the_same_results_the_same_bytes(tmp_path: Path) -> None:
    """Is the file the same twice, in UTF-8, and what dumps gives?"""
    junit_report.write(samples.results(), tmp_path / "a.xml")
    junit_report.write(samples.results(), tmp_path / "b.xml")
    assert (tmp_path / "a.xml").read_bytes() == (tmp_path / "b.xml").read_bytes()
    assert (tmp_path / "a.xml").read_text(encoding="utf-8") == junit_report.dumps(samples.results())
