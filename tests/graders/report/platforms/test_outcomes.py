"""Results for platforms that run graders: right numbers, the platforms' own formats, and text that stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.model import Adjustment, Depth, Evidence, Results, Status, SubmissionResult, SubmissionStatus
from graders.report.platforms import classroom50
from graders.report.platforms.files import Platform, Wanted
from graders.report.platforms.gradescope import Visibility
from lab_env.errors import LabError, UsageError
from tests.graders.report import samples
from tests.graders.report.platforms import formats

RUNNER = {
    "CLASSROOM": "clouds-2026",
    "ASSIGNMENT": "secrets",
    "ASSIGNMENT_TYPE": "individual",
    "USERNAME": "amara",
    "OWNER": "amara",
    "SUBMISSION_TAG": "submit/2026-11-30T10-00-00Z-a1b2c3d",
    "COMMIT_URL": "https://github.example/o/r/commit/a1b2c3d",
    "RELEASE_URL": "https://github.example/o/r/releases/tag/submit%2F1",
    "REVIEW_URL": "https://github.example/o/r/compare/0...1",
}
"""What Classroom 50's runner puts into the environment (its wiki, "Advanced Autograding", "Contract")."""
MARKS = (Platform.GRADESCOPE, Platform.PRAIRIELEARN, Platform.CLASSROOM50)
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2028\u2029]")


def text_of(platform: Platform, results: Results, submission: SubmissionResult) -> str:
    """The file, after the platform's own rules were held against it."""
    text = Wanted(platform, environ=RUNNER).text(results, submission)
    document = json.loads(text)
    if platform is Platform.GRADESCOPE:
        formats.check_gradescope(document)
    elif platform is Platform.PRAIRIELEARN:
        formats.check_prairielearn(document)
        assert len(text.encode()) < formats.PRAIRIELEARN_BYTES
    else:
        formats.check_classroom50(document, "clouds-2026", "secrets", "amara")
    return text


def file_of(platform: Platform, submission: SubmissionResult, **changes: Any) -> dict[str, Any]:
    results = samples.results(submission).model_copy(update=changes)
    return dict(json.loads(text_of(platform, results, submission)))


def of_class(id_: str) -> SubmissionResult:
    return next(one for one in samples.every_status() if one.id == id_)


@pytest.mark.parametrize("platform", MARKS)
@pytest.mark.parametrize("submission", samples.every_status(), ids=lambda one: one.status.value)
def test_every_status(platform: Platform, submission: SubmissionResult) -> None:
    """Has each submission with a score a file that its platform takes, and one without no file?"""
    results = samples.results(submission)
    if submission.status is SubmissionStatus.ERROR:
        with pytest.raises(LabError, match="emi-tanaka has no score, by a fault of the grader") as refused:
            Wanted(platform, environ=RUNNER).text(results, submission)
        assert refused.value.exit_code == 4
    else:
        text_of(platform, results, submission)


def test_gradescope_counts_as_we_do() -> None:
    """Is the score the one with what the policy took, each test what its row earned, and what was not looked at no test?"""
    document = file_of(Platform.GRADESCOPE, of_class("amara-okafor"))
    scored = [test for test in document["tests"] if "score" in test]
    assert document["score"] == 76
    assert sum(test["score"] for test in scored) == 81
    assert sum(test["max_score"] for test in scored) == 98
    assert [test["name"] for test in document["tests"] if "score" not in test] == ["Late: -5"]
    assert document["tests"][-1] == {
        "name": "Late: -5",
        "status": "failed",
        "output": "Handed in two days late.",
        "tags": ["adjustment"],
    }
    assert "Not looked at, and not in the maximum: runtime.audit." in document["output"]
    alias = next(test for test in scored if "kms.alias" in test["name"])
    assert (alias["number"], alias["status"], alias["score"], alias["max_score"]) == ("2.5", "failed", 0, 4)
    assert alias["output"].splitlines()[:4] == [
        "Fail: The alias is called alias/app-secrets-dev in prod too. Build its name from var.environment.",
        "Found: alias/app-secrets-dev in every environment",
        "Expected: alias/app-secrets-<environment>",
        "Where: modules/secrets/kms.tf, line 13",
    ]


