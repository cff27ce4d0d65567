"""What is kept of marks in the course directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.model import Depth, SubmissionStatus
from graders.nbgrader.errors import NoMarkError
from graders.nbgrader.marks import Marks, Settings, Standing
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.errors import SubmissionError

RESULT = refused("ann", SubmissionError("no"), registry(), digest="sha256:1")


def standing(student: str) -> Standing:
    return Standing(
        student=student, digest="d", status=SubmissionStatus.GRADED, reason=None, depth=Depth.FULL,
        score=1, max_score=2, points={"a": 1},
    )  # fmt: skip


def test_a_result_is_read_back(tmp_path: Path) -> None:
    """Is a kept result the same when it is read back, and a broken file no result?"""
    marks = Marks(tmp_path, "a")
    assert marks.verdict("k") is None
    marks.keep("k", RESULT)
    assert marks.verdict("k") == RESULT
    (path,) = tmp_path.rglob("k.json")
    path.write_text("{")
    assert marks.verdict("k") is None


def test_an_error_is_never_kept(tmp_path: Path) -> None:
    """Is a fault of the grader tried again the next time, instead of being looked up?"""
    with pytest.raises(ValueError, match="not kept"):
        Marks(tmp_path, "a").keep("k", refused("ann", NoMarkError("no"), registry()))


@pytest.mark.parametrize("student", ["ann", "a/../../b", "..", "x" * 300, "Ünal, Ö. <o@example.org>", "a\nb"])
def test_any_id_has_a_file_of_its_own(tmp_path: Path, student: str) -> None:
    """Does every student's standing stay inside the directory, apart from any other's?"""
    marks = Marks(tmp_path, "a")
    for one in (student, f"{student}x", "other"):
        marks.stand(standing(one))
    assert [marks.standing(one).student for one in (student, f"{student}x", "other")] == [  # type: ignore[union-attr]
        student, f"{student}x", "other"
    ]  # fmt: skip
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    assert {path.parent for path in files} == {tmp_path / ".lab" / "marks" / "a" / "students"}


def test_the_key_is_of_the_submission_and_its_grading() -> None:
    """Do another submission, depth or engine have another key, and the same the same?"""
    keys = {
        Settings().key("a"),
        Settings().key("b"),
        Settings(Depth.STATIC).key("a"),
        Settings(engine="localstack").key("a"),
    }
    assert len(keys) == 4
    assert Settings(jobs=3, plain=True).key("a") == Settings().key("a")
