"""Moodle's grading worksheets in several languages and for blind marking: filled, and nothing else of them changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.marking.roster import parse_roster
from graders.report.lms import moodle
from graders.report.lms.entries import Entries, Entry
from graders.report.lms.worksheet import recognise
from lab_env.errors import UsageError
from tests.graders.report.lms import importers
from tests.graders.report.lms.importers import ENGLISH, FRENCH, GERMAN, JAPANESE, SPANISH, Words

FILES = Path(__file__).parent / "worksheets"


def sheet(name: str, words: Words) -> tuple[Words, str]:
    return words, (FILES / f"{name}.csv").read_bytes().decode()


SHEETS = {
    "english": sheet("english", ENGLISH),
    "german": sheet("german", GERMAN),
    "french": sheet("french", FRENCH),
    "spanish": sheet("spanish", SPANISH),
    "japanese": sheet("japanese", JAPANESE),
}
BLIND = {"english": sheet("english-blind", ENGLISH), "german": sheet("german-blind", GERMAN)}


def entries(id_: str, score: float | None = 87.5, comment: str = "87.5 of 100 points. <b>=late</b>") -> Entries:
    return Entries((Entry(id_, score, comment),), 100, "secrets-management")


def fill(text: str, marks: Entries, column: str | None = None) -> tuple[str, tuple[str, ...]]:
    made = moodle.fill(marks, parse_roster(text.encode(), "sheet.csv"), column=column)
    return made.text, made.warnings


@pytest.mark.parametrize("language", SHEETS)
@pytest.mark.parametrize("id_", ["amara", "amara@x.edu", "Amara Okafor_101"])
def test_a_worksheet_goes_back_in_its_language(language: str, id_: str) -> None:
    """Does Moodle take the mark and the comment in its own language, and does every other line come back byte for byte?"""
    words, text = SHEETS[language]
    made, told = fill(text, entries(id_))
    read = importers.moodle(made.encode(), words, 100)
    assert read == {101: (87.5, "87.5 of 100 points. &lt;b&gt;=late&lt;/b&gt;"), 102: (40.0, "")}
    before, after = text.split("\n"), made.split("\n")
    assert [before[0], *before[2:]] == [after[0], *after[2:]]
    assert told == ("1 student of sheet.csv without a submission: the cell is left as it was.",)


@pytest.mark.parametrize("language", BLIND)
def test_blind_marking(language: str) -> None:
    """Is somebody found by the number alone where the worksheet has no names?"""
    words, text = BLIND[language]
    made, _ = fill(text, entries("Teilnehmerin_101" if language == "german" else "Participant_101"))
    assert importers.moodle(made.encode(), words, 100)[101][0] == 87.5
    assert importers.moodle(made.encode(), words, 100)[102] == (None, "")


@pytest.mark.parametrize(("maximum", "grade"), [("10,00", 8.75), ("20,00", 17.5), ("30,00", 26.25), ("100,00", 87.5)])
def test_marks_are_converted(maximum: str, grade: float) -> None:
    """Is the mark converted to Moodle's maximum, in the language's own decimals?"""
    text = SHEETS["german"][1].replace('"100,00"', f'"{maximum}"').replace('"40,00"', "")
    assert importers.moodle(fill(text, entries("amara"))[0].encode(), GERMAN, 1000)[101][0] == grade


def test_moodle_takes_no_more_than_its_maximum() -> None:
    """Is extra credit cut to the maximum, which Moodle would refuse without a word, and said?"""
    made, told = fill(SHEETS["english"][1], entries("amara", 104))
    assert importers.moodle(made.encode(), ENGLISH, 100)[101][0] == 100
    assert any("Moodle takes 100 at most" in line for line in told)


def test_a_comment_of_the_instructors_stays_and_ours_is_renewed() -> None:
    """Is a comment that somebody wrote left alone, and one that an earlier export wrote replaced?"""
    text = SHEETS["english"][1]
    mine = text.replace('AM",-,\n', 'AM",-,Well done.\n')
    made, told = fill(mine, entries("amara"))
    assert importers.moodle(made.encode(), ENGLISH, 100)[101] == (87.5, "Well done.")
    assert any("has a comment in sheet.csv already" in line for line in told)
    again, told = fill(fill(text, entries("amara", 40, "40 of 100 points. Not met: x"))[0], entries("amara"))
    assert importers.moodle(again.encode(), ENGLISH, 100)[101][1].startswith("87.5 of")
    assert not any("already" in line for line in told)


def test_filling_twice_changes_nothing() -> None:
    """Is a worksheet that is filled already the same after it is filled again?"""
    once, _ = fill(SHEETS["german"][1], entries("amara"))
    assert fill(once, entries("amara"))[0] == once


def test_no_mark_leaves_the_row() -> None:
    """Is a row whose submission has no number left byte for byte, and said?"""
    made, told = fill(SHEETS["english"][1], entries("amara", None))
    assert made == SHEETS["english"][1]
    assert any("amara has no score" in line for line in told)


def test_without_comments_and_in_a_language_that_nobody_knows() -> None:
    """Is the last column no comment where it is a time, and one where it is not, whatever it is called?"""
    text = 'Xx,Yy,Ggg,Mmm,Ccc,Ttt,Fff\nPpp101,a,,"10,00",j,-,\nPpp102,b,,"10,00",n,"x 10:37",\n'
    words = Words("Xx", "Ppp", "Ggg", "Ttt", "Fff", ",")
    made, _ = fill(text, entries("x_101"))
    assert importers.moodle(made.encode(), words, 10)[101] == (8.75, "87.5 of 100 points. &lt;b&gt;=late&lt;/b&gt;")
    short = "\n".join(line.rpartition(",")[0] for line in text.split("\n"))
    made, told = fill(short, entries("x_101"))
    assert importers.moodle(made.encode(), words, 10)[101] == (8.75, "")
    assert any("no column for comments" in line for line in told)


def test_a_scale_has_no_points() -> None:
    """Is an assignment that Moodle grades by a scale refused with what to change?"""
    text = 'ID,Bewertung,Skala,Zuletzt geändert (Bewertung)\nTeilnehmer/in1,,"nicht ok\nok",-\nTeilnehmer/in2,,"nicht ok\nok",-\n'
    with pytest.raises(UsageError, match="by a scale") as caught:
        fill(text, entries("x_1"))
    assert "points" in (caught.value.next_step or "")


@pytest.mark.parametrize(
    "text",
    [
        "id,first_name,grade,max\nstudent1,A,5,10\nstudent1,B,5,10\n",
        "Identifier,Full name,Email address,Grade,Feedback comments\nParticipant 1,A,a@x.edu,,\n",
        "Username,Grade,Maximum\nann,5,10\nbob,6,10\n",
        "Identifier,Grade,Maximum grade\n",
    ],
)
def test_other_lists_are_no_worksheets(text: str) -> None:
    """Is a list without distinct numbers, without a maximum, without participants or people no worksheet?"""
    assert recognise(parse_roster(text.encode(), "l.csv")) is None


def test_numbers_of_people_are_no_marks() -> None:
    """In a class of one, are a user name and an ID number that look like marks not taken for them?"""
    text = (
        "Identifier,Full name,Username,ID number,Status,Grade,Maximum grade,Grade can be changed,Last modified (grade)\n"
        '"Participant 7",A,123,456,x,,50.00,Yes,-\n'
    )
    found = recognise(parse_roster(text.encode(), "l.csv"))
    assert found is not None
    assert (found.grade, found.maximum, found.comments) == (5, 50, None)
