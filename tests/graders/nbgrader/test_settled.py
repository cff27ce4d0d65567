"""What a mark and a page follow from, beside what somebody handed in: the code of all who write them, and the course's programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graders.batch.run_config import RunConfig
from graders.model import Depth
from graders.nbgrader import settled
from graders.nbgrader.class_run import ClassRun
from graders.nbgrader.settled import Unchanged, UnchangedPages
from lab.course.nbgraders import ASSIGNMENT, open_course
from lab_env import digests
from tests.graders.nbgrader.course import Course

pytestmark = pytest.mark.slow


def known(course: Course) -> tuple[str | None, str | None]:
    """What all marks and all pages of the course follow from."""
    opened = open_course(course.root)
    settings = opened.api.parent.config
    common = ClassRun(opened.coursedir, ASSIGNMENT).common
    marks = Unchanged.of(opened.coursedir, ASSIGNMENT, RunConfig(depth=Depth.STATIC), settings, common)
    return marks.course, UnchangedPages.of(opened.coursedir, ASSIGNMENT, settings).course


@pytest.mark.parametrize("edited", ["graders.nbgrader", "graders.report"])
def test_what_writes_checklists_and_pages(course: Course, monkeypatch: pytest.MonkeyPatch, edited: str) -> None:
    """Is everything done again when the code that writes it is another, under the same version?"""
    before = known(course)
    assert None not in before
    assert known(course) == before
    of_package = digests.of_package
    monkeypatch.setattr(digests, "of_package", lambda name: "sha256:edited" if name == edited else of_package(name))
    assert not set(known(course)) & set(before)


def test_what_gathers_evidence(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the ground that pages are written with count for them, too?"""
    before = known(course)
    monkeypatch.setattr(settled, "grader_digest", lambda: "0" * 64)
    assert not set(known(course)) & set(before)


def test_the_courses_programs(course: Course) -> None:
    """Does a plug-in beside the configuration count, and neither an editor's lock nor a directory that is called like one?"""
    before = known(course)
    (course.root / ".#nbgrader_config.py").symlink_to("ann@host.1234:1700000000")
    (course.root / "x.py").mkdir()
    assert known(course) == before
    (course.root / "late.py").write_text("PENALTY = 1\n")
    after = known(course)
    assert not set(after) & {*before, None}


def test_a_program_that_cannot_be_read(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is nobody taken for unchanged when one of the course's programs cannot be read?"""
    plugin = course.root / "late.py"
    plugin.write_text("PENALTY = 1\n")
    read = Path.read_bytes

    def refused(self: Path) -> Any:
        if self.name == plugin.name:
            raise PermissionError(13, "Permission denied")
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert known(course) == (None, None)
