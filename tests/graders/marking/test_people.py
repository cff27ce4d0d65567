"""Class lists of Canvas, Moodle and nbgrader: whom a course calls how."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graders.marking.people import participant, people
from graders.marking.roster import parse_roster
from lab_env.errors import UsageError

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lab (1)\n,,,,,Manual Posting\n    Points Possible,,,,,100\n"
    '"Okafor, Amara",11,u1,amara,S,\n"O\'Neil, Zoë",12,u2,+1,S,\n"Student, Test",99,,,S,\n'
)


def found(text: str, id_column: str | None = None) -> list[tuple[str, str, str, str, str]]:
    list_, _ = people(parse_roster(text.encode(), "list.csv"), id_column=id_column)
    return [(one.id, one.first_name, one.last_name, one.email, one.lms_id) for one in list_]


def test_canvas_gradebook() -> None:
    """Are logins the ids, Canvas's number kept beside them, and the rows that are no people passed over?"""
    assert found(CANVAS) == [("amara", "Amara", "Okafor", "", "11"), ("+1", "Zoë", "O'Neil", "", "12")]
    assert [one[0] for one in found(CANVAS, "SIS User ID")] == ["u1", "u2"]
    no_logins = 'Student,ID,SIS Login ID,Section\n"Okafor, Amara",11,,S\n'
    assert [one[0] for one in found(no_logins)] == ["11"]


def test_nbgraders_own_list() -> None:
    """Is a list for `nbgrader db student import` read by its own headings, also where ids are a word and a number?"""
    text = "id,first_name,last_name,email,lms_user_id\nstudent1,A,B,a@x.edu,7\nstudent2,C,D,c@x.edu,8\n"
    assert found(text) == [("student1", "A", "B", "a@x.edu", "7"), ("student2", "C", "D", "c@x.edu", "8")]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("First name,Last name,Username,Email address\nAmara,Okafor,ao,a@x.edu\n", ["ao"]),
        ("First name,Last name,ID number,Email address\nAmara,Okafor,77,a@x.edu\n", ["77"]),
        ('ID,"Vollständiger Name",E-Mail-Adresse,Status\nTeilnehmer/in5,"Amara Okafor",a@x.edu,x\n', ["a@x.edu"]),
        (
            "ID,フルネーム,メールアドレス,ステータス\n参加者5,Amara,a@x.edu,x\n参加者6,B,b@x.edu,x\n",
            ["a@x.edu", "b@x.edu"],
        ),
        ("ID,Status,Bewertung\nTeilnehmer/in5,x,\nTeilnehmer/in6,x,\n", ["Teilnehmerin_5", "Teilnehmerin_6"]),
        ("Identifier,Status,Grade\nParticipant 5,x,\nParticipant 6,x,\n", ["Participant_5", "Participant_6"]),
    ],
)
def test_moodles_lists(text: str, ids: list[str]) -> None:
    """Is the user name before the number before the address, and blind marking called as Moodle's download calls it?"""
    assert [one[0] for one in found(text)] == ids


def test_times() -> None:
    """Is a time with an offset read as UTC, and one without refused with its line?"""
    text = "id,submitted\nann,2026-11-20T23:59:00+01:00\nbob,\ncleo,2026-11-20 22:00:00 UTC\n"
    list_, _ = people(parse_roster(text.encode(), "l.csv"))
    assert [one.submitted for one in list_] == [
        datetime(2026, 11, 20, 22, 59, tzinfo=UTC), None, datetime(2026, 11, 20, 22, 0, tzinfo=UTC),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="line 2: 2026-11-20 22:00 is no time with its offset"):
        people(parse_roster(b"id,submitted\nann,2026-11-20 22:00\n", "l.csv"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Name,Points\nAnn,3\n", "No column of list.csv is known to hold the course's ids"),
        ("id,x\nann,1\nann,2\n", "ann stands in two rows of list.csv: lines 2 and 3"),
    ],
)
def test_what_is_no_list(text: str, words: str) -> None:
    """Is a list without ids, or with one twice, refused with what to do?"""
    with pytest.raises(UsageError) as caught:
        found(text)
    assert words in caught.value.message
    assert "--id" in (caught.value.next_step or "")


def test_participants_of_a_worksheet() -> None:
    """Does a row of a worksheet say what the download calls the same person, and one of another list nothing?"""
    assert participant(parse_roster(b"Identifier,Full name\nParticipant 5,A\n", "l.csv"), 0) == "Participant_5"
    assert participant(parse_roster(b"Username,Full name\nann,A\n", "l.csv"), 0) == ""
