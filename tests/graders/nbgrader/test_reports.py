"""What instructors elsewhere reported of a class that hands in, tried on one class: docs/instructors-reports.md."""

from __future__ import annotations

import csv
import hashlib
import html
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.report import json_report
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, joined
from tests.graders.nbgrader.reports import (
    ADDING,
    CLASS,
    GONE,
    LETTERS,
    OF_THE_PAGE_BESIDE,
    SCRIPT,
    SPARSE,
    HandedIn,
    as_json,
    hand_in,
    plain,
)

LEFT_OUT = {"DOMAIN\\ann", "[ab]", "nonsense-time"}
ODD = {"DOMAIN\\ann", "[ab]"}
ZERO = {
    "no-notebook": ("ungradable", "There is no .tf file in the submission."),
    "other-assignment": ("ungradable", "no cell of its notebooks begins with %%hcl PATH"),
    "link": ("rejected", "03-ignore-changes.ipynb is a link"),
}
NOBODYS = "the-instructors-own.ipynb"
IN_C = {"LC_ALL": "C"}


@dataclass(frozen=True)
class Graded:
    """The class after autograding, feedback and export.

    :param marks: what `lab grade` gives the plain submissions, by name.
    :param lines: the CSV's, by student.
    :param before: what the learners' files were before it all.
    """

    course: Course
    marks: Mapping[str, float]
    code: int
    told: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    lines: Mapping[str, Mapping[str, str]]
    before: Mapping[str, object]

    def line(self, student: str) -> Mapping[str, str]:
        return self.lines[f"'{student}" if student.startswith("=") else student]

    def about(self, student: str) -> list[str]:
        """The lines of `lab course autograde` that begin with the name."""
        return [line for line in self.told if line.startswith((f"{student}: ", f"{student} was"))]

    def pages(self, student: str) -> str:
        folder = self.course.root / "feedback" / student / ASSIGNMENT
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html")))


def lab(*words: str) -> subprocess.CompletedProcess[bytes]:
    """The console script, in a process of its own, on a system whose language is C."""
    return subprocess.run(
        [sys.executable, "-m", "lab.cli", *words], capture_output=True, check=False, env={**os.environ, **IN_C}
    )


def files(directory: Path) -> dict[str, object]:
    """What lies there: bytes (a digest; of what is huge the size), kind and time."""
    found: dict[str, object] = {}
    for path in sorted(directory.rglob("*")):
        stat = path.lstat()
        data = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and stat.st_size < SPARSE else ""
        found[str(path.relative_to(directory))] = (stat.st_mode, stat.st_size, stat.st_mtime_ns, data)
    return found


