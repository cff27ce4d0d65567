"""What instructors elsewhere reported of class lists, gradebooks, times and downloads, tried: docs/instructors-reports.md."""

from __future__ import annotations

import csv
import html
import io
import json
import math
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from notebooks.release import put
from tests.lab.conftest import Ran

Lab = Callable[..., Ran]
REFERENCE = Path(__file__).parents[2] / "solutions" / "reference" / "modules" / "secrets"
MISSED = ("secret.tf", "ignore_changes = [secret_string]", "")
GRADEBOOK = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Secrets lab (4711)")
POINTS = ("    Points Possible", "", "", "", "", "10")


def module(*, missed: bool = False) -> dict[str, str]:
    """A right module by file, at static depth worth everything; ``missed``: without what keeps the rotated password."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(REFERENCE.glob("*.tf"))}
    if missed:
        name, old, new = MISSED
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    return files


def write(directory: Path, files: Mapping[str, str]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def released(directory: Path) -> Path:
    """The notebooks as everybody gets them."""
    directory.mkdir(parents=True)
    assert put(directory)
    return directory


def canvas(directory: Path, student: str, first: int, files: Mapping[str, str], *, suffix: str = "") -> None:
    """Files as Canvas's bulk download has them; ``suffix``: what Canvas adds to a name that is handed in again."""
    for number, (name, text) in enumerate(sorted(files.items()), first):
        stem, _, ending = name.rpartition(".")
        write(directory, {f"{student}_{number}_{stem}{suffix}.{ending}": text})


@dataclass(frozen=True)
class Graded:
    """A class and what `lab grade` wrote of it."""

    folder: Path
    results: Path
    told: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.results.read_text(encoding="utf-8"))
        return found

    def one(self, id_: str) -> dict[str, Any]:
        return next(one for one in self.document["submissions"] if one["id"] == id_)


def grade(lab: Lab, folder: Path, out: Path, *words: object) -> Graded:
    out.mkdir(parents=True, exist_ok=True)
    ran = lab("grade", folder, "--depth", "static", "--json", out / "results.json", *words)
    assert ran.code == 0, ran.err
    return Graded(folder, out / "results.json", ran.out)


def a_class(folder: Path) -> Path:
    """A download from Canvas: two called Kim Lee with different work, one who handed in again, one in vain."""
    canvas(folder, "leekim_101", 5001, module())
    canvas(folder, "leekim_102", 5101, module(missed=True))
    canvas(folder, "okaforamara_103", 5201, module(missed=True))
    canvas(folder, "okaforamara_103", 5301, module(), suffix="-1")
    canvas(folder, "rossichiara_104", 5401, module())
    canvas(folder, "rossichiara_104", 5501, {MISSED[0]: module(missed=True)[MISSED[0]]}, suffix="-1")
    return folder


@pytest.fixture
def downloaded(lab: Lab, tmp_path: Path) -> Graded:
    return grade(lab, a_class(tmp_path / "class"), tmp_path / "out")


def gradebook(path: Path, *people: tuple[str, ...], points: tuple[str, ...] = POINTS, **kw: Any) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n", **kw).writerows([GRADEBOOK, points, *people])
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


KIM, KIM_TOO = ("Lee, Kim", "101", "", "lk1", "S"), ("Lee, Kim", "102", "", "lk2", "S")
AMARA, CHIARA = ("Okafor, Amara", "103", "", "ao", "S"), ("Rossi, Chiara", "104", "", "cr", "S")


def exported(lab: Lab, results: Path, roster: Path, *words: object) -> tuple[Ran, dict[str, dict[str, str]]]:
    """The lines of the file that Canvas imports, by Canvas's number of the student."""
    ran = lab("export", "canvas", "--any-depth", results, "--roster", roster, "--assignment", "Secrets lab", *words)
    assert ran.code == 0, ran.err
    lines = list(csv.DictReader(io.StringIO(ran.out.removeprefix("\ufeff"), newline="")))
    return ran, {line["ID"]: line for line in lines if line["ID"]}


