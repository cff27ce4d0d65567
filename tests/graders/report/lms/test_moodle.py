"""Moodle's grade import: one unknown or nameless person spoils the file, and feedback is shown as HTML."""

from __future__ import annotations

import csv
import io

import pytest

from graders.marking.roster import Roster, parse_roster
from graders.model import Adjustment, Results, Status, SubmissionStatus
from graders.report.lms import class_list, moodle
from graders.report.lms.sheet import Export, as_csv
from lab_env.errors import UsageError
from tests.graders.report import samples

NASTY = ['o\'neil,"x"@a.edu', "=cmd@a.edu", "+1@a.edu", " spaced@a.edu ", "😀@a.edu", "zoë@a.edu"]


def klass(*ids: str) -> Results:
    return samples.results(*(samples.submission(id_, samples.rows(Status.PASS)) for id_ in ids))


def worksheet(*people: tuple[str, str, str]) -> Roster:
    """Moodle's grading worksheet: identifier, full name, address."""
    head = ["Identifier", "Full name", "Email address", "Grade", "Feedback comments"]
    return parse_roster(as_csv([head, *([*person, "", ""] for person in people)]).encode(), "sheet.csv")


def table(export: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(export.text, newline="")))


def test_addresses_come_back_as_they_are() -> None:
    """Is every address written back to the last character, formula or not, in the list's order?"""
    people = worksheet(*((f"Participant {n}", f"P {n}", mail) for n, mail in enumerate(NASTY)))
    made = moodle.export(klass(*(f"P {n}_{n}" for n in range(len(NASTY)))), people, assignment="Secrets lab")
    assert table(made)[0] == ["Email address", "Secrets lab", "Feedback comments"]
    assert [row[0] for row in table(made)[1:]] == NASTY
    assert {(row[1], row[2]) for row in table(made)[1:]} == {("100", "100 of 100 points.")}


def test_who_has_no_mark() -> None:
    """Is an error's and a missing person's mark empty, and somebody whom the list does not have left out and told?"""
    people = worksheet(
        ("Participant 1", "A", "ann@a.edu"), ("Participant 2", "B", "emi@a.edu"), ("Participant 3", "C", "c@a.edu")
    )
    results = samples.results(
        samples.submission("ann", samples.rows(Status.PASS)),
        samples.submission("emi", samples.rows(Status.ERROR), status=SubmissionStatus.ERROR, reason="engine"),
        samples.submission("zoe", samples.rows(Status.PASS)),
    )
    made = moodle.export(results, people)
    assert table(made)[1:] == [
        ["ann@a.edu", "100", "100 of 100 points."],
        ["emi@a.edu", "", "No score yet: a fault of the grader, not of the submission."],
        ["c@a.edu", "", ""],
    ]
    assert "zoe is not in sheet.csv: its mark is not exported." in made.warnings
    assert "emi has no score, by a fault of the grader: the cell is empty." in made.warnings


def test_a_row_without_identity_is_left_out() -> None:
    """Is a person without address, whose mark Moodle would give to the row before, left out and told?"""
    people = worksheet(("Participant 1", "A", "ann@a.edu"), ("Participant 2", "bob", " "))
    made = moodle.export(klass("A_1", "bob_2"), people)
    assert [row[0] for row in table(made)[1:]] == ["ann@a.edu"]
    assert "sheet.csv, line 3: no Email address, so the row of bob_2 is left out." in made.warnings


def test_one_person_twice_is_refused() -> None:
    """Is an address that stands in two rows an error?"""
    people = worksheet(("Participant 1", "A", "ann@a.edu"), ("Participant 2", "B", "ann@a.edu"))
    with pytest.raises(UsageError, match=r"has ann@a\.edu in several rows"):
        moodle.export(klass("x_1"), people)


