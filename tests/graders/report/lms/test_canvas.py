"""Canvas's gradebook import: who gets which mark, and that Canvas knows its own people again."""

from __future__ import annotations

import csv
import io

import pytest

from graders.marking.roster import Roster, parse_roster
from graders.model import Results, Status, SubmissionStatus
from graders.report.lms import canvas
from graders.report.lms.sheet import Export, as_csv
from lab_env.errors import UsageError
from tests.graders.report import samples

NAMES = ['Okafor, Amara "Ama"', "line\nbreak", '="=1+1"', "@lice", "-5", "😀 Emoji", " spaced ", "Zoë"]
HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Quiz (7)", "Secrets lab (4711)", "Final Score"]
POINTS = ["    Points Possible", "", "", "", "", "10", "100", "(read only)"]
POSTING = ["", "", "", "", "", "", "Manual Posting", ""]


def klass(*ids: str, **status: SubmissionStatus) -> Results:
    """Everybody has 100 of 100 but for whom another status is given."""
    made = []
    for id_ in ids:
        kind = status.get(id_, SubmissionStatus.GRADED)
        each = {SubmissionStatus.GRADED: Status.PASS, SubmissionStatus.ERROR: Status.ERROR}.get(kind, Status.UNGRADABLE)
        reason = None if kind is SubmissionStatus.GRADED else "cut off"
        made.append(samples.submission(id_, samples.rows(each), status=kind, reason=reason))
    return samples.results(*made)


def gradebook(*people: list[str], points: list[str] = POINTS, delimiter: str = ",") -> Roster:
    return parse_roster(as_csv([HEADER, POSTING, points, *people], delimiter).encode(), "grades.csv")


def person(name: str, number: int, login: str, mark: str = "") -> list[str]:
    return [name, str(number), f"s{number}", login, "Morning, and Evening", "9", mark, "90.00"]


