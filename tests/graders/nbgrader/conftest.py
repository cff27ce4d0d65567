"""The course, released, for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.course import creating, steps
from notebooks.course import ASSIGNMENT
from tests.graders.conftest import browser as browser  # the one Chromium fixture, for formgrader
from tests.graders.nbgrader.course import Course
from tests.shared import once


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course directory with its release, to be copied."""

    def make(directory: Path) -> None:
        creating.new(directory / "course")
        steps.release(directory / "course")

    return once(tmp_path_factory, "released", make) / "course"


@pytest.fixture(scope="session")
def published(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exchange's directory after the release, to be copied."""

    def make(directory: Path) -> None:
        course = Course(Path(shutil.copytree(released, directory / "course")))
        (directory / "exchange").mkdir()
        (directory / "exchange").chmod(0o777)
        _use_exchange(course, directory / "exchange")
        steps.release(course.root, exchange=True)

    return once(tmp_path_factory, "published", make) / "exchange"


def _use_exchange(course: Course, exchange: Path) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.Exchange.root = {str(exchange)!r}\n")


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A course of the test's own."""
    return Course(Path(shutil.copytree(released, tmp_path / "course")))


@pytest.fixture
def inbound(course: Course, published: Path, tmp_path: Path) -> Path:
    """The exchange's directory that learners submit to, after the release."""
    exchange = Path(shutil.copytree(published, tmp_path / "exchange"))
    _use_exchange(course, exchange)
    assert (exchange / "secrets-lab" / "outbound" / ASSIGNMENT / "01-kms-key.ipynb").is_file()
    return exchange / "secrets-lab" / "inbound"
