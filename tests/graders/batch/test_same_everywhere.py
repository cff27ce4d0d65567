"""One JSON: whatever the number of jobs or the machine, the results differ in times only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from lab_env.submission import SubmissionRef
from tests.graders.batch.backends.cluster.conftest import Dask, dask_at
from tests.graders.everywhere import SAMPLE, assert_same, corpus_refs, part, timeless, todays_part, whole_corpus

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

WORKER_THREADS = 2


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SAMPLE, id="sample"),
        pytest.param("part", id="part", marks=[pytest.mark.full, pytest.mark.longest]),
    ],
)
def refs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[SubmissionRef, ...]:
    """A few cases, or (``full``) today's part of the corpus."""
    return corpus_refs(tmp_path_factory.mktemp("class"), todays_part() if request.param == "part" else request.param)


@pytest.fixture(scope="module")
def wanted(
    request: pytest.FixtureRequest, refs: tuple[SubmissionRef, ...], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The results with four jobs, or eight."""
    names = tuple(ref.id for ref in refs)
    if set(names) == set(SAMPLE):  # in another order: the corpus's
        return timeless(part(request.getfixturevalue("graded_class"), names))
    return timeless(part(whole_corpus(tmp_path_factory), names))


@pytest.mark.parametrize("jobs", [1, 16])
def test_jobs(refs: tuple[SubmissionRef, ...], wanted: dict[str, Any], jobs: int) -> None:
    """Do one job and sixteen give what a few give?"""
    assert_same(timeless(grade_many(refs, RunConfig(jobs=jobs))), wanted)


def test_cluster(refs: tuple[SubmissionRef, ...], wanted: dict[str, Any], tmp_path: Path) -> None:
    """Do two workers of a cluster give what this process gives?"""
    with dask_at(tmp_path) as dask:
        _two_workers(dask)
        found = grade_many(refs, RunConfig(cluster=dask.address))
    assert_same(timeless(found), wanted)


def _two_workers(dask: Dask) -> None:
    start: Callable[..., object] = dask.worker
    for name in ("one", "two"):
        start(name, threads=WORKER_THREADS)
    dask.await_workers(2)