def marks(lines: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {number: line[GRADEBOOK[-1]] for number, line in lines.items()}


def test_two_of_one_name(lab: Lab, downloaded: Graded, tmp_path: Path) -> None:
    """Has each of two with one name the mark that is theirs, in whatever order the platform lists them?"""
    assert [downloaded.one(id_)["score"] for id_ in ("leekim_101", "leekim_102")] == [10, 6]
    for order in ((KIM, KIM_TOO, AMARA, CHIARA), (CHIARA, KIM_TOO, AMARA, KIM)):
        roster = gradebook(tmp_path / "gradebook.csv", *((*one, "") for one in order))
        ran, lines = exported(lab, downloaded.results, roster)
        assert list(lines) == [one[1] for one in order]
        assert {number: float(mark) for number, mark in marks(lines).items()} == {
            "101": 10,
            "102": 6,
            "103": 10,
            "104": 6,
        }
        assert ran.err == ""
    names = tmp_path / "names.csv"
    names.write_text("Full name\nKim Lee\nAmara Okafor\nKim Lee\nChiara Rossi\n")
    ran = lab("export", "csv", "--any-depth", downloaded.results, "--roster", names)
    assert ran.code == 2
    assert "leekim" in ran.err
    assert ran.out == ""


def test_a_name_that_canvas_changed(downloaded: Graded) -> None:
    """Do the files that were handed in last count, all of them, and is the older one named?"""
    assert downloaded.one("okaforamara_103")["score"] == 10
    assert downloaded.one("rossichiara_104")["score"] == 6  # one file handed in again stands beside the others
    assert "okaforamara_103_5205_secret.tf was left out" in " ".join(downloaded.one("okaforamara_103")["notes"])
    assert "rossichiara_104_5405_secret.tf was left out" in " ".join(downloaded.one("rossichiara_104")["notes"])


def test_nobody_reads_a_note_about_somebody_else(lab: Lab, tmp_path: Path) -> None:
    """When two have the same files, one by a second attempt, is its note, which names files by the student, hers alone?"""
    folder = tmp_path / "class"
    canvas(folder, "abel_98", 3001, module(missed=True))
    canvas(folder, "abel_98", 3101, module(), suffix="-1")
    made = grade(lab, a_class(folder), tmp_path / "out", "--feedback", tmp_path / "pages")
    twice = {"abel_98", "okaforamara_103", "rossichiara_104"}
    scores = {one["id"]: one["score"] for one in made.document["submissions"]}
    assert scores == {"abel_98": 10, "leekim_101": 10, "leekim_102": 6, "okaforamara_103": 10, "rossichiara_104": 6}
    for one in made.document["submissions"]:
        assert not [id_ for id_ in scores if id_ != one["id"] and id_ in json.dumps(one)]
        assert bool(one["notes"]) == (one["id"] in twice)
    pages = sorted((tmp_path / "pages").glob("*.html"))
    assert len(pages) == len(scores)
    for page in pages:
        assert len([id_ for id_ in scores if id_ in page.read_text(encoding="utf-8")]) == 1


def test_ids_in_capitals(lab: Lab, tmp_path: Path) -> None:
    """Is a learner found whose id the list has in capitals?"""
    write(tmp_path / "class" / "ann" / "modules" / "secrets", module())
    write(tmp_path / "class" / "ben" / "modules" / "secrets", module(missed=True))
    made = grade(lab, tmp_path / "class", tmp_path / "out")
    roster = tmp_path / "list.csv"
    roster.write_text("login;Name\nBEN;Ben\nANN;Ann\n")
    ran = lab("export", "csv", "--any-depth", made.results, "--roster", roster)
    assert ran.code == 0
    lines = list(csv.DictReader(io.StringIO(ran.out, newline=""), delimiter=";"))
    assert [(line["login"], line["Name"], line["score"]) for line in lines] == [
        ("BEN", "Ben", "6"),
        ("ANN", "Ann", "10"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark(lab: Lab, downloaded: Graded, tmp_path: Path, encoding: str) -> None:
    """Is a list with a byte order mark and letters outside ASCII read, and everybody's name written as it was?"""
    renamed = ("Løw, Żoë", *KIM[1:], "")  # on the platform, since the download: the number is what counts
    path = gradebook(tmp_path / "gradebook.csv", renamed, (*KIM_TOO, ""), (*AMARA, ""), (*CHIARA, ""))
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    _, lines = exported(lab, downloaded.results, path)
    assert (lines["101"]["Student"], marks(lines)["101"]) == ("Løw, Żoë", "10")


def test_semicolons(lab: Lab, downloaded: Graded, tmp_path: Path) -> None:
    """Is a list with semicolons a list of people, not of lines, and is it written as it was?"""
    people = ((*KIM, ""), (*KIM_TOO, ""), (*AMARA, ""), (*CHIARA, ""))
    roster = gradebook(tmp_path / "gradebook.csv", *people, delimiter=";")
    ran = lab("export", "canvas", "--any-depth", downloaded.results, "--roster", roster, "--assignment", "Secrets lab")
    assert ran.code == 0
    table = list(csv.reader(io.StringIO(ran.out, newline=""), delimiter=";"))
    assert [(line[0], line[-1]) for line in table[2:]] == [
        ("Lee, Kim", "10"), ("Lee, Kim", "6"), ("Okafor, Amara", "10"), ("Rossi, Chiara", "6"),
    ]  # fmt: skip


def test_a_list_in_another_encoding(lab: Lab, downloaded: Graded, tmp_path: Path) -> None:
    """Is a list that is no UTF-8 refused with the line and how to save it, and nothing written?"""
    path = gradebook(tmp_path / "gradebook.csv", (*KIM, ""), (*KIM_TOO, ""), ("Łow, Zoë", *AMARA[1:], ""))
    path.write_bytes(path.read_text(encoding="utf-8").replace("Ł", "L").encode("windows-1252"))
    out = tmp_path / "marks.csv"
    ran = lab(
        "export",
        "canvas",
        "--any-depth",
        downloaded.results,
        "--roster",
        path,
        "--assignment",
        "Secrets lab",
        "--out",
        out,
    )
    assert ran.code == 2
    assert "line 5" in ran.err
    assert "UTF-8" in ran.err
    assert not out.exists()


def test_a_list_that_fits_nobody(lab: Lab, downloaded: Graded, tmp_path: Path) -> None:
    """Is a list that holds none of the submissions an error, not an empty success?"""
    roster = gradebook(tmp_path / "gradebook.csv", ("Someone, Else", "999", "", "se", "S", ""))
    out = tmp_path / "marks.csv"
    ran = lab(
        "export",
        "canvas",
        "--any-depth",
        downloaded.results,
        "--roster",
        roster,
        "--assignment",
        "Secrets lab",
        "--out",
        out,
    )
    assert ran.code == 2
    assert "holds the submissions' ids" in ran.err
    assert not out.exists()


def changed(results: Path, out: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The results with the first submission changed."""
    document = json.loads(results.read_text(encoding="utf-8"))
    change(document["submissions"][0])
    out.write_text(json.dumps(document), encoding="utf-8")
    return out


def _fault(submission: dict[str, Any]) -> None:
    submission |= {"status": "error", "score": None, "reason": "The engine ended."}
    for row in submission["requirements"]:
        row |= {"status": "error", "earned": None}


def test_a_fault_in_the_list(lab: Lab, downloaded: Graded, tmp_path: Path) -> None:
    """Is what could not be graded an empty cell everywhere, told by name, with the mark that it would take away?"""
    results = changed(downloaded.results, tmp_path / "fault.json", _fault)
    people = ((*KIM, "9"), (*KIM_TOO, ""), (*AMARA, ""), (*CHIARA, ""), ("Gone, Ida", "105", "", "ig", "S", "7"))
    ran, lines = exported(lab, results, gradebook(tmp_path / "gradebook.csv", *people))
    assert marks(lines) == {"101": "", "102": "6", "103": "10", "104": "6", "105": "7"}
    for said in (
        "leekim_101 has no score",
        "Lee, Kim has 9 in Canvas",
        "Gone, Ida has 7 in Canvas and no submission here: it stays",
    ):
        assert said in ran.err
    for format_ in ("moodle", "csv"):
        ran = lab("export", format_, "--any-depth", results)
        line = next(row for row in csv.reader(io.StringIO(ran.out, newline="")) if row[0] == "leekim_101")
        assert "0" not in line[1:4]


def test_a_title_that_canvas_ignores(lab: Lab, downloaded: Graded) -> None:
    """Is it said when the column's title is one that Canvas passes over, and only then?"""
    for title, told in (("My semifinal", True), ("Secrets lab", False)):
        ran = lab("export", "canvas", "--any-depth", downloaded.results, "--assignment", title)
        assert ran.code == 0
        assert ('whose title holds "Final"' in ran.err) == told


def test_points_of_the_platform_in_its_own_notation(lab: Lab, downloaded: Graded, tmp_path: Path) -> None:
    """Are marks converted to the platform's points, told, and no fraction lost where its decimals have a comma?"""
    people = ((*KIM, ""), (*KIM_TOO, ""), (*AMARA, ""), (*CHIARA, ""))
    roster = gradebook(tmp_path / "gradebook.csv", *people, points=(*POINTS[:-1], "7,5"), delimiter=";")
    ran = lab("export", "canvas", "--any-depth", downloaded.results, "--roster", roster, "--assignment", "Secrets lab")
    assert ran.code == 0
    assert [line[-1] for line in csv.reader(io.StringIO(ran.out, newline=""), delimiter=";")][1:] == [
        "7,5", "7,5", "4,5", "7,5", "4,5",
    ]  # fmt: skip
    assert "7,5 points possible" in ran.err
    assert "out of 10: they are converted" in ran.err
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,Feedback comments\n"
        + "".join(f'Participant {n},Somebody {n},s{n}@x.org,Submitted,,"7,50",Yes,\n' for n in (101, 102, 103, 104))
    )
    ran = lab("export", "moodle", "--any-depth", downloaded.results, "--roster", worksheet)
    assert ran.code == 0, ran.err
    grades = {row["Identifier"]: row["Grade"] for row in csv.DictReader(io.StringIO(ran.out, newline=""))}
    assert {who: grade.rstrip("0") for who, grade in grades.items()} == {
        "Participant 101": "7,5", "Participant 102": "4,5", "Participant 103": "7,5", "Participant 104": "4,5",
    }  # fmt: skip


def _score(value: object) -> Callable[[dict[str, Any]], None]:
    return lambda submission: submission.update(score=value)


@pytest.mark.parametrize(
    "value", [math.nan, 11, -1, "ten", pytest.param(10**400, id="a number of four hundred digits")]
)
def test_scores_that_cannot_be(lab: Lab, downloaded: Graded, tmp_path: Path, value: object) -> None:
    """Is a result whose score is no number or outside its range refused by the file's name, and nothing written?"""
    results = changed(downloaded.results, tmp_path / "impossible.json", _score(value))
    out = tmp_path / "marks.csv"
    ran = lab("export", "csv", "--any-depth", results, "--out", out)
    assert ran.code == 2, ran.out
    assert "impossible.json" in ran.err
    assert not out.exists()


def submitted(folder: Path, times: Mapping[str, str]) -> Path:
    """nbgrader's layout, in which timestamps are believed."""
    for student, time in times.items():
        write(folder / student / "secrets-management" / "modules" / "secrets", module())
        (folder / student / "secrets-management" / "timestamp.txt").write_text(f"{time}\n")
    return folder


def penalties(made: Graded) -> dict[str, float]:
    return {one["id"]: sum(row["points"] for row in one["adjustments"]) for one in made.document["submissions"]}


def policy(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_change_of_the_clocks(lab: Lab, tmp_path: Path) -> None:
    """When the clocks go back over the deadline, is who is late late, though their clock shows less, and nobody else?"""
    handed = submitted(
        tmp_path / "submitted",
        {
            "in-time": "2026-10-25 02:29:59 +0200",
            "late": "2026-10-25 02:15:00 +0100",
            "late-too": "2026-10-25 01:15:00 UTC",
        },
    )
    rules = policy(tmp_path / "rules.yaml", "due: 2026-10-25T02:30:00+02:00\nlate:\n  percent_per_day: 10\n")
    assert penalties(grade(lab, handed, tmp_path / "out", "--policy", rules)) == {
        "in-time": 0,
        "late": -1,
        "late-too": -1,
    }


def test_within_the_minute_with_an_extension_and_never_below_zero(lab: Lab, tmp_path: Path) -> None:
    """Does a second count, grace cover it, an extension count for its learner alone, and a penalty end at zero?"""
    handed = submitted(
        tmp_path / "submitted",
        {
            "on-the-second": "2026-11-20 22:59:00 UTC",
            "within": "2026-11-20 22:59:30 UTC",
            "extended": "2026-11-23 10:00:00 UTC",
        },
    )
    text = "due: 2026-11-20T23:59:00+01:00\nlate:\n  points_per_day: 1\n"
    strict = grade(lab, handed, tmp_path / "strict", "--policy", policy(tmp_path / "strict.yaml", text))
    assert penalties(strict) == {"on-the-second": 0, "within": -1, "extended": -3}
    kind = f"{text}  grace_minutes: 1\nextensions:\n  extended: 2026-11-24T00:00:00Z\n"
    lenient = grade(lab, handed, tmp_path / "kind", "--policy", policy(tmp_path / "kind.yaml", kind))
    assert penalties(lenient) == {"on-the-second": 0, "within": 0, "extended": 0}
    hard = grade(
        lab, handed, tmp_path / "hard", "--policy", policy(tmp_path / "hard.yaml", text.replace(": 1\n", ": 200\n"))
    )
    assert {one["id"]: one["score"] for one in hard.document["submissions"]} == {
        "on-the-second": 10,
        "within": 0,
        "extended": 0,
    }
    assert penalties(hard) == {"on-the-second": 0, "within": -10, "extended": -10}


def test_grading_again_later(lab: Lab, tmp_path: Path) -> None:
    """Does a penalty rest on the time of submission, whatever the files' times are and whenever it is graded?"""
    handed = submitted(tmp_path / "submitted", {"ann": "2026-11-20 10:00:00 UTC", "ben": "2026-11-22 10:00:00 UTC"})
    rules = policy(tmp_path / "rules.yaml", "due: 2026-11-21T00:00:00Z\nlate:\n  points_per_day: 1\n")
    first = penalties(grade(lab, handed, tmp_path / "first", "--policy", rules))
    for path in handed.rglob("*"):
        os.utime(path, (2_000_000_000, 2_000_000_000))
    again = penalties(grade(lab, handed, tmp_path / "again", "--policy", rules, "--no-cache"))
    assert first == again == {"ann": 0, "ben": -2}


def test_one_number_everywhere(lab: Lab, tmp_path: Path) -> None:
    """Under weights that do not divide and a late percentage, is the score the same in every file and the sum of its parts?"""
    handed = submitted(tmp_path / "submitted", {"ann": "2026-11-21 10:00:00 UTC", "ben": "2026-11-20 10:00:00 UTC"})
    (name, old, new) = MISSED
    path = handed / "ben" / "secrets-management" / "modules" / "secrets" / name
    path.write_text(path.read_text().replace(old, new))
    text = "due: 2026-11-21T00:00:00Z\nlate:\n  percent_per_day: 33.3\nweights:\n  secret: 7\n  rotation: 11\n"
    out = tmp_path / "out"
    words = ("--policy", policy(tmp_path / "rules.yaml", text), "--csv", out / "marks.csv", "--html", out / "page.html")
    made = grade(lab, handed, out, *words)
    plain = grade(lab, handed, tmp_path / "plain")
    sheet = {
        line["submission"]: line for line in csv.DictReader((out / "marks.csv").open(newline="", encoding="utf-8"))
    }
    files = {}
    for format_ in ("canvas", "moodle"):
        ran = lab("export", format_, "--any-depth", made.results)
        files[format_] = {row[0]: row for row in csv.reader(io.StringIO(ran.out, newline=""))}
    page = html.unescape(re.sub(r"<[^>]*>", "", (out / "page.html").read_text(encoding="utf-8")))
    for one in made.document["submissions"]:
        counted = [row for row in one["requirements"] if row["status"] not in ("not_run", "error")]
        parts = sum(row["earned"] for row in counted) + sum(row["points"] for row in one["adjustments"])
        assert one["score"] == parts
        assert one["max_score"] == sum(row["points"] for row in counted) != plain.one(one["id"])["max_score"]
        shown = f"{one['score']:g}"
        assert (sheet[one["id"]]["score"], files["canvas"][one["id"]][-1], files["moodle"][one["id"]][1]) == (
            shown,
        ) * 3
        assert re.search(rf"\b{re.escape(shown)}\s*(/|of)\s*{one['max_score']:g}\b", page)
    assert {one["max_score"] for one in made.document["submissions"]} == {made.document["submissions"][0]["max_score"]}


def test_no_line_contradicts_itself(lab: Lab, tmp_path: Path) -> None:
    """Has each requirement in the CSV its points exactly when it passes, and none at all when it was not run?"""
    a_class(tmp_path / "class")
    made = grade(lab, tmp_path / "class", tmp_path / "out", "--csv", tmp_path / "marks.csv")
    points = {row["id"]: row["points"] for row in made.one("leekim_101")["requirements"]}
    seen = set()
    with (tmp_path / "marks.csv").open(newline="", encoding="utf-8") as stream:
        for line in csv.DictReader(stream):
            for id_, worth in points.items():
                status, earned = line[f"{id_} status"], line[id_]
                seen.add(status)
                assert (earned == "") == (status == "not_run")
                assert status == "not_run" or float(earned) == (worth if status == "pass" else 0)
    assert {"pass", "fail", "not_run"} <= seen


def test_a_zip_with_a_folder_more(lab: Lab, tmp_path: Path) -> None:
    """Is a zip with one folder more, and with what macOS puts beside it, worth what the plain folder is; and a torn one named?"""
    folder = tmp_path / "class"
    write(folder / "plain" / "modules" / "secrets", module(missed=True))
    with zipfile.ZipFile(folder / "zipped.zip", "w") as archive:
        for name, text in module(missed=True).items():
            archive.writestr(f"my homework/modules/secrets/{name}", text)
            archive.writestr(f"__MACOSX/my homework/modules/secrets/._{name}", b"\x00\x05\x16\x07Mac OS X\xff")
        archive.writestr("my homework/.DS_Store", b"\x00\x00\x00\x01Bud1\xff")
    data = (folder / "zipped.zip").read_bytes()
    (folder / "torn.zip").write_bytes(data[: len(data) // 2])
    (folder / "none.zip").write_bytes(b"<html>404</html>")
    made = grade(lab, folder, tmp_path / "out")
    plain, zipped = made.one("plain"), made.one("zipped")
    assert (zipped["status"], zipped["score"], zipped["max_score"]) == ("graded", plain["score"], plain["max_score"])
    assert plain["score"] == 6
    for name in ("torn", "none"):
        assert (made.one(name)["status"], made.one(name)["score"]) == ("ungradable", 0)
        assert "zip" in made.one(name)["reason"]


def test_what_everybody_was_given_is_no_copy(lab: Lab, tmp_path: Path) -> None:
    """Are two who share what the lesson gives no pair, and two with the same work one, alike in full?"""
    folder = tmp_path / "class"
    solutions = REFERENCE.parents[2]
    for name in ("heredocs", "count-and-index"):
        shutil.copytree(solutions / "alternatives" / name, folder / name)
    answered = released(folder / "answered")
    for path in answered.glob("*.ipynb"):
        path.write_text(path.read_text(encoding="utf-8").replace("# Write this part.", "# I shall write this later."))
    for number in (1, 2, 3):
        released(folder / f"nothing-{number}")
    own = {
        name: text.replace("secrets", "my_things") for name, text in module().items() if name in ("kms.tf", "iam.tf")
    }
    own = {
        name: f"# I decided that {name} comes first, since my key is made in March\n{text}"
        for name, text in own.items()
    }
    for number in (1, 2):
        write(folder / f"same-{number}" / "modules" / "secrets", {**module(), **own})
    grade(lab, folder, tmp_path / "out", "--similarity", tmp_path / "alike.html")
    page = html.unescape((tmp_path / "alike.html").read_text(encoding="utf-8"))
    pairs = set(re.findall(r'id="p\d+"', page))
    assert "nothing-1 and" not in page
    assert len(pairs) == 1
    assert "byte for byte" in page
    assert "same-1" in page
    assert "same-2" in page
    assert "100 %" in page