def test_nothing_praises_what_earned_nothing() -> None:
    """Is a test passed on Gradescope and Classroom 50 just where the requirement is, blocked and rejected ones failed with 0?"""
    for submission in samples.every_status():
        if submission.status is SubmissionStatus.ERROR:
            continue
        right = [row.status is Status.PASS for row in submission.requirements if row.status is not Status.NOT_RUN]
        if submission.status is SubmissionStatus.UNGRADABLE:
            right = [False]
        tests = file_of(Platform.GRADESCOPE, submission)["tests"]
        assert [test["status"] == "passed" for test in tests if "score" in test] == right
        tests = file_of(Platform.CLASSROOM50, submission)["tests"]
        assert [test["passed"] for test in tests if test["max-score"]] == right


def test_a_rejected_module_earns_nothing() -> None:
    """Does a rejected submission get 0 in each test too, also where rows of it pass?"""
    rejected = samples.submission(
        "r",
        (samples.row("module.valid", Status.FAIL, points=2), samples.row("kms.key", Status.PASS, points=4)),
        status=SubmissionStatus.REJECTED,
        reason="a provider",
    ).model_copy(update={"score": 0})
    assert [test["score"] for test in file_of(Platform.GRADESCOPE, rejected)["tests"]] == [0, 0]
    assert [test["points"] for test in file_of(Platform.PRAIRIELEARN, rejected)["tests"]] == [0, 0]
    assert file_of(Platform.PRAIRIELEARN, rejected)["gradable"] is True
    assert file_of(Platform.CLASSROOM50, rejected)["score"] == 0


def test_what_cannot_be_read_is_one_line() -> None:
    """Is an unreadable submission one test with the reason, and for PrairieLearn not gradable, which costs no attempt?"""
    unreadable = of_class("dmitri-volkov")
    (test,) = file_of(Platform.GRADESCOPE, unreadable)["tests"]
    assert (test["score"], test["max_score"], test["status"]) == (0, 100, "failed")
    assert "cut off after 812 bytes" in test["output"]
    document = file_of(Platform.PRAIRIELEARN, unreadable)
    assert document["gradable"] is False
    assert document["format_errors"] == ["The archive cannot be read: it is cut off after 812 bytes."]
    settled = unreadable.model_copy(
        update={"score": 60, "adjustments": (Adjustment(kind="override", points=60, reason="By hand."),)}
    )
    document = file_of(Platform.PRAIRIELEARN, settled)
    assert (document["gradable"], document["score"]) == (True, 0.6)


def test_prairielearns_sum_is_its_score() -> None:
    """Do the tests' points add up to what the score is a share of, adjustments out of 0 among them?"""
    document = file_of(Platform.PRAIRIELEARN, of_class("amara-okafor"))
    assert document["score"] == pytest.approx(76 / 98)
    assert sum(test["points"] for test in document["tests"]) == 76
    assert sum(test["max_points"] for test in document["tests"]) == 98
    assert document["tests"][-1] == {
        "name": "Late: -5",
        "description": "late",
        "points": -5,
        "max_points": 0,
        "message": "Handed in two days late.",
    }


def halves() -> SubmissionResult:
    rows = (samples.row("kms.key", Status.PASS, points=4), samples.row("kms.tags", Status.FAIL, points=2))
    late = Adjustment(kind="late", points=-0.5, reason="An hour late.")
    return samples.submission("h", rows, adjustments=(late,))


def test_half_points() -> None:
    """Are half points kept where a platform has them, and doubled with all others where it takes whole ones alone?"""
    assert file_of(Platform.GRADESCOPE, halves())["score"] == 3.5
    assert file_of(Platform.PRAIRIELEARN, halves())["score"] == pytest.approx(3.5 / 6)
    document = file_of(Platform.CLASSROOM50, halves())
    assert (document["score"], document["max-score"]) == (7, 12)
    assert [(test["score"], test["max-score"]) for test in document["tests"]] == [(8, 8), (0, 4), (0, 0)]
    whole = file_of(Platform.CLASSROOM50, of_class("bruno-keller"))
    assert (whole["score"], whole["max-score"]) == (100, 100)


def test_a_bonus_past_the_maximum() -> None:
    """Is a bonus above everything given by Gradescope, and everything where the platform knows no more than that?"""
    rows = (samples.row("kms.key", Status.PASS, points=4),)
    rich = samples.submission("b", rows, adjustments=(Adjustment(kind="bonus", points=1, reason="Found a bug."),))
    assert file_of(Platform.GRADESCOPE, rich)["score"] == 5
    assert file_of(Platform.PRAIRIELEARN, rich)["score"] == 1.0
    assert file_of(Platform.CLASSROOM50, rich)["score"] == 4


