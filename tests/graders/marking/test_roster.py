"""Class lists: cells that stay as they are, and who of them handed in what."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.marking.roster import Absent, Roster, absent, match, parse_roster, read_roster
from graders.report.lms.sheet import as_csv
from lab_env.errors import UsageError

NASTY = [
    'Doe, "Jo"',
    "line\nbreak",
    "cr\r\nlf",
    "=1+1",
    "@SUM(A1)",
    "-x",
    "😀",
    " spaced ",
    "tab\there",
    "",
    "'",
    "Zoë",
]


def roster(*rows: str) -> Roster:
    return parse_roster("\n".join(rows).encode(), "list.csv")


def refused(data: bytes | str) -> str:
    with pytest.raises(UsageError) as caught:
        parse_roster(data if isinstance(data, bytes) else data.encode(), "list.csv")
    assert caught.value.next_step
    return caught.value.message


def found(list_: Roster, *ids: str, column: str | None = None) -> dict[str, str]:
    """The first cell of each id's row."""
    return {id_: list_.rows[row][0] for id_, row in match(list_, ids, column=column).rows.items()}


def test_cells_come_back_as_they_are() -> None:
    """Are commas, quotes, line ends, formulas, emoji and spaces read and written back unchanged?"""
    table = [["Name", "Login"], *([cell, f"u{number}"] for number, cell in enumerate(NASTY))]
    for delimiter in (",", ";", "\t"):
        read = parse_roster(as_csv(table, delimiter).encode(), "list.csv")
        assert (read.delimiter, [list(row) for row in (read.header, *read.rows)]) == (delimiter, table)


@given(st.lists(st.lists(st.text(st.characters(blacklist_categories=("Cs",))), min_size=2, max_size=2), min_size=1))
def test_any_cells_come_back(people: list[list[str]]) -> None:
    """Does any text whatever survive reading and writing, but for rows that are empty altogether?"""
    read = parse_roster(as_csv([["Name", "Login"], *people]).encode(), "list.csv")
    assert [list(row) for row in read.rows] == people


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """Is a byte order mark, and Excel's UTF-16, no part of the first heading?"""
    assert parse_roster("Name,Login\nZoë,z\n".encode(encoding), "l.csv").header == ("Name", "Login")


def test_short_rows_are_filled_and_blank_lines_passed_over() -> None:
    """Does a row that ends early get empty cells, and an empty line no row?"""
    assert roster("a,b,c", "1", "", "2,3").rows == (("1", "", ""), ("2", "3", ""))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Name\nZo\xeb\n", "line 2: this is not UTF-8"),
        ("", "empty"),
        ("\n\n", "empty"),
        ("a,b\n1,2\n1,2,3\n", "line 3: there are 3 cells under 2 headings"),
        ('a,b\n"x" y,2\n', "line 2: this is no CSV"),
        ('a,b\n"never closed,2\n', "this is no CSV"),
    ],
)
def test_what_cannot_be_read(data: bytes | str, words: str) -> None:
    """Is a list that is broken refused with the line?"""
    assert words in refused(data)


def test_a_missing_list(tmp_path: Path) -> None:
    """Is a list that is not there a usage error?"""
    with pytest.raises(UsageError, match="Cannot read"):
        read_roster(tmp_path / "nowhere.csv")


def test_rules_from_strict_to_loose() -> None:
    """Are ids found exactly, without case, by an address's first part in either direction, and composed or decomposed?"""
    people = roster("Name,Login,Email", "A,ann,ann@a.edu", "B,Bob,robert@a.edu", "C,c.rossi,zoe@b.edu", "D,Zoë,z@b.edu")
    assert found(people, "ann", "bob", unicodedata.normalize("NFD", "zoë")) == {
        "ann": "A",
        "bob": "B",
        unicodedata.normalize("NFD", "zoë"): "D",
    }
    assert found(people, "robert", "zoe") == {"robert": "B", "zoe": "C"}
    assert found(people, "c.rossi@campus.edu", "bob@campus.edu") == {"c.rossi@campus.edu": "C", "bob@campus.edu": "B"}
    by_mail = match(people, ["ann@b.edu", "zoe@b.edu"])
    assert (by_mail.column, by_mail.missing) == ("Email", ("ann@b.edu",))


