"""A class goes from a platform's download to marks and feedback that the platform takes: Canvas, Moodle in two languages, blind."""

from __future__ import annotations

import csv
import html
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from graders.nbgrader import feedback_index, gradebook, lms_marks
from graders.nbgrader.export import StatusExport
from lab.course import platforms, steps
from lab.course.nbgraders import open_course
from lab.course.platforms import ClassList, Platform
from lab_env.errors import UsageError
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.collecting.test_from_download import canvas, solved, zipped
from tests.graders.nbgrader.course import Course
from tests.graders.report.lms import importers
from tests.graders.report.opened import Scheme, opened
from tests.lab.conftest import Ran
from tests.lab.conftest import lab as lab

pytestmark = pytest.mark.slow

QUARTER = """
from nbgrader.plugins import LateSubmissionPlugin


class AQuarter(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 4


c.AssignLatePenalties.plugin_class = AQuarter
"""
GRADEBOOK = (
    "\ufeffStudent;ID;SIS User ID;SIS Login ID;Section;Quiz (7);Secrets lab (4711);Final Score\r\n"
    ";;;;;;Manual Posting;\r\n"
    '    Points Possible;;;;;"10,00";"50,00";(read only)\r\n'
    '"Okafor, Amara";11;u1;amara;A;"9,00";;"90,00"\r\n'
    '"O\'Neil, Zoë";12;u2;zoe;A;"9,00";;"90,00"\r\n'
    '"=""=cmd""";13;u3;+1;A;"9,00";"7,50";"90,00"\r\n'
    '"Broken, Eve";14;u4;eve;A;"9,00";;"90,00"\r\n'
)
FIRST = ("00-where-secrets-leak.ipynb", "01-kms-key.ipynb")
"""With the first comes the variable that the module needs."""
WORKSHEET = (
    'ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden",'
    '"Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)","Feedback als Kommentar"\n'
    'Teilnehmer/in11,"Amara Okafor",amara@x.edu,x,,"100,00",Ja,"Dienstag, 2. Dezember 2025, 10:37",-,\n'
    'Teilnehmer/in12,"Zoë O\'Neil",zoe@x.edu,x,,"100,00",Ja,"Dienstag, 2. Dezember 2025, 10:37",-,\n'
    'Teilnehmer/in13,"+1, ""Dan""",dan@x.edu,x,,"100,00",Ja,-,-,\n'
)
BLIND = (
    'Identifier,Status,Grade,"Maximum grade","Grade can be changed","Last modified (submission)","Last modified (grade)",'
    '"Feedback comments"\n'
    + "".join(f'"Participant {n}",x,,100.00,Yes,"Tuesday, 2 December 2025, 10:37 AM",-,\n' for n in (11, 12, 13))
)


@contextmanager
def book_of(course: Course) -> Iterator[Any]:
    with gradebook.opened(open_course(course.root).coursedir) as book:
        yield book


@pytest.fixture(scope="module")
def canvas_class(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class collected from Canvas and graded: Zoë late, Eve's archive broken, a mark by hand and extra credit for Amara."""
    root = tmp_path_factory.mktemp("canvas")
    course = Course(Path(shutil.copytree(released, root / "course")))
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + QUARTER)
    own = solved(course)
    files = {
        **canvas("okaforamara_11", 100, own),
        **canvas("oneilzoë_LATE_12", 200, {"lab.zip": zipped(own)}),
        **canvas("brokeneve_14", 300, {"lab.zip": b"PK"}),
    }
    (root / "submissions.zip").write_bytes(zipped(files))
    (root / "gradebook.csv").write_bytes(GRADEBOOK.encode())
    platforms.set_due(course.root, platforms.due_time("2026-11-20T23:59:00+01:00"))
    platforms.collect(course.root, root / "submissions.zip", ClassList(root / "gradebook.csv"))
    steps.autograde(course.root, depth="static")
    with book_of(course) as book:
        grades = [grade for one in book.find_submission(ASSIGNMENT, "amara").notebooks for grade in one.grades]
        by_hand, extra = grades[0], grades[1]
        by_hand.manual_score = by_hand.max_score
        extra.extra_credit = 1.5
        book.db.commit()
    return root


def scores(course: Course) -> dict[str, float]:
    with book_of(course) as book:
        found = {one.student.id: one for one in book.find_assignment(ASSIGNMENT).submissions}
        return {id_: max(0.0, one.score - (one.late_submission_penalty or 0)) for id_, one in found.items()}


