"""A real Dask scheduler and real workers, started as docs/cluster.md says, and ended with the test."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from distributed import Client

from graders.batch.backends.cluster import Cluster, connect_cluster
from graders.batch.run_config import RunConfig
from graders.grade import Graded
from graders.model import Depth, SubmissionResult
from lab_env.events import OnNotice, Phase, ignore
from lab_env.submission import SubmissionRef, load_submission
from solutions.corpus import load_corpus, materialise

LIMIT_S = 180.0
"""Only so that a test that hangs ends some day."""


class Dask:
    """One scheduler and its workers.

    :param home: an empty directory for logs and scratch files.
    :param environ: set for all of them, beside the test's own environment.
    """

    def __init__(self, home: Path, *words: str, environ: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self._environ = {**os.environ, **(environ or {})}
        self._scheduler_file = home / "scheduler.json"
        words = words or ("--host", "127.0.0.1")
        self.scheduler = self._start(
            "scheduler", "--port", "0", "--scheduler-file", str(self._scheduler_file), *words, environ={}
        )
        self._until(lambda: self._written() is not None, "the scheduler does not start")
        self.address: str = (self._written() or {})["address"]

    def worker(
        self, name: str, *words: str, threads: int = 1, environ: Mapping[str, str] = {}
    ) -> subprocess.Popen[bytes]:
        """Start a worker; it may still be joining when this returns."""
        scratch = ["--local-directory", str(self.home)]
        self.workers[name] = self._start(
            "worker", self.address, "--name", name, "--nthreads", str(threads), "--no-nanny", "--host", "127.0.0.1",
            *scratch, *words,
            environ=environ,
        )  # fmt: skip
        return self.workers[name]

    def await_workers(self, count: int, client: Client | None = None) -> None:
        """Until so many have joined and take tasks."""
        with contextlib.ExitStack() as stack:
            asked = client or stack.enter_context(Client(self.address, set_as_default=False, direct_to_workers=False))

            def joined() -> bool:
                return [one["status"] for one in asked.scheduler_info()["workers"].values()] == ["running"] * count

            self._until(joined, f"there are not {count} workers")

    def said(self) -> str:
        """Everything that they have logged so far."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.home.glob("*.log")))

    def _written(self) -> dict[str, str] | None:
        """What the scheduler has written down; None as long as that is nothing, or only half of it."""
        try:
            return dict(json.loads(self._scheduler_file.read_text()))
        except (FileNotFoundError, ValueError):
            return None

    def end(self) -> None:
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait()

    def _start(self, kind: str, *words: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with (self.home / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    f"distributed.cli.dask_{kind}",
                    *words,
                    "--dashboard-address",
                    "127.0.0.1:0",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self._environ, **environ},
            )

    def _until(self, happened: Callable[[], bool], problem: str) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not happened():
            assert time.monotonic() < deadline, f"{problem}:\n{self.said()}"
            time.sleep(0.05)


@contextlib.contextmanager
def dask_at(home: Path, *words: str, environ: Mapping[str, str] | None = None) -> Iterator[Dask]:
    """A scheduler of its own; without ``words`` on loopback."""
    running = Dask(home, *words, environ=environ)
    try:
        yield running
    finally:
        running.end()


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    """A scheduler on loopback, without workers."""
    home = tmp_path / "dask"
    home.mkdir()
    with dask_at(home) as running:
        yield running


def connected(
    address: str, config: RunConfig = RunConfig(depth=Depth.STATIC), on_event: OnNotice = ignore
) -> contextlib.AbstractContextManager[Cluster]:
    """A cluster; at static depth, where neither engine nor Terraform is needed, unless something else is asked for."""
    return connect_cluster(address, config, on_event=on_event)


class Class:
    """Some cases of the corpus as a class.

    :ivar phases: what was told of each, in order.
    """

    def __init__(self, directory: Path, *names: str) -> None:
        corpus = load_corpus()
        self.refs = tuple(SubmissionRef(name, materialise(corpus[name], directory)) for name in names)
        self.phases: dict[str, list[str]] = {name: [] for name in names}

    def graded(self, cluster: Cluster, on_phase: Callable[[str, str], None] | None = None) -> dict[str, Graded]:
        """All of them, each from a thread of its own.

        :param on_phase: told the submission's id and the phase.
        :raises Exception: the first that one of them raised.
        """
        found: dict[str, Graded] = {}
        failed: list[Exception] = []

        def one(ref: SubmissionRef) -> None:
            def tell(phase: Phase) -> None:
                self.phases[phase.id].append(phase.name)
                if on_phase is not None:
                    on_phase(phase.id, phase.name)

            try:
                found[ref.id] = cluster.grade(ref, load_submission(ref.path, id=ref.id), tell)
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=one, args=(ref,)) for ref in self.refs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        return found


def timeless(result: SubmissionResult) -> SubmissionResult:
    """A result but for how long its rows took."""
    rows = tuple(row.model_copy(update={"duration_ms": 0}) for row in result.requirements)
    return result.model_copy(update={"requirements": rows})
