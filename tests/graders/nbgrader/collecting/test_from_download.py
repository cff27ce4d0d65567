"""``lab course collect --from``: Canvas's and Moodle's downloads into ``submitted/``, each by itself, nothing lost."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from graders.nbgrader import gradebook
from graders.nbgrader.collecting.from_download import Taken
from lab.course import platforms, steps
from lab.course.nbgraders import open_course
from lab.course.platforms import ClassList
from lab_env.errors import UsageError
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, cell_writing

pytestmark = pytest.mark.slow

CANVAS_LIST = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Secrets lab (4711)\n    Points Possible,,,,,100\n"
    '"Okafor, Amara",11,u1,amara,S,\n"O\'Neil, Zoë",12,u2,zoe,S,\n"Rossi, Dan",13,u3,dan,S,\n'
)


def solved(course: Course, change: str = "") -> dict[str, bytes]:
    """The notebooks by file name. :param change: a comment to add, so that they differ."""
    made = course.solved()
    if change:
        cell_writing(made, "modules/secrets/kms.tf")["source"] += f"\n# {change}"
    return {f"{name}.ipynb": json.dumps(notebook).encode() for name, notebook in made.items()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def canvas(prefix: str, number: int, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Somebody's files as Canvas calls them. :param prefix: such as ``okaforamara_11``."""
    return {f"{prefix}_{number + n}_{name}": data for n, (name, data) in enumerate(files.items())}


def collect(course: Course, tmp_path: Path, files: Mapping[str, bytes], list_: str | None = None) -> Taken:
    (tmp_path / "download.zip").write_bytes(zipped(files))
    if list_ is not None:
        (tmp_path / "list.csv").write_text(list_, encoding="utf-8")
    people = None if list_ is None else ClassList(tmp_path / "list.csv")
    return platforms.collect(course.root, tmp_path / "download.zip", people)


def submitted(course: Course, student: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in course.submitted(student).iterdir()}


def documents(files: Mapping[str, bytes]) -> dict[str, object]:
    return {name: json.loads(data) for name, data in files.items() if name.endswith(".ipynb")}


def test_a_class_from_canvas(course: Course, tmp_path: Path) -> None:
    """Do loose files, an archive and a folder in one, resubmitted, all come to the same notebooks under the course's ids?"""
    own = solved(course)
    resubmitted = {name.replace(".ipynb", "-1.ipynb"): data for name, data in own.items()}
    download = {
        **canvas("okaforamara_11", 100, solved(course, "the first attempt")),
        **canvas("okaforamara_11", 200, resubmitted),
        **canvas("oneilzoë_12", 300, {"lab.zip": zipped({f"my work/{name}": data for name, data in own.items()})}),
        **canvas("rossidan_13", 400, {name.replace(".ipynb", " (1).ipynb"): data for name, data in own.items()}),
    }
    done = collect(course, tmp_path, download, CANVAS_LIST)
    assert (set(done.students), done.errors) == ({"amara", "zoe", "dan"}, ())
    for student in done.students:
        assert documents(submitted(course, student)) == documents(own)
        assert "timestamp.txt" not in submitted(course, student)
    assert any("handed in later" in line for line in done.told)
    assert any(line.startswith("dan: ") and "taken as 00-" in line for line in done.told)


@pytest.mark.parametrize("folders", [True, False])
def test_a_class_from_moodle(course: Course, tmp_path: Path, folders: bool) -> None:
    """Are both of Moodle's layouts read, with accents and blind, by the gradebook's own class list?"""
    own = solved(course)
    with gradebook.opened(open_course(course.root).coursedir) as book:
        book.update_or_create_student("ann", first_name="Amara", last_name="Okafor")
        book.update_or_create_student("zoe", first_name="Zoë", last_name="O'Neil")
    sign = "/" if folders else ""
    download = {
        f"{who}_assignsubmission_file_{sign}{name}": data
        for who in ("Amara Okafor_11", "Zoë O'Neil_12", "Participant_13")
        for name, data in own.items()
    }
    done = collect(course, tmp_path, download)
    assert set(done.students) == {"ann", "zoe", "Participant_13"}
    assert documents(submitted(course, "zoe")) == documents(own)
    assert "Participant_13 is nobody of the gradebook: the name in the download is kept." in done.told