def table(export: Export, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(export.text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_people_come_back_as_canvas_wrote_them(delimiter: str) -> None:
    """Are names with commas, quotes, line ends, formulas and emoji written back to the last character?"""
    people = [person(name, number, f"u{number}") for number, name in enumerate(NAMES, start=1)]
    book = gradebook(*people, delimiter=delimiter)
    made = canvas.export(klass(*(f"u{n}" for n in range(1, 9))), book, assignment="Secrets lab")
    written = table(made, delimiter)
    assert written[0] == [*HEADER[:5], "Secrets lab (4711)"]
    assert written[1] == [*POSTING[:5], "Manual Posting"]
    assert written[2] == [*POINTS[:5], "100"]
    assert written[3:] == [[*row[:5], "100"] for row in people]
    assert made.warnings == ()


def test_other_assignments_are_not_set_back() -> None:
    """Is no column in the import but the people's and this assignment's?"""
    made = canvas.export(klass("u1"), gradebook(person("A", 1, "u1")), assignment="Secrets lab (4711)")
    assert "Quiz (7)" not in made.text
    assert "Final Score" not in made.text


def test_who_has_no_mark() -> None:
    """Is an error's cell and a missing person's cell empty, never 0, a refused one's 0, and all of it told?"""
    book = gradebook(*(person(n, i, n) for i, n in enumerate(("ann", "bob", "cora", "dan"), start=1)))
    results = klass("ann", "bob", "cora", "zoe", bob=SubmissionStatus.ERROR, cora=SubmissionStatus.UNGRADABLE)
    made = canvas.export(results, book, assignment="Secrets lab")
    assert [row[5] for row in table(made)[3:]] == ["100", "", "0", ""]
    assert made.warnings == (
        "zoe is not in grades.csv: its mark is not exported.",
        "1 student of grades.csv without a submission: the cell is empty.",
        "bob has no score, by a fault of the grader: the cell is empty.",
    )


def test_marks_that_are_there_already() -> None:
    """Does an excused student stay excused, and is a mark that an empty cell would take away told?"""
    book = gradebook(person("A", 1, "ann", "EX"), person("B", 2, "bob", "55"), person("C", 3, "cora", "N/A"))
    made = canvas.export(klass("ann", "bob", bob=SubmissionStatus.ERROR), book, assignment="Secrets lab")
    assert [row[5] for row in table(made)[3:]] == ["EX", "", ""]
    assert "A is excused in Canvas: the mark 100 is not exported." in made.warnings
    assert "B has 55 in Canvas: the empty cell would take it away." in made.warnings


def test_points_that_differ_are_told() -> None:
    """Is a mark out of 100 for an assignment out of 10 converted, and that said?"""
    points = [*POINTS[:6], "10,00", "(read only)"]
    made = canvas.export(klass("ann"), gradebook(person("A", 1, "ann"), points=points), assignment="Secrets lab")
    assert table(made)[3][5] == "10"
    assert made.warnings == (
        "Canvas has 10,00 points possible for the assignment, the marks are out of 100: they are converted.",
    )


def test_a_new_assignment() -> None:
    """Does a title that the gradebook does not have get a column with its points, and a word about it?"""
    made = canvas.export(klass("ann"), gradebook(person("A", 1, "ann")))
    rows = table(made)
    assert [row[5] for row in rows] == ["secrets-management", "", "100", "100"]
    assert made.warnings == (
        "grades.csv has no column secrets-management: Canvas will offer to make a new assignment.",
    )
    bare = parse_roster(as_csv([HEADER[:5], person("A", 1, "ann")[:5]]).encode(), "g.csv")
    assert [row[0] for row in table(canvas.export(klass("ann"), bare))] == ["Student", "    Points Possible", "A"]


def test_first_and_last_name_columns() -> None:
    """Is the export with split names kept in its shape?"""
    head = ["LastName", "FirstName", "ID", "SIS Login ID", "Section", "Secrets lab (4711)"]
    book = parse_roster(as_csv([head, ["Okafor", "Amara", "12", "ann", "S", ""]]).encode(), "g.csv")
    made = canvas.export(klass("okaforamara_12"), book, assignment="Secrets lab")
    assert table(made) == [head, ["Okafor", "Amara", "12", "ann", "S", "100"]]


def test_ambiguous_assignments() -> None:
    """Is a title that two assignments have refused with both headings, and one of Canvas's own columns refused?"""
    head = [*HEADER[:5], "Lab (1)", "Lab (2)"]
    book = parse_roster(as_csv([head, ["A", "1", "s", "ann", "S", "", ""]]).encode(), "g.csv")
    with pytest.raises(UsageError, match="several columns Lab") as caught:
        canvas.export(klass("ann"), book, assignment="Lab")
    assert caught.value.next_step == "Write one in full: Lab (1), Lab (2)."
    assert table(canvas.export(klass("ann"), book, assignment="Lab (2)"))[0][5] == "Lab (2)"
    with pytest.raises(UsageError, match="own columns"):
        canvas.export(klass("ann"), book, assignment="ID")


def test_another_list_gets_canvas_columns() -> None:
    """Does a list that is not Canvas's give the names and, as the login, the column the ids are in?"""
    people = parse_roster(b"First name,Last name,account,ID\nAmara,Okafor,ann,999\nBo,B,bob,998\n", "list.csv")
    made = canvas.export(klass("ann"), people, assignment="Lab")
    assert table(made) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab"],
        ["    Points Possible", "", "", "", "", "100"],
        # A university's own number is no id of Canvas: it might be somebody else's.
        ["Okafor, Amara", "", "", "ann", "", "100"],
        ["B, Bo", "", "", "bob", "", ""],
    ]


def test_without_a_list() -> None:
    """Do the ids identify when there is no list: Canvas's number from its own download, else as the login, never a formula?"""
    made = canvas.export(klass("okaforamara_12345", "=1+1"))
    assert table(made)[2:] == [["okaforamara_12345", "12345", "", "", "", "100"], ["'=1+1", "", "", "'=1+1", "", "100"]]
    assert "Without a class list" in made.warnings[0]
    assert made.warnings[-1].startswith("'=1+1 was changed")
