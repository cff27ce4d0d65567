"""Collecting from the exchange, where everything belongs to learners."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lab.course import steps
from lab.course.nbgraders import NbgraderError
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrading.course import Course

NAME = "01-kms-key"


@pytest.fixture
def inbound(course: Course, tmp_path: Path) -> Path:
    """The exchange's directory that learners submit to, after the release."""
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.Exchange.root = {str(exchange)!r}\n")
    steps.release(course.root, exchange=True)
    assert (exchange / "secrets-lab" / "outbound" / ASSIGNMENT / f"{NAME}.ipynb").is_file()
    return exchange / "secrets-lab" / "inbound"


def submit(inbound: Path, course: Course, student: str, when: str = "2026-11-20 10:00:00") -> Path:
    """What `nbgrader submit` leaves there."""
    directory = inbound / f"{student}+{ASSIGNMENT}+{when} UTC"
    directory.mkdir()
    for name, notebook in course.solved().items():
        (directory / f"{name}.ipynb").write_text(json.dumps(notebook))
    (directory / "timestamp.txt").write_text(f"{when} UTC")
    return directory


def test_notebooks_come_and_links_do_not(course: Course, inbound: Path) -> None:
    """Are a submission's notebooks collected, and neither links to others' work nor anything else in it?"""
    solution = course.root / "source" / ASSIGNMENT / f"{NAME}.ipynb"
    sly = submit(inbound, course, "mallory")
    (sly / f"{NAME}.ipynb").unlink()
    (sly / f"{NAME}.ipynb").symlink_to(solution)
    (sly / "lab.py").write_text("raise SystemExit")
    (sly / "notes.txt").symlink_to(solution)
    os.mkfifo(sly / "05-more.ipynb")
    submit(inbound, course, "ann")
    (inbound / f"oscar+{ASSIGNMENT}+2026-11-20 10:00:00 UTC").symlink_to(solution.parent)
    assert steps.collect(course.root) == ("ann", "mallory", "oscar")
    names = {f"{name}.ipynb" for name in course.released()} | {"timestamp.txt"}
    assert {path.name for path in course.submitted("ann").iterdir()} == names
    assert {path.name for path in course.submitted("mallory").iterdir()} == names - {f"{NAME}.ipynb"}
    assert list(course.submitted("oscar").iterdir()) == []
    assert not any(path.is_symlink() for path in (course.root / "submitted").rglob("*"))


def test_the_newer_submission_takes_the_place_of_the_older(course: Course, inbound: Path) -> None:
    """Is what was handed in later collected later, with its time?"""
    submit(inbound, course, "ann")
    steps.collect(course.root)
    submit(inbound, course, "ann", "2026-11-21 10:00:00")
    steps.collect(course.root)
    assert (course.submitted("ann") / "timestamp.txt").read_text().startswith("2026-11-21")


def test_without_an_exchange_it_says_so(course: Course) -> None:
    """Is a missing exchange an error with a next step, and not a traceback?"""
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.Exchange.root = {str(course.root / 'nowhere')!r}\n")
    with pytest.raises(NbgraderError, match="directory") as told:
        steps.collect(course.root)
    assert "exchange" in (told.value.next_step or "")