def test_one_bad_entry_costs_its_own(course: Course, tmp_path: Path) -> None:
    """Do a damaged archive, one without notebooks, a broken notebook and a name that nobody may have leave the others whole?"""
    own = solved(course)
    download = {
        **canvas("okaforamara_11", 100, own),
        **canvas("oneilzoë_12", 300, {"lab.zip": b"PK damaged"}),
        **canvas("rossidan_13", 400, {**own, "01-kms-key.ipynb": b"{"}),
        **canvas("tfonly_14", 500, {"main.tf": b'variable "environment" {}\n'}),
        **canvas("a&b_15", 600, own),
    }
    done = collect(course, tmp_path, download, CANVAS_LIST)
    assert (set(done.students), done.errors) == ({"amara", "zoe", "dan", "tfonly_14"}, ())
    assert documents(submitted(course, "amara")) == documents(own)
    assert submitted(course, "zoe") == {}
    assert submitted(course, "tfonly_14") == {"main.tf": b'variable "environment" {}\n'}
    assert submitted(course, "dan")["01-kms-key.ipynb"] == b""
    assert len(documents({n: d for n, d in submitted(course, "dan").items() if d})) == 5
    said = "\n".join(done.told)
    for words in (
        "zoe: oneilzo",
        "It counts as handed in without a notebook.",
        "tfonly_14: there is no notebook in it, only 1 other file.",
        "dan: 01-kms-key.ipynb is not a readable notebook",
        "Left out: a&b_15: nobody may be called so",
    ):
        assert words in said


def test_a_notebook_that_is_too_large(course: Course, tmp_path: Path) -> None:
    """Is it told, and kept as what is too large, so that its learner hears that and not that it was not handed in?"""
    large = b'{"cells": [], "x": "' + b"x" * (9 << 20) + b'"}'
    assigned = "01-kms-key.ipynb"
    download = {
        **canvas("okaforamara_11", 100, {**solved(course), assigned: large, "mine.ipynb": large}),
        **canvas("oneilzoë_12", 300, {"lab.zip": zipped({"my work/01-kms-key (1).ipynb": large})}),
        **canvas("rossidan_13", 400, {"mine.ipynb": large}),
    }
    done = collect(course, tmp_path, download, CANVAS_LIST)
    said = "\n".join(done.told)
    for words in (
        f"amara: {assigned} is larger than 8.0 MiB (9.0 MiB)",
        "amara: mine.ipynb is larger than 8.0 MiB (9.0 MiB)",
        "zoe: my work/01-kms-key (1).ipynb is larger than 8.0 MiB",
        "dan: mine.ipynb is larger than 8.0 MiB (9.0 MiB). It counts as handed in without a notebook.",
    ):
        assert words in said
    assert "There is no notebook in it" not in said
    assert len(submitted(course, "amara")) == 6
    assert (set(submitted(course, "zoe")), submitted(course, "dan")) == ({assigned}, {})
    for student in ("amara", "zoe"):
        kept = course.submitted(student) / assigned
        assert kept.stat().st_size > 8 << 20
        assert kept.stat().st_blocks * 512 < 1 << 20
    again = collect(course, tmp_path, download, CANVAS_LIST)
    assert not any("is replaced" in line for line in again.told)
    rows = {row.student: row.reason for row in steps.autograde(course.root, depth="static").rows}
    for student in ("amara", "zoe"):
        assert f"{assigned} is larger than 8.0 MiB" in rows[student]
        assert f"{assigned} was not handed in" not in rows[student]


