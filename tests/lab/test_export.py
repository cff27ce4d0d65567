"""``lab export``: the file, what is told beside it, and how it ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from graders.marking.anonymous import anonymise
from graders.model import Results, Status, SubmissionStatus
from graders.report import csv_report, json_report
from lab.guard import guarded
from lab.verbs.export import export
from tests.graders.report import samples


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def lab_export(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """``lab_export("canvas", path)``: its exit code and what it wrote."""
    monkeypatch.delenv("LAB_DEBUG", raising=False)
    app = typer.Typer()
    app.command()(guarded(export))

    def run(*words: object) -> Ran:
        done = CliRunner().invoke(app, [str(word) for word in words])
        return Ran(done.exit_code, done.stdout_bytes.decode(), done.stderr)

    return run


def klass() -> Results:
    return samples.results(
        samples.submission("ann", samples.rows(Status.PASS)),
        samples.submission("emi", samples.rows(Status.ERROR), status=SubmissionStatus.ERROR, reason="engine"),
        samples.submission("zoë", samples.rows()),
    )


@pytest.fixture
def results(tmp_path: Path) -> Path:
    json_report.write(klass(), tmp_path / "results.json")
    return tmp_path / "results.json"


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    text = (
        'Student,ID,SIS User ID,SIS Login ID,Section\r\n"A, ""An"" 😀",1,,ann,S\r\n=Emi,2,,emi,S\r\n@Dan,3,,dan,S\r\n'
    )
    (tmp_path / "grades.csv").write_bytes(text.encode())
    return tmp_path / "grades.csv"


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_marks_go_to_standard_output_and_words_beside_it(
    lab_export: Callable[..., Ran], results: Path, roster: Path
) -> None:
    """Is the CSV alone on standard output, every odd case on standard error, and the exit code 0?"""
    ran = lab_export("canvas", results, "--roster", roster, "--assignment", "Lab")
    assert ran.code == 0
    assert table(ran.out) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab"],
        ["    Points Possible", "", "", "", "", "100"],
        ['A, "An" 😀', "1", "", "ann", "S", "100"],
        ["=Emi", "2", "", "emi", "S", ""],
        ["@Dan", "3", "", "dan", "S", ""],
    ]
    for words in ("zoë is not in grades.csv", "emi has no score", "1 student of grades.csv without a submission"):
        assert f"Note: {words}" in ran.err


@pytest.mark.parametrize("kind", ["canvas", "moodle", "csv"])
def test_a_file_is_written_whole(lab_export: Callable[..., Ran], results: Path, roster: Path, kind: str) -> None:
    """Is what --out writes what standard output would have got, and is it said?"""
    roster.write_text("Username,Name\nann,A\nemi,E\n", encoding="utf-8")
    shown = lab_export(kind, results, "--roster", roster)
    written = lab_export(kind, results, "--roster", roster, "--out", results.with_name("marks.csv"))
    assert (shown.code, written.code, written.out) == (0, 0, "")
    assert results.with_name("marks.csv").read_bytes().decode() == shown.out
    assert "Written: " in written.err


def test_csv_without_a_list_is_the_report(lab_export: Callable[..., Ran], results: Path) -> None:
    """Is `lab export csv` without a list the CSV that `lab grade --csv` writes?"""
    assert lab_export("csv", results).out == csv_report.dumps(klass())


def test_names_come_back(lab_export: Callable[..., Ran], results: Path, roster: Path, tmp_path: Path) -> None:
    """Do anonymised results reach the right people with the names file, and nobody without it?"""
    plain = lab_export("canvas", results, "--roster", roster).out
    json_report.write(anonymise(klass(), tmp_path / "names.csv"), results)
    assert lab_export("canvas", results, "--roster", roster, "--names", tmp_path / "names.csv").out == plain
    without = lab_export("canvas", results, "--roster", roster)
    assert without.code == 2
    assert "No column of grades.csv" in without.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("canvas", "nowhere.json"), "Cannot read nowhere.json"),
        (("canvas", "{results}", "--roster", "nowhere.csv"), "Cannot read nowhere.csv"),
        (("canvas", "{results}", "--match", "Login"), "--match names a column of a roster"),
        (("canvas", "{results}", "--roster", "{roster}", "--match", "Logn"), "has no column Logn"),
        (("csv", "{results}", "--assignment", "Lab"), "--assignment is for canvas and moodle"),
        (("moodle", "{results}", "--roster", "{roster}"), "identifies people for Moodle"),
        (("canvas", "{results}", "--out", "/nowhere/marks.csv"), "Cannot write"),
        (("canvas", "{results}", "--names", "{roster}"), "is no names file"),
        (("blackboard", "{results}"), "blackboard"),
    ],
)
def test_mistakes_are_usage(
    lab_export: Callable[..., Ran], results: Path, roster: Path, words: tuple[str, ...], said: str
) -> None:
    """Does each mistake in the call end with code 2, a sentence, and no file?"""
    ran = lab_export(*(word.format(results=results, roster=roster) for word in words))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err