@pytest.fixture(scope="module")
def graded(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class, through the console script; beside it the plain submissions by `lab grade`."""
    place = tmp_path_factory.mktemp("reports")
    course = Course(Path(shutil.copytree(released, place / "course")))
    hand_in(course, CLASS)
    shutil.copy(course.root / "release" / ASSIGNMENT / "01-kms-key.ipynb", course.root / "submitted" / NOBODYS)
    with sqlite3.connect(course.root / "gradebook.db") as db:
        db.execute("INSERT INTO student (id, last_name) VALUES ('zz-absent', 'Absent')")
    before = files(course.root / "submitted")
    for name, notebooks in plain(course).items():
        as_json(notebooks, place / "plain" / name)
    words = ("grade", str(place / "plain"), "--depth", "static", "--json", str(place / "results.json"))
    assert lab(*words).returncode == 0
    marks = {one.id: float(one.score or 0) for one in json_report.load(place / "results.json").submissions}
    done = lab("course", "autograde", "--dir", str(course.root), "--depth", "static")
    assert lab("course", "feedback", "--dir", str(course.root)).returncode == 0
    course.hand_in("zz-later", plain(course)["solved"])
    assert lab("course", "export", "--dir", str(course.root), "--any-depth").returncode == 0
    with (course.root / "grades.csv").open(newline="", encoding="utf-8") as stream:
        table = tuple(map(tuple, csv.reader(stream)))
    lines = {line[3]: dict(zip(table[0], line, strict=True)) for line in table[1:]}
    told = tuple(done.stdout.decode("utf-8", "replace").splitlines())
    return Graded(course, marks, done.returncode, told, table, lines, before)


def test_the_plain_submissions_are_told_apart(graded: Graded) -> None:
    """Do the marks that all others are compared with tell whether something was lost?"""
    marks = graded.marks
    assert marks["solved"] > marks["missed"] > marks["released"] == marks["blank"] == 0
    assert marks["solved"] > marks["without-one"] > 0


@pytest.mark.parametrize("row", [pytest.param(one, id=f"{one.case}-{one.student}") for one in CLASS if one.like])
def test_a_mark_like_the_plain_ones(graded: Graded, row: HandedIn) -> None:
    """Is the mark that of `lab grade` without what is odd, with the same answers shown, and nothing to be marked by hand?"""
    line = graded.line(row.student)
    assert (line["status"], float(line["score"] or -1)) == ("graded", graded.marks[row.like or ""])
    assert "by hand" not in line["reason"]
    made = plain(graded.course)[row.like or ""]
    for name in made.keys() if row.change not in ADDING else ():
        shown = graded.course.autograded(row.student, name)
        for place in graded.course.release.notebook(name).answers:
            assert joined(shown["cells"][place.index]["source"]) == joined(made[name]["cells"][place.index]["source"])


def test_each_test_cell_of_released_notebooks_is_worth_nothing(graded: Graded) -> None:
    """Is the number that nbgrader reads 0 in every check cell, so that no 0 is read as all points?"""
    seen = 0
    for notebook in graded.course.release.notebooks:
        shown = graded.course.autograded("nothing-done", notebook.name)
        for check in notebook.checks:
            (output,) = shown["cells"][check.index]["outputs"]
            assert float(joined(output["data"]["text/plain"])) == 0
            seen += 1
    assert seen == len(graded.course.release.checks) > 5


def test_zero_and_nothing_are_told_apart(graded: Graded) -> None:
    """Is 0 written where it was earned, and nothing where there is no mark?"""
    assert float(graded.line("nothing-done")["score"]) == float(graded.line("nothing-done")["raw_score"]) == 0
    for student, status in (("zz-absent", "missing"), ("zz-later", "waiting"), ("nonsense-time", "waiting")):
        line = graded.line(student)
        assert (line["status"], line["score"], line["raw_score"], line["late_submission_penalty"]) == (
            status,
            "",
            "",
            "",
        )


@pytest.mark.parametrize("student", sorted(ZERO))
def test_nothing_to_grade_is_zero_with_the_reason(graded: Graded, student: str) -> None:
    """Is there a 0 and the reason in the terminal, in the CSV and on the page, for that learner alone?"""
    line = graded.line(student)
    status, reason = ZERO[student]
    assert (line["status"], float(line["score"])) == (status, 0)
    assert reason in line["reason"]
    (told,) = graded.about(student)
    assert reason in told
    assert reason in html.unescape(re.sub("<[^>]*>", "", graded.pages(student)))


@pytest.mark.parametrize("student", sorted(LEFT_OUT))
def test_who_is_left_out_is_told_by_name(graded: Graded, student: str) -> None:
    """Is somebody whom nbgrader cannot take told with what to do, without a number, and with the exit code that says so?"""
    assert graded.code == 4
    told = [line for line in graded.about(student) if "was left out" in line]
    assert len(told) == 1
    assert ("give the directory another" in told[0]) or ("timestamp.txt is no timestamp" in told[0])
    assert graded.line(student)["score"] == ""


def test_everybody_has_one_line(graded: Graded) -> None:
    """Is each learner there exactly once, in the terminal and in the CSV, in the order of the ids, the header's width?"""
    students = sorted({one.student for one in CLASS} | {"zz-absent", "zz-later"})
    ids = [line[3].removeprefix("'") for line in graded.table[1:]]
    assert ids == students
    assert {len(line) for line in graded.table} == {len(graded.table[0])}
    for one in CLASS:
        assert len([line for line in graded.told if line.startswith(f"{one.student}: ")]) == (one.student not in ODD)
    assert len({line["max_score"] for line in graded.lines.values()}) == 1


def test_a_name_is_no_formula(graded: Graded) -> None:
    """Does a name that a spreadsheet would run begin with an apostrophe?"""
    assert [line[3] for line in graded.table if "=1+1" in line[3]] == ["'=1+1"]


def test_what_was_handed_in_stays_as_it_was(graded: Graded) -> None:
    """Are the learners' files the same to the byte and the second after autograding, feedback and export?"""
    after = files(graded.course.root / "submitted")
    assert {path: what for path, what in after.items() if not path.startswith("zz-later")} == graded.before


def test_a_page_is_there_for_everybody_who_has_notebooks(graded: Graded) -> None:
    """Has each a page for each notebook and one with the total, whatever they handed in, and nobody who has no mark?"""
    names = {f"{notebook.name}.html" for notebook in graded.course.release.notebooks} | {"index.html"}
    feedback = graded.course.root / "feedback"
    made = {path.name: {page.name for page in (path / ASSIGNMENT).glob("*.html")} for path in feedback.iterdir()}
    assert made == {one.student: names for one in CLASS if one.student not in LEFT_OUT}


def test_pages_hold_no_page_or_script_of_the_learners(graded: Graded) -> None:
    """Is what a learner wrote shown as text, and no file beside the notebooks?"""
    assert SCRIPT not in graded.pages("scripts")
    assert "&lt;script&gt;" in graded.pages("scripts")
    assert OF_THE_PAGE_BESIDE not in graded.pages("page-beside")
    assert LETTERS.split()[1] in graded.pages("foreign-letters")


def test_pages_show_no_solution_to_who_has_none(graded: Graded) -> None:
    """Is no line of the solution's answers in the pages of somebody who answered nothing?"""
    solved = plain(graded.course)["solved"]
    given = "\n".join(
        joined(one["source"]) for notebook in graded.course.released().values() for one in notebook["cells"]
    )
    text = html.unescape(re.sub("<[^>]*>", "", graded.pages("nothing-done")))
    looked_for = 0
    for name, notebook in solved.items():
        for answer in graded.course.release.notebook(name).answers:
            for line in joined(notebook["cells"][answer.index]["source"]).splitlines():
                if len(line.strip()) > 12 and line.strip() not in given:
                    assert line.strip() not in text
                    looked_for += 1
    assert looked_for > 30


def test_pages_say_what_is_missing(graded: Graded) -> None:
    """Does the learner's page say that a notebook was not handed in, or was a link, and show nothing of what that led to?"""
    assert "not handed in" in graded.course.feedback("notebook-missing", GONE)
    assert "link" in graded.course.feedback("link", GONE)
    passwd = Path("/etc/passwd").read_text().splitlines()[0]
    assert passwd not in graded.pages("link")
    shown = graded.course.autograded("link", GONE)
    for answer in graded.course.release.notebook(GONE).answers:
        assert joined(shown["cells"][answer.index]["source"]) == answer.source


def test_nothing_huge_is_copied(graded: Graded) -> None:
    """Is a file of 64 GiB left where it is, and nowhere else in the course directory?"""
    huge = [path for path in graded.course.root.rglob("*") if path.is_file() and path.lstat().st_size > 100 << 20]
    assert [path.parts[-3:] for path in huge] == [("huge-file", ASSIGNMENT, "data.bin")]
