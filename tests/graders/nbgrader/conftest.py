"""The course, released, for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.course import creating, steps
from notebooks.course import ASSIGNMENT
from tests.graders.conftest import browser as browser  # the one Chromium fixture, for formgrader
from tests.graders.nbgrader.course import Course


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course directory with its release, to be copied."""
    root = tmp_path_factory.mktemp("course") / "course"
    creating.new(root)
    steps.release(root)
    return root


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Course:
    """A course of the test's own."""
    return Course(Path(shutil.copytree(released, tmp_path / "course")))


@pytest.fixture
def inbound(course: Course, tmp_path: Path) -> Path:
    """The exchange's directory that learners submit to, after the release."""
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.Exchange.root = {str(exchange)!r}\n")
    steps.release(course.root, exchange=True)
    assert (exchange / "secrets-lab" / "outbound" / ASSIGNMENT / "01-kms-key.ipynb").is_file()
    return exchange / "secrets-lab" / "inbound"
