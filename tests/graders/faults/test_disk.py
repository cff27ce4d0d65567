"""A disk is full, or may not be written to: where Terraform works, where the ledger lies, where the results go."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import SubmissionStatus
from tests.graders.disturbed import ClassRun
from tests.graders.everywhere import assert_same, corpus_refs, timeless
from tests.graders.faults.between import Between
from tests.graders.faults.conftest import CLASS
from tests.graders.faults.disks import Disk, disk

pytestmark = pytest.mark.slow

STATIC = ("grade", "--depth", "static")
NAMES = ("reference", "starter", "heredocs", "single-file", "ignore-changes-missing", "second-alias")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Disk]:
    """A disk with room for the results of three submissions, not of six."""
    with disk(tmp_path / "small", "64k") as made:
        yield made


@pytest.fixture
def run(small: Disk, tmp_path: Path) -> ClassRun:
    """A class of six whose results are to go to that disk, and nothing else of the run."""
    corpus_refs(tmp_path / "class", NAMES)
    return OnDisk(tmp_path / "class", tmp_path, small.path / "results.json")


class OnDisk(ClassRun):
    """The same with its results elsewhere than everything else that it makes."""

    def __init__(self, handed_in: Path, home: Path, results: Path) -> None:
        super().__init__(handed_in, home)
        object.__setattr__(self, "_results", results)

    @property
    def results(self) -> Path:
        return Path(vars(self)["_results"])


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.parametrize(
    "size",
    [
        pytest.param("8k", id="the workspace"),
        pytest.param("48k", id="the plan", marks=pytest.mark.full),
        pytest.param("64k", id="the state"),
        pytest.param("80k", id="the plan after the rotation", marks=pytest.mark.full),
    ],
)
def test_a_disk_that_is_full_where_terraform_works(
    engine_door: Between, undisturbed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    """Is a submission whose workspace, plan or state does not fit on the disk an `error` that says so, and right afterwards?"""
    refs = corpus_refs(tmp_path / "class", CLASS[:1])
    whole = {**undisturbed, "submissions": undisturbed["submissions"][:1]}
    with disk(tmp_path / "small", size) as small:
        monkeypatch.setattr(tempfile, "tempdir", str(small.path))
        full = grade_many(refs, RunConfig(engine=engine_door.url, jobs=1))
        for one in full.submissions:
            assert (one.status, one.score) == (SubmissionStatus.ERROR, None), one.reason
            assert "no space left on device" in (one.reason or "").lower(), one.reason
        small.remount("size=64m")
        assert_same(timeless(grade_many(refs, RunConfig(engine=engine_door.url, jobs=1))), whole)


def test_a_disk_that_is_full_where_the_ledger_lies(run: ClassRun, small: Disk, tmp_path: Path) -> None:
    """Does a run that cannot write down what it found end with a sentence, and go on from there when there is space again?"""
    full = run.start("--depth", "static", "--jobs", "1")
    assert full.wait() == 2, run.said()
    assert "cannot be written: No space left on device" in run.said()
    assert not run.results.exists()
    done = run.finished()
    assert 0 < done < len(NAMES)
    small.remount("size=16m")
    again = run.complete(run.start("--depth", "static"))
    assert run.said().count("(unchanged, ") == done
    elsewhere = ClassRun(run.handed_in, tmp_path)
    assert again == elsewhere.complete(elsewhere.start("--depth", "static"))


def test_a_disk_that_is_full_where_the_results_go(run: ClassRun, small: Disk) -> None:
    """Is what was graded kept, and an older result file whole, when the new one does not fit beside its ledger?"""
    small.remount("size=16m")
    old = run.complete(run.start("--depth", "static"))
    ledger = run.results.with_name("results.json.ledger")
    proof = ledger.read_bytes()
    needed = 2 * len(proof) + run.results.stat().st_size
    # Room for the old results and their ledger, the new ledger, and half of the new results.
    small.remount(f"size={(needed + run.results.stat().st_size // 2) // 4096 * 4}k")
    assert run.start("--depth", "static").wait() == 2, run.said()
    assert "No space left on device" in run.said()
    assert json.loads(run.results.read_text())["submissions"]
    assert ledger.read_bytes() == proof
    assert ledger.with_name(f"{ledger.name}.new").read_bytes().count(b'"entry"') == len(NAMES)
    small.remount("size=16m")
    assert run.complete(run.start("--depth", "static")) == old
    assert run.said().count("(unchanged, ") == len(NAMES)


def test_a_results_folder_that_may_not_be_written_to(run: ClassRun, small: Disk) -> None:
    """Is a read-only folder said before anything is graded, with nothing left in it?"""
    small.remount("ro")
    assert run.start("--depth", "static").wait() == 2
    assert "Read-only file system" in run.said()
    assert "graded, " not in run.said()
    assert list(small.path.iterdir()) == []


def test_a_class_that_may_not_be_written_to(tmp_path: Path) -> None:
    """Is a class on a read-only disk graded like any other, since nothing of ours belongs into it?"""
    with disk(tmp_path / "small", "16m") as small:
        corpus_refs(small.path / "class", NAMES)
        free, bound = (ClassRun(small.path / "class", tmp_path / name) for name in ("free", "bound"))
        for one in (free, bound):
            one.home.mkdir()
        expected = free.complete(free.start("--depth", "static"))
        small.remount("ro")
        assert bound.complete(bound.start("--depth", "static")) == expected
