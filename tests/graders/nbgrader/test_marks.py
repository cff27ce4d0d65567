"""What is kept of marks in the course directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.run_config import RunConfig
from graders.model import Depth, SubmissionStatus
from graders.nbgrader.errors import NoMarkError
from graders.nbgrader.marks import Marks, Standing, identity_of
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.errors import LabError, SubmissionError

RESULT = refused("ann", SubmissionError("no"), registry(), digest="sha256:1").model_copy(
    update={"status": SubmissionStatus.REJECTED}
)


def standing(student: str) -> Standing:
    return Standing(
        student=student, digest="d", status=SubmissionStatus.GRADED, reason=None, depth=Depth.FULL,
        score=1, max_score=2, points={"a": 1},
    )  # fmt: skip


def test_a_result_is_read_back(tmp_path: Path) -> None:
    """Is a kept result the same when it is read back but for whose it is, and a broken file no result?"""
    identity, marks = identity_of(RunConfig()), Marks(tmp_path, "a")
    assert marks.verdicts.verdict(identity, "k") is None
    marks.verdicts.store(identity, "k", RESULT)
    found = marks.verdicts.verdict(identity, "k")
    assert found is not None
    assert found.result == RESULT.model_copy(update={"id": ""})
    (path,) = (tmp_path / ".lab" / "marks" / "a" / "verdicts").rglob("*.json")
    path.write_text("{")
    assert marks.verdicts.verdict(identity, "k") is None


@pytest.mark.parametrize("fault", [NoMarkError("no"), SubmissionError("no")])
def test_what_may_be_otherwise_the_next_time_is_not_kept(tmp_path: Path, fault: LabError) -> None:
    """Is a fault of the grader, or a submission that took it too much to read, tried again instead of being looked up?"""
    identity, marks = identity_of(RunConfig()), Marks(tmp_path, "a")
    marks.verdicts.store(identity, "k", refused("ann", fault, registry()))
    assert marks.verdicts.verdict(identity, "k") is None


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
    configs = (RunConfig(), RunConfig(depth=Depth.STATIC), RunConfig(engine="localstack"))
    keys = {identity_of(config).verdict_key(digest) for config in configs for digest in ("a", "b")}
    assert len(keys) == 6
    assert identity_of(RunConfig(jobs=3, plain=True)).verdict_key("a") in keys