def test_links_in_a_submission(course: Course, tmp_path: Path) -> None:
    """Is a link in a directory or an archive told as the reader says it, and never followed?"""
    elsewhere = tmp_path / "elsewhere.tf"
    elsewhere.write_text("# somebody else's\n")
    download = tmp_path / "download"
    for name, data in {**solved(course), "modules/secrets/main.tf": b"# mine\n"}.items():
        path = download / "Amara Okafor_11_assignsubmission_file_" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (path.parent / "kms.tf").symlink_to(elsewhere)
    alone = download / "Dan Rossi_13_assignsubmission_file_"
    alone.mkdir()
    (alone / "01-kms-key.ipynb").symlink_to(elsewhere)
    done = platforms.collect(course.root, download)
    assert "Amara Okafor_11: kms.tf is a link, and links are never followed." in done.told
    dan = "Dan Rossi_13: 01-kms-key.ipynb is a link, and links are never followed."
    assert f"{dan} It counts as handed in without a notebook." in done.told
    assert not any(b"somebody else's" in data for data in submitted(course, "Dan Rossi_13").values())
    assert not (course.submitted("Amara Okafor_11") / "modules" / "secrets" / "kms.tf").exists()


def test_a_module_beside_the_notebooks(course: Course, tmp_path: Path) -> None:
    """Are the module's text files taken, in their places, and no program, no odd name and nothing that nbgrader believes?"""
    own = {
        "modules/secrets/kms.tf": b"# k\xef\xbb\xbf",
        "modules/secrets/task.json.tftpl": b"{}",
        "terraform.tfvars": b"a = 1\n",
    }
    odd = {
        "run.py": b"1",
        "lab/__init__.py": b"1",
        ".jupyter/x.json": b"{}",
        "-o.tf": b"1",
        "a*.tf": b"1",
        "x/.tf": b"1",
    }
    archive = zipped({**own, **odd, **solved(course)})
    collect(course, tmp_path, canvas("okaforamara_11", 100, {"lab.zip": archive}), CANVAS_LIST)
    target = course.submitted("amara")
    found = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert found == {*own, *solved(course)}
    assert all((target / name).read_bytes() == data for name, data in own.items())
    assert all(path.stat().st_mode & 0o111 == 0 for path in target.rglob("*") if path.is_file())
    again = collect(course, tmp_path, canvas("okaforamara_11", 100, {"lab.zip": archive}), CANVAS_LIST)
    assert not any("replaced" in line for line in again.told)
    (row,) = (row for row in steps.autograde(course.root, depth="static").rows if row.student == "amara")
    assert row.mark is not None
    assert {path.name for path in (course.root / "autograded").rglob("*") if path.is_file()} == {*solved(course)}


def test_nothing_is_overwritten_without_a_word(course: Course, tmp_path: Path) -> None:
    """Is the same download again no news, a newer one told, and an unreadable one no loss of what was there?"""
    first, second = solved(course), solved(course, "better")
    collect(course, tmp_path, canvas("okaforamara_11", 100, first), CANVAS_LIST)
    before = {path: path.stat().st_mtime_ns for path in course.submitted("amara").iterdir()}
    again = collect(course, tmp_path, canvas("okaforamara_11", 100, first), CANVAS_LIST)
    assert {path: path.stat().st_mtime_ns for path in course.submitted("amara").iterdir()} == before
    assert not any("replaced" in line for line in again.told)
    newer = collect(course, tmp_path, canvas("okaforamara_11", 200, second), CANVAS_LIST)
    assert documents(submitted(course, "amara")) == documents(second)
    (line,) = (line for line in newer.told if "replaced" in line)
    assert line == "amara: what was collected before is replaced (changed: 01-kms-key.ipynb)."
    broken = collect(course, tmp_path, canvas("okaforamara_11", 300, {"lab.zip": b"PK"}), CANVAS_LIST)
    assert documents(submitted(course, "amara")) == documents(second)
    assert any("What was collected before stays." in line for line in broken.told)
    assert [path.name for path in course.submitted("amara").parent.iterdir()] == [ASSIGNMENT]


