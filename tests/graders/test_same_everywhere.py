"""One JSON: whatever the number of jobs, the speed path or the machine, the results differ in times only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graders.batch import grade_many
from graders.model import Results
from lab_env.engine import Engine
from lab_env.submission import SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise
from tests.graders.cluster.conftest import Dask, dask_at

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

SAMPLE = ("reference", "nested-modules", "ignore-changes-missing", "valuefrom-one-colon-short", "gate-provider-block")
WORKER_THREADS = 4


@pytest.fixture(scope="module", params=["sample", pytest.param("corpus", marks=pytest.mark.full)])
def refs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[SubmissionRef, ...]:
    """A few cases, or (``full``) the whole corpus."""
    directory = tmp_path_factory.mktemp("class")
    cases = [case for case in load_corpus() if request.param == "corpus" or case.name in SAMPLE]
    return tuple(SubmissionRef(case.name, materialise(case, directory)) for case in cases)


@pytest.fixture(scope="module")
def four(refs: tuple[SubmissionRef, ...], engine: Engine, toolchain: Toolchain) -> list[dict[str, object]]:
    """The results with four jobs."""
    return timeless(grade_many(refs, jobs=4))


def timeless(results: Results) -> list[dict[str, object]]:
    """Each submission as the result JSON has it, and the circumstances, but for times."""
    document = results.model_dump(mode="json", by_alias=True, exclude={"created"})
    for one in document["submissions"]:
        for row in one["requirements"]:
            del row["duration_ms"]
    submissions: list[dict[str, object]] = document.pop("submissions")
    return [document, *submissions]


def assert_same(found: list[dict[str, object]], wanted: list[dict[str, object]]) -> None:
    """One submission at a time, so that a difference can be read."""
    for one, other in zip(found, wanted, strict=True):
        assert one == other


@pytest.mark.parametrize("jobs", [1, 16])
def test_jobs(refs: tuple[SubmissionRef, ...], four: list[dict[str, object]], jobs: int) -> None:
    """Do one job and sixteen give what four give?"""
    assert_same(timeless(grade_many(refs, jobs=jobs)), four)


@pytest.mark.full
def test_plain(refs: tuple[SubmissionRef, ...], four: list[dict[str, object]]) -> None:
    """Does Terraform's plain path give what warm lanes give?"""
    assert_same(timeless(grade_many(refs, plain=True)), four)


def test_cluster(refs: tuple[SubmissionRef, ...], four: list[dict[str, object]], tmp_path: Path) -> None:
    """Do two workers of a cluster give what this process gives?"""
    with dask_at(tmp_path) as dask:
        _two_workers(dask)
        found = grade_many(refs, cluster=dask.address)
    assert_same(timeless(found), four)


def _two_workers(dask: Dask) -> None:
    start: Callable[..., object] = dask.worker
    for name in ("one", "two"):
        start(name, threads=WORKER_THREADS)
    dask.await_workers(2)
