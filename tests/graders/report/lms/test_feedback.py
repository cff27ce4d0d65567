"""Learners' pages going back: Canvas's and Moodle's archives, as their importers read them, and the lists of who gets which."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from graders.report.feedback_pages import file_names
from graders.report.lms import feedback
from graders.report.lms.feedback import Line, Receiver, pages_in
from lab_env.errors import UsageError
from tests.graders.report.lms import importers


def page(directory: Path, name: str, text: str = "") -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or name)
    return path


def test_pages_are_found_in_both_forms(tmp_path: Path) -> None:
    """Are the pages of `lab grade --feedback` found by their digests, nbgrader's by the directory, and links by nobody?"""
    ids = ["amara", "../zoe", "dan", "eve", "nobody"]
    alone = page(tmp_path, file_names(ids)[1])
    index, first = page(tmp_path, "amara/lab/index.html"), page(tmp_path, "amara/lab/01.html")
    flat = page(tmp_path, "dan/01.html")
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / "01.html").symlink_to(alone)
    assert pages_in(tmp_path, ids) == {"amara": (index, first), "../zoe": (alone,), "dan": (flat,)}


def test_pages_of_several_assignments(tmp_path: Path) -> None:
    """Is a directory with the pages of two assignments refused by their names, and not given back as one?"""
    page(tmp_path, "amara/lab/01.html")
    page(tmp_path, "amara/other/02.html")
    with pytest.raises(UsageError, match="lab and other"):
        pages_in(tmp_path, ["amara"])


def test_canvas_takes_every_page(tmp_path: Path) -> None:
    """Does each page go to the upload that it is about, the index to the first, and a late learner's as well?"""
    names = ("okafor_LATE_11_101_01-kms-key.ipynb", "okafor_LATE_11_102_02-shell-secret-1.ipynb")
    pages = tuple(page(tmp_path, name) for name in ("index.html", "01-kms-key.html", "02-shell-secret.html"))
    packed = feedback.for_canvas([Receiver("amara", pages, "okafor_11", names)])
    assert packed.told == ()
    assert importers.canvas_feedback(packed.data, {101: 11, 102: 11}) == {
        11: {
            "okafor_LATE_11_101_index.html": b"index.html",
            "okafor_LATE_11_101_01-kms-key.html": b"01-kms-key.html",
            "okafor_LATE_11_102_02-shell-secret.html": b"02-shell-secret.html",
        }
    }


def test_an_archive_comes_back_as_an_archive(tmp_path: Path) -> None:
    """Since Canvas shows a page as `lab.zip` to who handed in `lab.zip`, is it a .zip that opens?"""
    one = page(tmp_path, "amara-0123456789ab.html", "the page")
    packed = feedback.for_canvas([Receiver("amara", (one,), "okafor_11", ("okafor_11_101_lab.zip",))])
    ((name, data),) = importers.canvas_feedback(packed.data, {101: 11})[11].items()
    assert name == "okafor_11_101_lab.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as inside:
        assert {name: inside.read(name) for name in inside.namelist()} == {"feedback.html": b"the page"}


def test_anonymous_grading_in_canvas(tmp_path: Path) -> None:
    """Does a page of an anonymous submission carry its letters and its upload?"""
    packed = feedback.for_canvas(
        [Receiver("x", (page(tmp_path, "p.html"),), "anon_Ab3Xz", ("anon_Ab3Xz_101_main.tf",))]
    )
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert archive.namelist() == ["anon_Ab3Xz_101_feedback.html"]


def test_moodle_takes_every_page(tmp_path: Path) -> None:
    """Does Moodle find everybody by the number, whatever the name, and call one page alone `feedback.html`?"""
    one, index = page(tmp_path, "a-0123456789ab.html", "one"), page(tmp_path, "b/index.html")
    packed = feedback.for_moodle(
        [
            Receiver("amara", (one,), "Zoë O'Neil/../x_11"),
            Receiver("zoe", (index, page(tmp_path, "b/01.html")), "Participant_12"),
        ]
    )
    assert importers.moodle_feedback(packed.data, {11, 12}) == {
        11: {"feedback.html": b"one"},
        12: {"index.html": b"b/index.html", "01.html": b"b/01.html"},
    }
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert archive.namelist()[0] == "Zoë O'Neil..x_11_assignsubmission_file_/feedback.html"


def test_who_is_left_out_is_named(tmp_path: Path) -> None:
    """Is everybody without a page or without a name on the platform told, and nothing written for them?"""
    one = page(tmp_path, "p.html")
    nobody = [Receiver("ann", ()), Receiver("bob", (one,), "bob")]
    for packed, words in ((feedback.for_canvas(nobody), "Canvas"), (feedback.for_moodle(nobody), "Moodle")):
        assert packed.told[0] == "ann has no page."
        assert words in packed.told[1]
        assert zipfile.ZipFile(io.BytesIO(packed.data)).namelist() == []


def test_the_same_pages_give_the_same_archive(tmp_path: Path) -> None:
    """Is an archive the same whenever it is made?"""
    receiver = Receiver("amara", (page(tmp_path, "p.html"),), "A_1")
    assert feedback.for_moodle([receiver]).data == feedback.for_moodle([receiver]).data


def test_lists_of_pages() -> None:
    """Do JSON and CSV say who gets which page, without a formula, and who gets none?"""
    lines = [Line("=cmd", ("p/a.html", "p/b.html"), 87.5, 100, "+1@x.edu"), Line("Zoë", (), None, 100)]
    assert json.loads(feedback.as_json(lines)) == {
        "pages": [
            {
                "student": "=cmd",
                "email": "+1@x.edu",
                "pages": ["p/a.html", "p/b.html"],
                "score": 87.5,
                "max_score": 100,
            },
            {"student": "Zoë", "email": "", "pages": [], "score": None, "max_score": 100},
        ]
    }
    assert list(csv.reader(io.StringIO(feedback.as_csv(lines), newline=""))) == [
        ["student", "email", "page", "score", "max_score"],
        ["'=cmd", "'+1@x.edu", "p/a.html", "87.5", "100"],
        ["'=cmd", "'+1@x.edu", "p/b.html", "87.5", "100"],
        ["Zoë", "", "", "", "100"],
    ]