@pytest.mark.parametrize(
    ("header", "identity"),
    [
        ("ID number,Username", "ID number"),
        ("Username,Email address", "Email address"),
        ("username,other", "username"),
    ],
)
def test_the_best_identity_is_taken(header: str, identity: str) -> None:
    """Is the address before the number before the user name?"""
    made = moodle.export(klass("ann"), parse_roster(f"{header}\nann,ann@a.edu\n".encode(), "l.csv"))
    assert table(made)[0][0] == identity


def test_a_list_without_identity() -> None:
    """Is a list that Moodle could not read refused, with what to take instead?"""
    with pytest.raises(UsageError, match=r"Nothing in l\.csv identifies people") as caught:
        moodle.export(klass("ann"), parse_roster(b"Name\nann\n", "l.csv"))
    assert "Email address" in (caught.value.next_step or "")


def test_feedback_is_safe_and_says_what_was_not_met() -> None:
    """Is the feedback one line, no formula and no HTML, with what failed, what waited and what the policy changed?"""
    bad = samples.submission(
        "ann", samples.rows(), adjustments=(Adjustment(kind="late", points=-5, reason="<b>=late</b>\nby 1 day."),)
    )
    refused = samples.submission(
        "eve", samples.rows(Status.BLOCKED), status=SubmissionStatus.REJECTED, reason="=<img src=x onerror=alert(1)>"
    )
    made = {row[0]: row for row in table(moodle.export(samples.results(bad, refused)))}
    assert made["ann"][1:] == [
        "76",
        "76 of 98 points. Not met: The key waits 7 days before its deletion (kms.deletion_window, 3 points); "
        "The alias points at the key (kms.alias, 4 points); The execution role may do nothing else "
        "(iam.least_privilege, 5 points). 1 requirement could not be looked at before that. "
        "Adjusted by -5: &lt;b&gt;=late&lt;/b&gt; by 1 day.",
    ]
    assert made["eve"][1:] == ["0", "0 of 100 points. Refused: =&lt;img src=x onerror=alert(1)&gt;"]


def test_without_a_list() -> None:
    """Do the ids identify when there is no list, as addresses only if all of them are?"""
    assert table(moodle.export(klass("ann@a.edu")))[0][0] == "Email address"
    made = moodle.export(klass("ann@a.edu", "=bob"))
    assert [row[0] for row in table(made)] == ["Username", "ann@a.edu", "'=bob"]
    assert made.warnings[-1].startswith("'=bob was changed")


def test_a_class_list_keeps_its_columns() -> None:
    """Does the plain list come back whole, with our columns behind it, and its own separator?"""
    people = parse_roster(b'Name;Login\n"=A;1";ann\nB;emi\nC;c\n', "l.csv")
    results = samples.results(
        samples.submission(
            "ann", samples.rows(Status.PASS), adjustments=(Adjustment(kind="late", points=-3, reason="r"),)
        ),
        samples.submission("emi", samples.rows(Status.ERROR), status=SubmissionStatus.ERROR, reason="engine"),
    )
    made = class_list.export(results, people)
    assert list(csv.reader(io.StringIO(made.text, newline=""), delimiter=";")) == [
        ["Name", "Login", "submission", "status", "score", "max_score", "adjustment", "comment"],
        ["=A;1", "ann", "ann", "graded", "97", "100", "-3", "97 of 100 points. Adjusted by -3: r"],
        ["B", "emi", "emi", "error", "", "100", "0", "No score yet: a fault of the grader, not of the submission."],
        ["C", "c", "", "", "", "", "", ""],
    ]
    assert made.warnings == (
        "1 student of l.csv without a submission: the cell is empty.",
        "emi has no score, by a fault of the grader: the cell is empty.",
    )


def test_different_maxima_are_told() -> None:
    """Is a class whose marks are not out of the same number told about it?"""
    results = samples.results(
        samples.submission("ann", samples.rows(Status.PASS)), samples.submission("bob", samples.rows())
    )
    assert any("same maximum" in warning for warning in moodle.export(results).warnings)
