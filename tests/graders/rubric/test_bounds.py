"""How large a row of the result gets, whatever a submission is full of: evidence by number, texts by length, nothing in silence."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from graders.evidence.normalise import Normaliser
from graders.grade import grade
from graders.model import Depth, Evidence, Outcome, RequirementResult, Status, SubmissionResult, Unlisted
from graders.report.json_report import dumps
from graders.rubric import registry
from graders.rubric.bounds import MAX_DETAIL, MAX_EVIDENCE, MAX_TEXT, listed, listed_notes, short
from graders.rubric.judge import row
from graders.rubric.steps.plaintext import MAX_FINDINGS
from solutions.corpus import load_corpus, materialise
from tests.graders.report import samples

MIB = 1 << 20
NO_PLAINTEXT = "secret.no_plaintext"


def places(number: int) -> tuple[Evidence, ...]:
    return tuple(Evidence(kind="hcl", path="a.tf", line=line, detail="d") for line in range(1, number + 1))


def outcome(evidence: tuple[Evidence, ...], **more: object) -> Outcome:
    said: dict[str, object] = {"observed": "o", "expected": "e", "message": "m"}
    return Outcome.model_validate({"status": Status.FAIL, "evidence": evidence, **said, **more})


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """The reference, to be spoilt."""
    return materialise(load_corpus()["reference"], tmp_path / "amara")


def of(result: SubmissionResult, id: str = NO_PLAINTEXT) -> RequirementResult:
    return next(one for one in result.requirements if one.id == id)


@pytest.mark.parametrize("number", [0, 1, MAX_EVIDENCE])
def test_few_pieces_are_all_listed(number: int) -> None:
    """Is evidence that fits left as it is?"""
    assert listed(outcome(places(number))) == places(number)


@pytest.mark.parametrize(
    ("number", "unlisted", "said"),
    [
        (21, Unlisted(), "2 more places like these are not listed."),
        (3199, Unlisted(), "3,180 more places like these are not listed."),
        (MAX_EVIDENCE, Unlisted(places=4), "5 more places like these are not listed."),
        (2, Unlisted(places=1), "1 more place like these is not listed."),
        (1, Unlisted(searched_to=5_000), "The search ended after 5,000 findings, so there may be others."),
        (
            MAX_EVIDENCE,
            Unlisted(places=9, searched_to=5_000),
            "10 more places like these are not listed. The search ended after 5,000 findings, so there may be others.",
        ),
    ],
)
def test_what_is_left_out_is_counted(number: int, unlisted: Unlisted, said: str) -> None:
    """Are there twenty pieces at the most, the last of which says how many more there are?"""
    found = listed(outcome(places(number), unlisted=unlisted))
    assert len(found) == min(number, MAX_EVIDENCE - 1) + 1
    assert found[:-1] == places(number)[: MAX_EVIDENCE - 1]
    assert (found[-1].kind, found[-1].path, found[-1].line, found[-1].detail) == ("hcl", None, None, said)


def test_texts_of_a_row_are_cut() -> None:
    """Is a name of a megabyte in what is observed, said or shown cut with an ellipsis, after the account is taken out of it?"""
    long = "000000000007 " + "x" * MIB
    seen = Evidence(kind="hcl", detail=long, address=f"a.{long}")
    said = row(
        registry().requirements[0],
        outcome((seen,), observed=long, expected=long, message=long, detail=long),
        Normaliser(account="000000000007"),
        duration_ms=0,
    )
    for text, most in ((said.observed, MAX_TEXT), (said.expected, MAX_TEXT), (said.message, MAX_TEXT), (said.detail, MAX_TEXT),
                       (said.evidence[0].detail, MAX_DETAIL)):  # fmt: skip
        assert len(text) == most
        assert text.startswith("<account> xxx")
        assert text.endswith("x…")
    assert len(said.evidence[0].address or "") == MAX_DETAIL


def test_what_fits_is_not_cut() -> None:
    """Is a text of exactly the bound whole, and one character more cut to it?"""
    assert short("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert short("x" * (MAX_TEXT + 1)) == "x" * (MAX_TEXT - 1) + "…"


def test_notes_are_bounded() -> None:
    """Are remarks counted from the twentieth on, too?"""
    assert listed_notes(["a", "b"]) == ("a", "b")
    found = listed_notes([f"{number} {'x' * MIB}" for number in range(500)])
    assert len(found) == MAX_EVIDENCE
    assert found[-1] == "481 more remarks like these are not listed."
    assert max(map(len, found)) == MAX_DETAIL


def test_a_file_of_nothing_but_passwords(submission: Path) -> None:
    """Does a megabyte of passwords give twenty places, the first ones, and say that the search ended?"""
    (submission / "README.md").write_text("pw=a1\n" * (MIB // 6))
    found = of(grade(submission, depth=Depth.STATIC).result)
    assert found.status is Status.FAIL
    assert [seen.line for seen in found.evidence] == [*range(1, MAX_EVIDENCE), None]
    assert found.evidence[-1].detail == (
        f"{MAX_FINDINGS - MAX_EVIDENCE + 1:,} more places like these are not listed. "
        f"The search ended after {MAX_FINDINGS:,} findings, so there may be others."
    )


def test_findings_that_can_be_counted_are(submission: Path) -> None:
    """Is each place counted once, however many credentials stand in it, where the search comes to its end?"""
    (submission / "README.md").write_text("pw=a1 and pw=b2\n" * 50 + "pw=c3\n")
    assert (
        of(grade(submission, depth=Depth.STATIC).result).evidence[-1].detail
        == "32 more places like these are not listed."
    )


def test_the_line_of_a_credential_in_a_block_comment(submission: Path) -> None:
    """Is the line named in which it stands, also where it begins that line?"""
    file = submission / "modules" / "secrets" / "comments.tf"
    file.write_text("# first\n\n/*\npassword = hunter2\n*/\n")
    (seen,) = of(grade(submission, depth=Depth.STATIC).result).evidence
    assert (seen.path, seen.line) == ("modules/secrets/comments.tf", 4)


def test_the_worst_submission_has_a_small_result(submission: Path) -> None:
    """Do 200 files of a megabyte, a finding on each line and every name as long as it may be, make less than 200 KB of JSON?"""
    there = sum(path.is_file() for path in submission.rglob("*"))
    first = submission / "0.md"
    first.write_text("pw=a1\n" * (MIB // 6))
    for number in range(1, 200 - there):
        os.link(first, submission / f"{number}-{'n' * 190}.md")
    result = grade(submission, depth=Depth.STATIC).result
    assert of(result).status is Status.FAIL
    assert len(dumps(samples.results(result)).encode()) < 200_000
    shutil.rmtree(submission)


def test_the_gates_violations_are_bounded(submission: Path) -> None:
    """Is a file of a thousand refused blocks with long names rejected with twenty places and the number of the others?"""
    file = submission / "modules" / "secrets" / "more.tf"
    file.write_text("".join(f'resource "x{number}" "{"y" * 900}" {{}}\n' for number in range(1_000)))
    result = grade(submission, depth=Depth.STATIC).result
    valid = of(result, "module.valid")
    assert len(valid.evidence) == MAX_EVIDENCE
    (count,) = re.findall(r"^([\d,]+) more places like these are not listed\.$", valid.evidence[-1].detail)
    assert int(count.replace(",", "")) >= 981
    assert len(dumps(samples.results(result)).encode()) < 200_000
