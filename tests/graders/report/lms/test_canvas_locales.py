"""Canvas's gradebook as institutions and languages vary it: filled, and nothing else of it changed."""

from __future__ import annotations

import pytest

from graders.marking.roster import parse_roster
from graders.report.lms import canvas
from graders.report.lms.entries import Entries, Entry
from lab_env.errors import UsageError
from tests.graders.report.lms import importers

GERMAN = (
    "\ufeffStudent;ID;SIS User ID;SIS Login ID;Integration ID;Root Account;Section;Notes;Quiz (7);Secrets lab (4711);"
    "Assignments Current Score;Final Score\r\n"
    ";;;;;;;;;Manual Posting;;\r\n"
    '    Points Possible;;;;;;;;"1.000,00";"20,00";(read only);(read only)\r\n'
    '"Okafor, Amara";11;u1;"amara";;x.edu;"A; and B";Note;"9,00";;"90,00";"90,00"\r\n'
    '"=""=cmd|\' /C calc\'!A0""";12;u2;+1;;x.edu;A;;"9,00";"7,50";"90,00";"90,00"\r\n'
    '"O\'Neil\nZoë ""Z""";13;;@zoe;;x.edu;A;;"9,00";EX;"90,00";"90,00"\r\n'
    '"Student, Test";99;;;;x.edu;A;;;;;\r\n'
)


def marks(**scores: float | None) -> Entries:
    """Marks out of 100, by login."""
    return Entries(tuple(Entry(id_, score, "") for id_, score in scores.items()), 100, "secrets-management")


def fill(text: str, entries: Entries, title: str = "Secrets lab") -> tuple[str, tuple[str, ...]]:
    made = canvas.fill(entries, parse_roster(text.encode(), "grades.csv"), assignment=title)
    return made.text, made.warnings


def test_a_german_gradebook_goes_back_as_it_came() -> None:
    """Are semicolons, decimal commas, quotes and names as they were, with one cell more, which Canvas reads as it is meant?"""
    text, told = fill(GERMAN, marks(amara=87.5))
    assert text == (
        "\ufeffStudent;ID;SIS User ID;SIS Login ID;Integration ID;Root Account;Section;Secrets lab (4711)\r\n"
        ";;;;;;;Manual Posting\r\n"
        '    Points Possible;;;;;;;"20,00"\r\n'
        '"Okafor, Amara";11;u1;"amara";;x.edu;"A; and B";17,5\r\n'
        '"=""=cmd|\' /C calc\'!A0""";12;u2;+1;;x.edu;A;"7,50"\r\n'
        '"O\'Neil\nZoë ""Z""";13;;@zoe;;x.edu;A;EX\r\n'
        '"Student, Test";99;;;;x.edu;A;\r\n'
    )
    read = importers.canvas(text.encode())
    assert read.points == {"Secrets lab (4711)": "20.00"}
    assert read.grades == {"Secrets lab (4711)": {11: "17.5", 12: "7.50", 13: "EX", 99: ""}}
    assert any("20,00 points possible" in line and "they are converted" in line for line in told)


def test_what_is_in_canvas_and_not_here_stays() -> None:
    """Does somebody without a submission keep their mark in Canvas, and is that said?"""
    text, told = fill(GERMAN, marks(amara=50))
    assert importers.canvas(text.encode()).grades["Secrets lab (4711)"][12] == "7.50"
    assert any("has 7,50 in Canvas and no submission here: it stays." in line for line in told)


@pytest.mark.parametrize(
    ("points", "score", "cell"),
    [
        ("20.00", 87.5, "17.5"),
        ("20.00", 0, "0"),
        ("30.00", 33.5, "10.05"),
        ("3.00", 0.5, "0.02"),  # 0.015: half a cent is rounded up
        ("100.00", 87.5, "87.5"),
        ("1,000.00", 87.5, "875"),
        ("0.00", 87.5, "87.5"),
        ("", 87.5, "87.5"),
        ("(read only)", 87.5, "87.5"),
    ],
)
def test_marks_are_converted_to_the_assignments_points(points: str, score: float, cell: str) -> None:
    """Is a mark out of 100 converted to what Canvas has, to two decimals, and left where Canvas has nothing to convert to?"""
    text = f'Student,ID,SIS Login ID,Section,Lab (1)\nPoints Possible,,,,"{points}"\nA,1,ann,S,\n'
    assert importers.canvas(fill(text, marks(ann=score), "Lab")[0].encode()).grades["Lab (1)"] == {1: cell}


def test_a_list_that_is_quoted_throughout_stays_so() -> None:
    """Does a new cell in a row whose cells are all in quotes get quotes as well?"""
    text = '"Student","ID","SIS Login ID","Section","Lab (1)"\n"A","1","ann","S",""\n'
    assert fill(text, marks(ann=90), "Lab")[0] == text.replace('""', '"90"')


def test_split_names_and_a_new_assignment() -> None:
    """Is a new assignment a column of its own with its points, in the file's own line ends?"""
    text = "LastName,FirstName,ID,SIS Login ID,Section\nOkafor,Amara,12,ann,S\n"
    made, told = fill(text, marks(ann=87.5), "Lab")
    assert made == (
        "LastName,FirstName,ID,SIS Login ID,Section,Lab\n    Points Possible,,,,,100\nOkafor,Amara,12,ann,S,87.5\n"
    )
    assert any("new assignment" in line for line in told)


def test_a_gradebook_is_found_by_what_the_platform_calls_people() -> None:
    """Does a student whose course id is not in the list come by another name, such as that of Canvas's download?"""
    entries = Entries(
        (Entry("s-1", 90, "", aliases=("okaforamara_11",)), Entry("s-2", 80, "", aliases=("12",))), 100, "x"
    )
    text, _ = fill("Student,ID,SIS Login ID,Section,Lab (1)\nA,11,a,S,\nB,12,b,S,\n", entries, "Lab")
    assert importers.canvas(text.encode()).grades == {"Lab (1)": {11: "90", 12: "80"}}


def test_two_of_one_name_are_never_guessed() -> None:
    """Are two people whom one submission fits an error that names both?"""
    with pytest.raises(UsageError, match="fits several rows"):
        fill("Student,ID,SIS Login ID,Section,Lab (1)\nA,11,ann,S,\nB,12,ann,S,\n", marks(ann=1), "Lab")
