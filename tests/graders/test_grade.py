"""One submission from its files to its verdicts: what is bad input, what is nobody's fault but the grader's."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.grade import grade
from graders.model import Depth, Status, SubmissionResult, SubmissionStatus
from graders.rubric import registry
from lab_env.engine import Engine
from lab_env.errors import LabError, UsageError
from lab_env.submission import find_submissions, load_submission
from lab_env.terraform import Lane, LanePool, Toolchain
from solutions.corpus import load_corpus, materialise

MODULE = Path("modules/secrets")


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """The reference as a directory of its own."""
    return materialise(load_corpus()["reference"], tmp_path)


@pytest.fixture(scope="module")
def lane(toolchain: Toolchain) -> Iterator[Lane]:
    """A warm provider for this file's gradings: one after the other."""
    with LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
        assert lane is not None
        yield lane


def statuses(result: SubmissionResult) -> dict[str, Status]:
    return {row.id: row.status for row in result.requirements}


def highest(depth: Depth) -> int:
    """The maximum of a class that is graded so deep."""
    return sum(one.points for one in registry().requirements if one.layer in depth.layers)


def assert_ungradable(result: SubmissionResult, *words: str, depth: Depth) -> None:
    """Every row that was asked for says why, the score is 0 of the depth's maximum, and the reason holds these words."""
    assert (result.status, result.score, result.max_score) == (SubmissionStatus.UNGRADABLE, 0, highest(depth))
    asked = {one.id for one in registry().requirements if one.layer in depth.layers}
    assert {id: status for id, status in statuses(result).items() if id in asked} == dict.fromkeys(
        asked, Status.UNGRADABLE
    )
    assert {status for id, status in statuses(result).items() if id not in asked} <= {Status.NOT_RUN}
    assert {row.earned for row in result.requirements} == {0}
    assert len(result.requirements) == len(registry().requirements)
    for word in words:
        assert word in (result.reason or "")


def _no_files(directory: Path) -> Path:
    return directory


def _only_a_readme(directory: Path) -> Path:
    (directory / "README.md").write_text("My solution.")
    return directory


def _not_a_zip(directory: Path) -> Path:
    path = directory / "solution.zip"
    path.write_bytes(b"PK\x03\x04 but no archive")
    return path


def _truncated_tar(directory: Path) -> Path:
    path = directory / "solution.tar.gz"
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        content = bytes(range(256)) * 40
        info = tarfile.TarInfo("modules/secrets/main.tf")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    path.write_bytes(whole.getvalue()[:60])
    return path


def _escaping_zip(directory: Path) -> Path:
    path = directory / "solution.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../outside.tf", "")
    return path


def _large_file(directory: Path) -> Path:
    with (directory / "main.tf").open("wb") as file:
        file.truncate(30 * 1024 * 1024)
    return directory


def _zip_bomb(directory: Path) -> Path:
    path = directory / "solution.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("main.tf", b"#" * (30 * 1024 * 1024))
    return path


def _binary(directory: Path) -> Path:
    (directory / "main.tf").write_bytes(bytes(range(256)) * 4)
    return directory


