"""``lab export``: the file, what is told beside it, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from graders.marking.anonymous import anonymise
from graders.model import Depth, Results, Status, SubmissionStatus
from graders.report import csv_report, json_report
from graders.report.feedback_pages import write_feedback
from lab.guard import guarded
from lab.verbs.export import export
from tests.graders.report import samples
from tests.graders.report.lms import importers


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


@pytest.mark.parametrize("kind", ["canvas", "moodle", "csv"])
@pytest.mark.parametrize("depth", [Depth.STATIC, Depth.PLAN])
def test_less_than_full_is_exported_on_request_alone(
    lab_export: Callable[..., Ran], results: Path, kind: str, depth: Depth
) -> None:
    """Is a grading at another depth refused in one sentence with the way out, nothing written, and exported with the flag?"""
    json_report.write(klass().model_copy(update={"depth": depth}), results)
    out = results.with_name("marks.csv")
    refused = lab_export(kind, results, "--out", out)
    assert (refused.code, refused.out, out.exists()) == (2, "", False)
    assert f"results.json is no full grading, so its marks are not exported. Depth {depth.value}: " in refused.err
    assert "--any-depth" in refused.err
    assert lab_export(kind, results, "--out", out, "--any-depth").code == 0
    assert "ann" in out.read_text()


def test_an_id_like_a_formula_is_found_again(lab_export: Callable[..., Ran], results: Path, tmp_path: Path) -> None:
    """Is an id such as +1 no formula in what we write, and found in a list that was made of it?"""
    ids = ("+1", "-x", "=2+3", "@ann", "ben")
    json_report.write(samples.results(*(samples.submission(id_, samples.rows(Status.PASS)) for id_ in ids)), results)
    report = lab_export("csv", results).out
    assert [row[0] for row in table(report)[1:]] == ["'+1", "'-x", "'=2+3", "'@ann", "ben"]
    (tmp_path / "list.csv").write_text(report, encoding="utf-8")
    again = lab_export("csv", results, "--roster", tmp_path / "list.csv", "--match", "submission")
    assert (again.code, again.err) == (0, "")
    header, *rows = table(again.out)
    assert [row[header.index("score", 8)] for row in rows] == ["100"] * len(ids)


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
        (("canvas", "{results}", "{results}"), "There are 2 files"),
        (("canvas", "{results}", "--pages", "."), "--pages and --download are for feedback"),
        (("feedback", "{results}", "--pages", ".", "--out", "f.zip"), "Say whom the pages are for"),
        (("feedback", "blackboard", "{results}", "--pages", ".", "--out", "f.zip"), "Say whom the pages are for"),
        (("feedback", "canvas", "{results}", "--out", "f.zip"), "There are no pages"),
        (("feedback", "canvas", "{results}", "--pages", "nowhere", "--out", "f.zip"), "nowhere is no directory"),
        (("feedback", "canvas", "{results}", "--pages", "."), "There is no file to write"),
        (("feedback", "moodle", "{results}", "--pages", ".", "--out", "/nowhere/f.zip"), "Cannot write"),
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


def handed_back(tmp_path: Path) -> tuple[Path, Path]:
    """Results of a class of Canvas's with a page each, and the download that it came from."""
    found = samples.results(
        samples.submission("okaforamara_11", samples.rows(Status.PASS)),
        samples.submission("oneilzoë_12", samples.rows()),
    )
    json_report.write(found, tmp_path / "class.json")
    write_feedback(found, tmp_path / "pages")
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr("okaforamara_11_101_main.tf", "#")
        archive.writestr("oneilzoë_LATE_12_102_lab.zip", "PK")
    return tmp_path / "class.json", tmp_path / "submissions.zip"


def test_feedback_for_canvas(lab_export: Callable[..., Ran], tmp_path: Path) -> None:
    """Does Canvas take each learner's page under the names of its own download, and is who has none there told without it?"""
    results, download = handed_back(tmp_path)
    words = ("feedback", "canvas", results, "--pages", tmp_path / "pages", "--out", tmp_path / "back.zip")
    ran = lab_export(*words, "--download", download)
    assert (ran.code, ran.err) == (0, f"Written: {tmp_path / 'back.zip'}\n")
    taken = importers.canvas_feedback((tmp_path / "back.zip").read_bytes(), {101: 11, 102: 12})
    assert [list(files) for files in taken.values()] == [
        ["okaforamara_11_101_feedback.html"],
        ["oneilzoë_LATE_12_102_lab.zip"],
    ]
    assert b"okaforamara_11" in taken[11]["okaforamara_11_101_feedback.html"]
    without = lab_export(*words)
    assert "okaforamara_11 is left out: Canvas's download names no file of theirs" in without.err


def test_feedback_for_moodle(lab_export: Callable[..., Ran], results: Path, tmp_path: Path) -> None:
    """Do pages reach Moodle's participants by its worksheet where ids are the course's own, anonymous ones by their names?"""
    (tmp_path / "sheet.csv").write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum grade\n"
        "Participant 7,A,ann@x.edu,x,,100.00\nParticipant 8,B,zoë@x.edu,x,,100.00\n"
    )
    made = anonymise(klass(), tmp_path / "names.csv")
    json_report.write(made, results)
    write_feedback(made, tmp_path / "pages")
    ran = lab_export(
        "feedback", "moodle", results, "--pages", tmp_path / "pages", "--roster", tmp_path / "sheet.csv",
        "--names", tmp_path / "names.csv", "--out", tmp_path / "back.zip",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    taken = importers.moodle_feedback((tmp_path / "back.zip").read_bytes(), {7, 8})
    assert {number: list(files) for number, files in taken.items()} == {7: ["feedback.html"], 8: ["feedback.html"]}
    assert "emi is left out" in ran.err
    (of_ann,) = (one for one in made.submissions if one.score == 100)
    assert of_ann.id.encode() in taken[7]["feedback.html"]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_who_gets_which_page(lab_export: Callable[..., Ran], tmp_path: Path, roster: Path, kind: str) -> None:
    """Is there a list of pages with addresses for sending them by other ways?"""
    results, _ = handed_back(tmp_path)
    roster.write_text(
        "Full name,Email address,key\nA,a@x.edu,okaforamara_11\nZ,z@x.edu,oneilzoë_12\n", encoding="utf-8"
    )
    out = tmp_path / f"pages.{kind}"
    ran = lab_export("feedback", kind, results, "--pages", tmp_path / "pages", "--roster", roster, "--out", out)
    assert ran.code == 0, ran.err
    if kind == "csv":
        found = [
            (line["student"], line["email"], line["page"])
            for line in csv.DictReader(out.open(newline="", encoding="utf-8"))
        ]
    else:
        read = json.loads(out.read_text(encoding="utf-8"))
        found = [(one["student"], one["email"], *one["pages"]) for one in read["pages"]]
    assert [one[:2] for one in found] == [("okaforamara_11", "a@x.edu"), ("oneilzoë_12", "z@x.edu")]
    assert all(Path(one[2]).is_file() for one in found)