def test_marks_into_canvas(canvas_class: Path, lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Are marks given by hand, extra credit and lateness in the number, out of Canvas's points, and everything else as it was?"""
    course = Course(canvas_class / "course")
    ran = lab(
        "course", "export", "--any-depth", "--dir", course.root, "--canvas", canvas_class / "gradebook.csv",
        "--assignment", "Secrets lab", "--to", tmp_path / "marks.csv",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    read = importers.canvas((tmp_path / "marks.csv").read_bytes())
    given = scores(course)
    with book_of(course) as book:
        zoe = book.find_submission(ASSIGNMENT, "zoe")
        assert zoe.late_submission_penalty == zoe.score / 4 > 0
        assert given["zoe"] == zoe.score * 3 / 4
        amara = book.find_submission(ASSIGNMENT, "amara")
        auto = sum(grade.auto_score for one in amara.notebooks for grade in one.grades)
        assert given["amara"] > auto + 1.5
    assert read.points == {"Secrets lab (4711)": "50.00"}
    assert {user: float(mark) for user, mark in read.grades["Secrets lab (4711)"].items()} == {
        11: given["amara"] / 2,
        12: given["zoe"] / 2,
        13: 7.5,
        14: 0,
    }
    assert (canvas_class / "gradebook.csv").read_bytes() == GRADEBOOK.encode()
    assert "they are converted" in ran.err
    assert "has 7,50 in Canvas and no submission here: it stays." in ran.err


def test_missing_and_late_stand_in_the_export(canvas_class: Path, tmp_path: Path) -> None:
    """Is who handed nothing in `missing`, and the lateness of who was late a number of its own?"""
    target, _ = steps.export(canvas_class / "course", tmp_path / "grades.csv", any_depth=True)
    with target.open(newline="", encoding="utf-8") as stream:
        lines = {line["student_id"]: line for line in csv.DictReader(stream)}
    assert {id_: line["status"] for id_, line in lines.items()} == {
        "+1": "missing", "amara": "graded", "zoe": "graded", "eve": "ungradable",
    }  # fmt: skip
    assert float(lines["zoe"]["late_submission_penalty"]) == float(lines["zoe"]["raw_score"]) / 4 > 0
    assert lines["zoe"]["duedate"] == "2026-11-20 22:59:00"


def test_feedback_back_into_canvas(canvas_class: Path, lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Does everybody who handed in get pages that Canvas takes, with the total, and nobody else's?"""
    course = Course(canvas_class / "course")
    ran = lab("course", "feedback", "--dir", course.root, "--canvas", tmp_path / "feedback.zip")
    assert ran.code == 0, ran.err
    uploads = {**dict.fromkeys(range(100, 106), 11), 200: 12, 300: 14}
    taken = importers.canvas_feedback((tmp_path / "feedback.zip").read_bytes(), uploads)
    assert {user: len(files) for user, files in taken.items()} == {11: 7, 12: 1, 14: 1}
    total = f"{scores(course)['amara']:g} of 100 points".encode()
    assert total in taken[11]["okaforamara_11_100_index.html"]
    assert not any(b"zoe" in data for data in taken[11].values())
    assert b"lab-checklist" in taken[11]["okaforamara_11_101_01-kms-key.html"]


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")])
def test_the_page_with_the_total(
    canvas_class: Path, browser: Browser, tmp_path: Path, width: int, scheme: Scheme
) -> None:
    """Does the page say total, lateness and reason, lead to the notebooks that are there, fit, fetch nothing and read well?"""
    course = Course(canvas_class / "course")
    found = {row.student: row for row in steps.export(course.root, tmp_path / "grades.csv", any_depth=True)[1]}
    with book_of(course) as book:
        for student in ("zoe", "eve"):
            text = feedback_index.page(book, ASSIGNMENT, found[student], {"01-kms-key"} if student == "zoe" else set())
            (tmp_path / f"{student}.html").write_text(text, encoding="utf-8")
    with opened(browser, tmp_path / "zoe.html", width=width, scheme=scheme) as seen:
        assert seen.page.locator("h2").inner_text() == f"{scores(course)['zoe']:g} of 100 points"
        assert "Taken off for lateness" in seen.page.locator("tfoot").inner_text()
        assert [link.get_attribute("href") for link in seen.page.locator("a").all()] == ["01-kms-key.html"]
        assert (seen.overflow(), seen.said, seen.violations()) == ([], [], [])
    with opened(browser, tmp_path / "eve.html", width=width, scheme=scheme) as seen:
        assert "There is no .tf file in the submission" in seen.page.locator(".reason").inner_text()
        assert (seen.overflow(), seen.said, seen.violations()) == ([], [], [])


@pytest.mark.parametrize("blind", [False, True])
def test_a_class_from_moodle_and_back(released: Path, lab: Callable[..., Ran], tmp_path: Path, blind: bool) -> None:
    """Do marks and feedback of a class of Moodle's come to the right participants, in German and where nobody has a name?"""
    course = Course(Path(shutil.copytree(released, tmp_path / "course")))
    own = solved(course)
    names = {11: "Participant", 12: "Participant"} if blind else {11: "Amara Okafor", 12: "Zoë O'Neil"}
    files = {
        **{f"{names[11]}_11_assignsubmission_file_/{name}": data for name, data in own.items()},
        f"{names[12]}_12_assignsubmission_file_/lab.zip": zipped({name: own[name] for name in FIRST}),
    }
    (tmp_path / "download.zip").write_bytes(zipped(files))
    (tmp_path / "sheet.csv").write_bytes((BLIND if blind else WORKSHEET).encode())
    words = importers.ENGLISH if blind else importers.GERMAN
    collected = lab(
        "course",
        "collect",
        "--dir",
        course.root,
        "--from",
        tmp_path / "download.zip",
        "--roster",
        tmp_path / "sheet.csv",
    )
    assert collected.code == 0, collected.err
    steps.autograde(course.root, depth="static")
    given = scores(course)
    ids = {11: "Participant_11", 12: "Participant_12"} if blind else {11: "amara@x.edu", 12: "zoe@x.edu"}
    assert given[ids[11]] > given[ids[12]] > 0
    ran = lab(
        "course",
        "export",
        "--any-depth",
        "--dir",
        course.root,
        "--moodle",
        tmp_path / "sheet.csv",
        "--to",
        tmp_path / "back.csv",
    )
    assert ran.code == 0, ran.err
    read = importers.moodle((tmp_path / "back.csv").read_bytes(), words, 100)
    assert {number: grade for number, (grade, _) in read.items()} == {11: given[ids[11]], 12: given[ids[12]], 13: None}
    assert read[11][1].startswith(f"{given[ids[11]]:g} of 100 points.")
    before, after = (tmp_path / "sheet.csv").read_text().split("\n"), (tmp_path / "back.csv").read_text().split("\n")
    assert [before[0], *before[3:]] == [after[0], *after[3:]]
    packed = lab("course", "feedback", "--dir", course.root, "--moodle", tmp_path / "feedback.zip")
    assert packed.code == 0, packed.err
    taken = importers.moodle_feedback((tmp_path / "feedback.zip").read_bytes(), {11, 12, 13})
    assert {number: "index.html" in files for number, files in taken.items()} == {11: True, 12: True}


def test_a_class_list_with_the_release(released: Path, lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Does a release with a list and a time make missing people, and does releasing again keep the time?"""
    course = Course(Path(shutil.copytree(released, tmp_path / "course")))
    (tmp_path / "gradebook.csv").write_bytes(GRADEBOOK.encode())
    list_ = tmp_path / "gradebook.csv"
    ran = lab("course", "release", "--dir", course.root, "--due", "2026-11-20T23:59:00+01:00", "--roster", list_)
    assert ran.code == 0, ran.err
    assert "Due: 2026-11-20 22:59:00 UTC" in ran.out
    assert "The gradebook knows 4 students of gradebook.csv, by the column SIS Login ID." in ran.out
    assert lab("course", "release", "--dir", course.root).code == 0
    target, rows = steps.export(course.root, tmp_path / "grades.csv", any_depth=True)
    assert {row.student: row.status.value for row in rows} == dict.fromkeys(("+1", "amara", "eve", "zoe"), "missing")
    with target.open(newline="", encoding="utf-8") as stream:
        assert {line["duedate"] for line in csv.DictReader(stream)} == {"2026-11-20 22:59:00"}


@pytest.mark.parametrize(
    "words", [("--due", "2026-11-20"), ("--roster", "nowhere.csv"), ("--roster", "LIST", "--id", "No")]
)
def test_a_mistake_beside_a_release_releases_nothing(
    released: Path, lab: Callable[..., Ran], tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Is a time or a class list that is not understood told before learners get anything?"""
    course = Course(Path(shutil.copytree(released, tmp_path / "course")))
    shutil.rmtree(course.root / "release")
    (tmp_path / "list.csv").write_bytes(GRADEBOOK.encode())
    ran = lab("course", "release", "--dir", course.root, *(tmp_path / "list.csv" if w == "LIST" else w for w in words))
    assert ran.code == 2, ran.err
    assert not (course.root / "release").exists()


def test_a_submission_that_waits_gives_no_number(canvas_class: Path, tmp_path: Path) -> None:
    """Is a mark that is older than the submission no number in Canvas's file, and is the reason told?"""
    course = Course(Path(shutil.copytree(canvas_class / "course", tmp_path / "course")))
    course.hand_in("amara", course.released())
    done = platforms.export(
        course.root, Platform.CANVAS, canvas_class / "gradebook.csv", assignment="Secrets lab", any_depth=True
    )
    assert importers.canvas(done.target.read_bytes()).grades["Secrets lab (4711)"][11] == ""
    assert any("amara has no score (waiting: It was handed in again" in line for line in done.told)


def test_pages_of_another_assignment_or_submission_are_not_packed(canvas_class: Path, tmp_path: Path) -> None:
    """Does a learner get the pages of this assignment alone, and nobody those of what they handed in before?"""
    course = Course(Path(shutil.copytree(canvas_class / "course", tmp_path / "course")))
    steps.feedback(course.root)
    other = course.root / "feedback" / "amara" / "another"
    other.mkdir()
    (other / "other.html").write_text("of another assignment")
    course.hand_in("zoe", course.released())
    steps.feedback(course.root)
    told = platforms.pack_feedback(course.root, Platform.CANVAS, tmp_path / "feedback.zip")
    assert told == ("zoe is left out: It was handed in again and has not been autograded since.",)
    with zipfile.ZipFile(tmp_path / "feedback.zip") as archive:
        names = archive.namelist()
    assert not any("oneil" in name for name in names)
    amaras = [name for name in names if name.startswith("okaforamara_11_")]
    assert len(amaras) == len(course.released()) + 1
    assert not any("other.html" in name for name in names)


def test_the_instructors_file_is_not_overwritten(canvas_class: Path, tmp_path: Path) -> None:
    """Is the platform's own file never written over, by whatever name it is called?"""
    (tmp_path / "list.csv").write_bytes(GRADEBOOK.encode())
    (tmp_path / "link.csv").symlink_to(tmp_path / "list.csv")
    with pytest.raises(UsageError, match="would be overwritten"):
        platforms.export(
            canvas_class / "course", Platform.CANVAS, tmp_path / "list.csv", to=tmp_path / "link.csv", any_depth=True
        )


def test_a_list_that_is_not_there_beside_earlier_marks(canvas_class: Path, tmp_path: Path) -> None:
    """Is a wrong name for the list a sentence, also where the file to write is there already, which stays as it is?"""
    (tmp_path / "marks.csv").write_text("earlier")
    with pytest.raises(UsageError, match=r"Cannot read .*nowhere\.csv"):
        platforms.export(
            canvas_class / "course",
            Platform.CANVAS,
            tmp_path / "nowhere.csv",
            to=tmp_path / "marks.csv",
            any_depth=True,
        )
    assert (tmp_path / "marks.csv").read_text() == "earlier"


def test_what_the_instructor_is_asked_for_is_not_told_to_the_learner(canvas_class: Path, tmp_path: Path) -> None:
    """Is a mark by hand that is to be looked at again said in the CSV alone, of a submission that cannot be read, too?"""
    course = Course(Path(shutil.copytree(canvas_class / "course", tmp_path / "course")))
    asked = "A mark given by hand is to be looked at again."
    with book_of(course) as book:
        grade = next(grade for one in book.find_submission(ASSIGNMENT, "eve").notebooks for grade in one.grades)
        grade.manual_score, grade.needs_manual_grade = 1.0, True
        book.db.commit()
        rows = tuple(StatusExport(parent=open_course(course.root).api).rows(book, ASSIGNMENT))
        eve = next(row for row in rows if row.student == "eve")
        entry = next(one for one in lms_marks.entries(book, ASSIGNMENT, rows).entries if one.id == "eve")
        page = feedback_index.page(book, ASSIGNMENT, eve, set())
    assert (eve.status.value, eve.to_do) == ("ungradable", asked)
    assert eve.reason
    assert eve.reason in entry.comment
    assert eve.reason in html.unescape(page)
    assert asked not in entry.comment + page
    target, _ = steps.export(course.root, tmp_path / "grades.csv", any_depth=True)
    with target.open(newline="", encoding="utf-8") as stream:
        reasons = {line["student_id"]: line["reason"] for line in csv.DictReader(stream)}
    assert reasons["eve"] == f"{eve.reason} {asked}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "--canvas", "a.csv", "--moodle", "b.csv"), "one of --canvas and --moodle"),
        (("export", "--assignment", "Lab"), "one of --canvas and --moodle"),
        (("export", "--canvas", "nowhere.csv"), "Cannot read nowhere.csv"),
        (("collect", "--match", "Login"), "there is none"),
        (("collect", "--from", "nowhere.zip"), "nowhere.zip does not exist"),
        (("release", "--due", "2026-11-20 23:59"), "is no time with its offset"),
        (("release", "--due", "0001-01-01T00:00:00+14:00"), "is no time with its offset"),
        (("feedback", "--canvas", "/nowhere/f.zip"), "Cannot write"),
    ],
)
def test_mistakes_are_usage(canvas_class: Path, lab: Callable[..., Ran], words: tuple[str, ...], said: str) -> None:
    """Does each mistake in the call end with code 2 and a sentence?"""
    ran = lab("course", words[0], "--dir", canvas_class / "course", *words[1:])
    assert ran.code == 2
    assert said in ran.err