def test_what_is_not_ours_is_not_touched(course: Course, tmp_path: Path) -> None:
    """Is a link in a student's place neither followed nor replaced, told as an error, and are the others collected?"""
    own = solved(course)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (course.root / "submitted" / "amara").mkdir(parents=True)
    course.submitted("amara").symlink_to(elsewhere)
    done = collect(
        course, tmp_path, {**canvas("okaforamara_11", 1, own), **canvas("rossidan_13", 50, own)}, CANVAS_LIST
    )
    assert done.students == ("dan",)
    (error,) = done.errors
    assert "is not a directory" in error
    assert list(elsewhere.iterdir()) == []


def test_times(course: Course, tmp_path: Path) -> None:
    """Is Canvas's LATE one second after the due date, a time of the list itself, and what was collected later not lost to it?"""
    own = solved(course)
    platforms.set_due(course.root, platforms.due_time("2026-11-20T23:59:00+01:00"))
    late = {
        **canvas("okaforamara_LATE_11", 1, own),
        **canvas("oneilzoë_LATE_12", 50, own),
        **canvas("rossidan_13", 90, own),
    }
    list_ = "id,lms_user_id,submitted\namara,11,\nzoe,12,2026-11-22T08:00:00Z\ndan,13,2026-11-19T08:00:00+01:00\n"
    done = collect(course, tmp_path, late, list_)
    assert submitted(course, "amara")["timestamp.txt"] == b"2026-11-20 22:59:01 UTC\n"
    assert submitted(course, "zoe")["timestamp.txt"] == b"2026-11-22 08:00:00 UTC\n"
    assert submitted(course, "dan")["timestamp.txt"] == b"2026-11-19 07:00:00 UTC\n"
    assert [line for line in done.told if line.startswith("Late by Canvas")] == [
        "Late by Canvas, which does not say by how much: amara. Each is dated one second after the due date; a column "
        "`submitted` in the list of --roster says it better."
    ]
    earlier = collect(course, tmp_path, canvas("oneilzoë_12", 1, solved(course, "x")), list_.replace("22T", "21T"))
    assert documents(submitted(course, "zoe")) == documents(own)
    assert any("dated later (2026-11-22 08:00:00 UTC), so it stays" in line for line in earlier.told)


def test_without_a_due_date_lateness_is_told(course: Course, tmp_path: Path) -> None:
    """Where nobody knows when it was due, is LATE said and no time made up?"""
    done = collect(course, tmp_path, canvas("okaforamara_LATE_11", 1, solved(course)))
    assert "timestamp.txt" not in submitted(course, "okaforamara_11")
    assert any("Late by Canvas: okaforamara_11. The course has no due date" in line for line in done.told)


def test_a_class_list_makes_missing_people(course: Course, tmp_path: Path) -> None:
    """Does everybody of the list get into the gradebook, with names, the platform's number and what was known before?"""
    with gradebook.opened(open_course(course.root).coursedir) as book:
        book.update_or_create_student("zoe", email="zoe@x.edu")
    collect(course, tmp_path, canvas("okaforamara_11", 1, solved(course)), CANVAS_LIST)
    with gradebook.opened(open_course(course.root).coursedir) as book:
        found = {s.id: (s.first_name, s.last_name, s.email, s.lms_user_id) for s in book.students}
    assert found == {
        "amara": ("Amara", "Okafor", None, "11"),
        "zoe": ("Zoë", "O'Neil", "zoe@x.edu", "12"),
        "dan": ("Dan", "Rossi", None, "13"),
    }


@pytest.mark.parametrize(
    ("list_", "words"),
    [
        ("id,name\nx,1\n", "No column of list.csv holds the submissions' ids"),
        ("Name,Points\nOkafor Amara,3\n", "known to hold the course's ids"),
    ],
)
def test_a_list_of_another_class(course: Course, tmp_path: Path, list_: str, words: str) -> None:
    """Is a list that fits nobody refused before anything is written?"""
    with pytest.raises(UsageError, match=words):
        collect(course, tmp_path, canvas("okaforamara_11", 1, solved(course)), list_)
    assert not (course.root / "submitted").exists()