def test_the_depth_is_said() -> None:
    """Does a mark of less than the full depth say so, and what was not looked at?"""
    rows = (samples.row("kms.key", Status.PASS, points=4), samples.row("runtime.launch", Status.NOT_RUN, points=5))
    document = file_of(Platform.GRADESCOPE, samples.submission("s", rows), depth=Depth.STATIC)
    assert "Not looked at at depth static, and not in the maximum: runtime.launch." in document["output"]
    assert [test["max_score"] for test in document["tests"]] == [4]


def test_nothing_that_counts_is_no_mark() -> None:
    """Is a submission with a maximum of 0 refused with a sentence, not divided by nothing?"""
    empty = samples.submission("n", (samples.row("kms.key", Status.NOT_RUN, points=4),))
    for platform in MARKS:
        with pytest.raises(UsageError, match="Nothing of n counts"):
            Wanted(platform, environ=RUNNER).text(samples.results(empty), empty)


def test_gradescopes_visibility() -> None:
    """Is the visibility Gradescope's own word, and what the grader prints never shown to students?"""
    one = of_class("bruno-keller")
    document = json.loads(Wanted(Platform.GRADESCOPE, Visibility.AFTER_DUE_DATE).text(samples.results(one), one))
    formats.check_gradescope(document)
    assert (document["visibility"], document["stdout_visibility"]) == ("after_due_date", "hidden")


@pytest.mark.parametrize("name", ["CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"])
def test_classroom50_says_what_is_missing(name: str) -> None:
    """Is a runner's variable that is missing or empty named, instead of a file that the runner would refuse?"""
    for environ in ({key: value for key, value in RUNNER.items() if key != name}, {**RUNNER, name: ""}):
        with pytest.raises(UsageError, match=name):
            classroom50.Push.of(environ)


def test_classroom50_without_what_is_optional() -> None:
    """Does an older runner, without OWNER, ASSIGNMENT_TYPE and REVIEW_URL, get a file?"""
    environ = {key: value for key, value in RUNNER.items() if key not in ("OWNER", "ASSIGNMENT_TYPE", "REVIEW_URL")}
    push = classroom50.Push.of(environ)
    assert (push.owner, push.assignment_type, push.review) == ("amara", "individual", RUNNER["COMMIT_URL"])


def nasty(text: str) -> SubmissionResult:
    seen = Evidence(kind="hcl", path=text or "p", line=1, cell=2, address=text, detail=text)
    row = samples.row("kms.key", Status.FAIL, points=4, message=text, observed=text, expected=text, hint=text, title=text,
                      evidence=(seen,))  # fmt: skip
    return samples.submission(
        text or "x",
        (row,),
        reason=text,
        notes=(text,),
        adjustments=(Adjustment(kind="manual", points=-1, reason=text),),
    )


@given(st.text())
def test_any_text_is_shown_as_text(text: str) -> None:
    """Does any text whatever, in every place, give a file that the platform takes, with no sign that steers a screen?"""
    for platform in MARKS:
        written = text_of(platform, samples.results(), nasty(text))
        told = [value for value in _strings(json.loads(written)) if value]
        assert not any(_HIDDEN.search(value.replace("\n", "")) for value in told)


@pytest.mark.parametrize("text", ["💥" * 100_000, "\x1b[31m" * 50_000, "\n" * 100_000, "a" * 2_000_000])
def test_no_text_is_endless(text: str) -> None:
    """Does a submission of endless texts still give a file below PrairieLearn's megabyte, every row and note of it cut?"""
    row = nasty(text).requirements[0]
    rows = tuple(row.model_copy(update={"id": f"kms.{number}"}) for number in range(25))
    endless = samples.submission("e", rows, reason=text, notes=(text,) * 500)
    for platform in MARKS:
        assert len(text_of(platform, samples.results(), endless).encode()) < formats.PRAIRIELEARN_BYTES


def test_detail_for_the_instructor_stays_there() -> None:
    """Is what is written for the instructor alone in no file that students see?"""
    row = samples.row("kms.key", Status.FAIL, points=4, detail="only for the instructor")
    one = samples.submission("d", (row,))
    for platform in Platform:
        if platform is not Platform.GITHUB_SARIF:
            assert "only for the instructor" not in Wanted(platform, environ=RUNNER).text(samples.results(one), one)


def test_the_same_results_the_same_bytes() -> None:
    """Is each file the same twice?"""
    one = of_class("amara-okafor")
    make: Callable[[Platform], str] = lambda platform: Wanted(platform, environ=RUNNER).text(samples.results(), one)  # noqa: E731
    assert [make(platform) for platform in Platform] == [make(platform) for platform in Platform]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _strings(part)]
    return [text for part in value for text in _strings(part)] if isinstance(value, list) else []
