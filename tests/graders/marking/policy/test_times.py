"""When a submission was handed in: which source counts, and which is not believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from graders.marking.policy.times import Marked, parse_stamp, times_of
from lab_env.submission import SubmissionRef, find_submissions

STAMP = "2026-11-20 23:58:01.123456 UTC\n"
TIME = datetime(2026, 11, 20, 23, 58, 1, 123456, tzinfo=UTC)


def handed_in(directory: Path, stamp: str = STAMP) -> Path:
    directory.mkdir(parents=True)
    (directory / "main.tf").write_text("", encoding="utf-8")
    (directory / "timestamp.txt").write_text(stamp, encoding="utf-8")
    return directory


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (STAMP, TIME),
        ("2026-11-20 23:58:01.123456", TIME),
        ("2026-11-20 23:58:01.123456 +0000", TIME),
        ("2026-11-20 23:58:01.123456+00:00", TIME),
        ("2026-11-21 00:58:01.123456 +01:00", TIME.astimezone(timezone(timedelta(hours=1)))),
        ("2026-11-20 18:58:01.123456 America/New_York", TIME),
        ("2026-11-20 23:58:01.123456 XYZ", None),
        ("2026-11-20 23:58:01.123456 ../../etc/passwd", None),
        ("2026-11-20 23:58:01+01:00 UTC", None),
        ("yesterday", None),
        ("", None),
        ("2026-13-40 99:00:00 UTC", None),
    ],
)
def test_stamps(text: str, time: datetime | None) -> None:
    """Is nbgrader's time read with its zone, and a zone that nobody knows not guessed?"""
    assert parse_stamp(text) == time


def test_nbgrader_layouts(tmp_path: Path) -> None:
    """Is the file found for a class, for two assignments a student, and for one submission by its path?"""
    one = handed_in(tmp_path / "submitted" / "ann" / "secrets")
    handed_in(tmp_path / "submitted" / "mia" / "extra")
    handed_in(tmp_path / "submitted" / "mia" / "secrets", "2026-11-21 23:58:01.123456 UTC")
    assert times_of(find_submissions(tmp_path / "submitted")) == {
        "ann": TIME,
        "mia/extra": TIME,
        "mia/secrets": TIME + timedelta(days=1),
    }
    assert times_of(find_submissions(one)) == {"secrets": TIME}


def test_a_learners_own_stamp_is_not_believed(tmp_path: Path) -> None:
    """Is a timestamp.txt that lies in an ordinary submission, where its author put it, of no weight?"""
    handed_in(tmp_path / "class" / "ann")
    handed_in(tmp_path / "class" / "bob" / "bob")
    handed_in(tmp_path / "submitted" / "eve")
    assert times_of(find_submissions(tmp_path / "class")) == {}
    assert times_of(find_submissions(tmp_path / "submitted")) == {}


def test_odd_stamps_are_not_known(tmp_path: Path) -> None:
    """Is a stamp that is a link, missing, or a picture simply not known?"""
    linked = handed_in(tmp_path / "submitted" / "ann" / "secrets")
    (linked / "timestamp.txt").rename(tmp_path / "real")
    (linked / "timestamp.txt").symlink_to(tmp_path / "real")
    (handed_in(tmp_path / "submitted" / "bob" / "secrets") / "timestamp.txt").unlink()
    (handed_in(tmp_path / "submitted" / "eve" / "secrets") / "timestamp.txt").write_bytes(b"\xff" * 10_000)
    assert times_of(find_submissions(tmp_path / "submitted")) == {}


def test_canvas_marks(tmp_path: Path) -> None:
    """Is Canvas's LATE known for loose files and for an archive, and the others' time simply not known?"""
    for name in ("a_LATE_1_10_main.tf", "a_LATE_1_11_kms.tf", "b_2_12_main.tf", "c_LATE_3_13_module.zip"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert times_of(find_submissions(tmp_path)) == {"a_1": Marked.LATE, "c_3": Marked.LATE}
    assert times_of([SubmissionRef("a_1", tmp_path / "gone" / "a_LATE_1_10_main.tf")]) == {}