def _nested(directory: Path) -> Path:
    depth = 500
    (directory / "main.tf").write_text(
        'variable "environment" {}\nlocals {\n  a = ' + "[" * depth + "]" * depth + "\n}\n"
    )
    return directory


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_no_files, [".tf"]),
        (_only_a_readme, [".tf"]),
        (_not_a_zip, ["solution.zip"]),
        (_truncated_tar, ["solution.tar.gz"]),
        (_escaping_zip, ["outside.tf"]),
        (_large_file, ["main.tf", "1 MiB"]),
        (_zip_bomb, ["main.tf", "1 MiB"]),
        (_binary, ["main.tf"]),
        (_nested, ["main.tf"]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
@pytest.mark.parametrize("depth", [Depth.STATIC, Depth.FULL])
def test_ungradable(make: Callable[[Path], Path], words: list[str], depth: Depth, tmp_path: Path) -> None:
    """Does what cannot be read get 0 of 100 and the reason, before any engine or Terraform is needed?"""
    assert_ungradable(grade(make(tmp_path), depth=depth).result, *words, depth=depth)


def test_path_that_is_not_there(tmp_path: Path) -> None:
    """Is a path that does not exist a wrong call, exit code 2, and no verdict?"""
    with pytest.raises(UsageError, match="does not exist") as refused:
        find_submissions(tmp_path / "nowhere")
    assert refused.value.exit_code == 2


@pytest.mark.engine
@pytest.mark.terraform
def test_file_that_does_not_parse(reference: Path, engine: Engine, toolchain: Toolchain, lane: Lane) -> None:
    """Does a file that does not parse fail module.valid with file, line and Terraform's words, all else blocked?"""
    file = reference / MODULE / "kms.tf"
    file.write_text(file.read_text() + '\nresource "aws_kms_key" {\n')
    line = len(file.read_text().splitlines())
    result = grade(reference, engine=engine, toolchain=toolchain, lane=lane).result
    first, *rest = result.requirements
    assert (result.score, first.status) == (0, Status.FAIL)
    assert {(row.status, row.blocked_by) for row in rest} == {(Status.BLOCKED, "module.valid")}
    seen = next(e for e in first.evidence if e.path)
    assert seen.path == "modules/secrets/kms.tf"
    assert seen.line in (line, line + 1)
    assert f"modules/secrets/kms.tf:{seen.line}" in first.message + first.observed


def test_refused_by_the_gate(reference: Path) -> None:
    """Is a refused block a rejection with 0 points, named with file and line, without engine or Terraform?"""
    (reference / MODULE / "provider.tf").write_text('provider "aws" {}\n')
    result = grade(reference, depth=Depth.STATIC).result
    first, *rest = result.requirements
    assert (result.status, result.score, first.status) == (SubmissionStatus.REJECTED, 0, Status.FAIL)
    assert any((e.path, e.line) == ("modules/secrets/provider.tf", 1) for e in first.evidence)
    assert {row.status for row in rest} == {Status.BLOCKED, Status.NOT_RUN}
    assert result.max_score == highest(Depth.STATIC)
    assert "provider" in (result.reason or "")


def test_what_files_show_of_a_refused_module(reference: Path) -> None:
    """Does a rejected module learn what is right and what is wrong in its files, with the lines and without any points?"""
    (reference / MODULE / "provider.tf").write_text(
        'provider "aws" {}\noutput "p" {\n  value = "hunter2-Tr0ub4dor"\n}\n'
    )
    (reference / MODULE / "secret.tf").write_text(
        (reference / MODULE / "secret.tf").read_text().replace("ignore_changes = [secret_string]", "")
        + 'locals {\n  password = "hunter2-Tr0ub4dor"\n}\n'
    )
    for depth in (Depth.STATIC, Depth.FULL):
        result = grade(reference, depth=depth).result
        assert (result.status, result.score) == (SubmissionStatus.REJECTED, 0)
        rows = {row.id: row for row in result.requirements}
        for id, said in (
            ("secret.no_plaintext", "a literal value for"),
            ("rotation.ignore_changes", "ignores nothing"),
        ):
            assert (rows[id].status, rows[id].earned, rows[id].blocked_by) == (Status.BLOCKED, 0, "module.valid")
            assert "By the files alone it is not met: " in rows[id].message
            assert said in rows[id].observed
            assert any(seen.path and seen.line for seen in rows[id].evidence)
        assert sum(row.earned or 0 for row in result.requirements) == 0


UNREAD = "locals {\n  a = [1 == <<E\nx\nE\n  ]\n}\n"
"""What Terraform reads and the grader does not: a marker that stands in its own text."""


def test_one_maximum(reference: Path, tmp_path: Path) -> None:
    """Is the maximum the depth's for whoever is graded, refused, unreadable or met by a fault, with whatever is not there?"""
    empty, broken, unread, link = (tmp_path / name for name in ("empty", "broken", "unread", "link"))
    for directory, text in ((empty, ""), (unread, UNREAD), (link, "")):
        directory.mkdir()
        (directory / "main.tf").write_text('variable "environment" {}\n' + text)
    broken.mkdir()
    (link / "l.tf").symlink_to("/etc/passwd")
    results = [grade(one, depth=Depth.STATIC).result for one in (reference, empty, broken, unread, link)]
    assert [one.status.value for one in results] == ["graded", "graded", "ungradable", "error", "rejected"]
    assert {one.max_score for one in results} == {highest(Depth.STATIC)} == {10}
    for one in results:
        assert one.max_score == sum(row.points for row in one.requirements if row.status is not Status.NOT_RUN)
    at_full = [grade(one, depth=Depth.FULL).result for one in (broken, unread, link)]
    assert {one.max_score for one in at_full} == {highest(Depth.FULL)} == {100}


def test_a_class_says_the_same(tmp_path: Path) -> None:
    """Does a class whose files are judged in workers say what grading one by one says, what only Terraform reads included?"""
    for name, text in (("a", UNREAD), ("b", 'provider "aws" {}\n'), ("c", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text('variable "environment" {}\n' + text)
    refs = find_submissions(tmp_path)
    many = grade_many(refs, RunConfig(depth=Depth.STATIC)).submissions
    alone = [grade(ref, depth=Depth.STATIC).result for ref in refs]
    told = [(one.status.value, one.score, one.max_score, one.reason) for one in many]
    assert told == [(one.status.value, one.score, one.max_score, one.reason) for one in alone]
    assert [status for status, *_ in told] == ["error", "rejected", "graded"]


def test_static_needs_nothing(reference: Path) -> None:
    """Does the static depth judge what is in the files and leave the rest out of the score?"""
    result = grade(reference, depth=Depth.STATIC).result
    run = {id for id, status in statuses(result).items() if status is not Status.NOT_RUN}
    assert {statuses(result)[id] for id in run} == {Status.PASS}
    assert result.score == result.max_score == sum(registry().get(id).points for id in run)
    assert 0 < result.max_score < 100


@pytest.mark.engine
@pytest.mark.terraform
def test_plan_depth_does_not_deploy(reference: Path, engine: Engine, toolchain: Toolchain, lane: Lane) -> None:
    """Does the depth plan go as far as the plan, and judge more than the files alone?"""
    phases: list[str] = []
    result = grade(
        reference,
        depth=Depth.PLAN,
        engine=engine,
        toolchain=toolchain,
        lane=lane,
        on_event=lambda phase: phases.append(phase.name),
    ).result
    assert phases == ["gate", "plan", "judge"]
    assert grade(reference, depth=Depth.STATIC).result.max_score < result.max_score < 100
    assert result.score == result.max_score


@pytest.mark.parametrize("depth", [Depth.PLAN, Depth.FULL])
def test_without_an_engine(reference: Path, depth: Depth) -> None:
    """Is calling a depth that needs an engine without one a mistake of the caller, told at once?"""
    with pytest.raises(ValueError, match="needs an engine"):
        grade(reference, depth=depth)


@pytest.mark.terraform
def test_engine_that_is_down(reference: Path, toolchain: Toolchain) -> None:
    """Is an engine that does not answer the grader's error: no score, no blame, a next step?"""
    dead = Engine("embedded", "unknown", "http://127.0.0.1:9", frozenset({"iam", "trail", "ecs"}))
    # A lane of its own: the failed apply puts it out of service.
    with LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
        result = grade(reference, engine=dead, toolchain=toolchain, lane=lane).result
    assert (result.status, result.score) == (SubmissionStatus.ERROR, None)
    assert {(row.status, row.earned) for row in result.requirements} == {(Status.ERROR, None)}
    assert "lab doctor" in (result.reason or "")


def test_fault_while_examining(reference: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Is a full or missing temporary disk the grader's error, too?"""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    result = grade(reference, depth=Depth.STATIC).result
    assert (result.status, result.score) == (SubmissionStatus.ERROR, None)


@pytest.mark.engine
@pytest.mark.terraform
def test_learners_copy_is_untouched(reference: Path, engine: Engine, toolchain: Toolchain, lane: Lane) -> None:
    """Do the drills, which rotate, edit and apply, leave every byte and every name of the learner's copy alone?"""

    def everything() -> dict[str, tuple[bytes, int]]:
        files = (path for path in reference.rglob("*") if path.is_file())
        return {str(path.relative_to(reference)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before, digest = everything(), load_submission(reference).digest
    graded = grade(reference, engine=engine, toolchain=toolchain, lane=lane)
    result = graded.result
    assert (result.reason, result.score, result.digest) == (None, 100, digest)
    assert graded.evidence is not None
    assert graded.evidence.drills is not None
    assert graded.evidence.drills.rotation is not None
    assert graded.evidence.drills.rotation.applied
    assert everything() == before


@pytest.mark.engine
@pytest.mark.terraform
def test_archive_is_the_directory(
    reference: Path, engine: Engine, toolchain: Toolchain, lane: Lane, tmp_path: Path
) -> None:
    """Does a zip of the directory get the same digest and the same verdicts as the directory at plan depth?"""
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(reference.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(reference))
    results = [
        grade(p, depth=Depth.PLAN, engine=engine, toolchain=toolchain, lane=lane).result for p in (reference, packed)
    ]
    assert results[0].digest == results[1].digest
    assert statuses(results[0]) == statuses(results[1])


def test_every_error_is_told(tmp_path: Path) -> None:
    """Do the reasons for bad input come with a next step, as one sentence each?"""
    for make in (_no_files, _not_a_zip, _large_file):
        directory = tmp_path / make.__name__
        directory.mkdir()
        with pytest.raises(LabError) as refused:
            load_submission(make(directory))
        assert refused.value.next_step
        assert refused.value.message.endswith(".")