def test_ids_of_canvas_and_moodle() -> None:
    """Are the ids of bulk downloads found by number or by name?"""
    canvas = roster("Student,ID,SIS Login ID,Section", '"Okafor, Amara",12345,x1,S', '"O\'Neil, Zoë",12346,x2,S')
    assert match(canvas, ["okaforamara_12345", "oneilzoë_12346"]).column == "ID"
    assert found(canvas, "oneilzoë_99", column="Student") == {"oneilzoë_99": "O'Neil, Zoë"}
    worksheet = roster(
        "Identifier,Full name,Email address", "Participant 123,Amara Okafor,a@x.edu", "Participant 124,B K,b@x.edu"
    )
    assert match(worksheet, ["Amara Okafor_123", "B K_124"]).column == "Identifier"
    names = roster("First name,Last name,Email address", "Amara,Okafor,a@x.edu", "B,K,b@x.edu")
    assert match(names, ["Amara Okafor_123"]).column == "First name + Last name"


def test_submissions_that_are_not_in_the_list_are_named() -> None:
    """Is an id without a row reported, and the others found?"""
    people = match(roster("Login", "ann", "bob"), ["ann", "zoe"])
    assert (people.rows, people.missing) == ({"ann": 0}, ("zoe",))


def test_who_is_absent_and_who_is_a_stranger() -> None:
    """Are those without a submission told, and also the submissions that might be theirs?"""
    people = roster("Login", "aokafor", "bkeller")
    assert absent(people, ["aokafor", "ben.keller"]) == Absent(("bkeller",), ("ben.keller",))
    assert absent(people, ["aokafor"]) == Absent(("bkeller",), ())


@pytest.mark.parametrize(
    ("rows", "ids", "words"),
    [
        (("Login", "ann", "ANN"), ("Ann",), "Ann fits several rows of list.csv, column Login: lines 2 and 3"),
        (("Login", "ann", "ann"), ("ann",), "lines 2 and 3"),
        (("Login,x", "ann,1"), ("ann", "ANN"), "Several submissions fit line 2 of list.csv, column Login: ann and ANN"),
        (("Email", "ann@a.edu", "ann@b.edu"), ("ann",), "ann fits several rows"),
        (("A,B", "ann,bob", "bob,ann"), ("ann", "bob"), "two columns of list.csv, for different people: A and B"),
        (("Login", "x"), ("ann",), "No column of list.csv holds the submissions' ids (the first is ann)"),
    ],
)
def test_doubts_are_errors(rows: tuple[str, ...], ids: tuple[str, ...], words: str) -> None:
    """Is an id that could be two people, or a person who could be two ids, never guessed?"""
    with pytest.raises(UsageError) as caught:
        match(roster(*rows), ids)
    assert words in caught.value.message
    assert "--match" in (caught.value.next_step or "")


def test_the_column_can_be_named() -> None:
    """Does --match settle which column, and a wrong name get the nearest?"""
    people = roster("A,B", "ann,bob", "bob,ann")
    assert found(people, "ann", column="B") == {"ann": "bob"}
    assert found(people, "ann", column=" b ") == {"ann": "bob"}
    with pytest.raises(UsageError, match="has no column Logn") as caught:
        match(roster("Login", "ann"), ["ann"], column="Logn")
    assert caught.value.next_step == "Did you mean Login?"
    with pytest.raises(UsageError, match="has 2 columns LOGIN"):
        match(roster("Login,login ", "ann,x"), ["ann"], column="LOGIN")
    with pytest.raises(UsageError, match="The column Name of"):
        match(roster("Login,Name", "ann,x"), ["ann"], column="Name")


def test_an_unclear_column_loses_to_a_clear_one() -> None:
    """When two students share a name, is the column that tells them apart taken?"""
    people = roster("Student,ID", "Kim Lee,1", "Kim Lee,2")
    assert match(people, ["leekim_1", "leekim_2"]).column == "ID"


def test_no_submissions_is_no_error() -> None:
    """Has a class without submissions nobody to look for?"""
    assert match(roster("Login", "ann"), []).rows == {}
