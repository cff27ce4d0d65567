"""A class of right submissions, in full, with every drill: submissions a second on warm lanes and on the plain path.

Every submission is of another design of the corpus where there are enough, each gets all its points and every requirement is
proved at its own layer, or the measurement fails. The plain path grades fewer of them: it needs half a minute for each.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Measurement, Settings, seconds
from benchmarks.stage import MEGABYTE, MemoryWatch, at_most_cores, cores, cpu_seconds
from graders.batch.events import Done, Event
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Layer, Results, Status
from graders.rubric import registry
from lab_env.engine import Engine, private_engine
from lab_env.events import Phase
from lab_env.submission import SubmissionRef
from solutions.corpus import load_corpus, materialise

SUBMISSIONS = 60
PLAIN_SUBMISSIONS = 4
LANES = (1, 2, 4, 8, 16, 20)
AIM = 20
"""Lanes of the run that the targets are held against."""
CORES = 2


@dataclass(frozen=True)
class Speed:
    """One way of grading a class.

    :param count: submissions graded.
    :param wall: seconds from the first to the last, the lanes' start included.
    :param cpu: CPU seconds a submission: grader, Terraform, provider, proxy; the engine is measured apart.
    :param latency: median seconds from a submission's first phase to its verdict.
    :param lane_memory: bytes of own memory (PSS) of a lane; None on the plain path.
    """

    count: int
    wall: float
    cpu: float
    latency: float
    lane_memory: float | None

    @property
    def rate(self) -> float:
        """Submissions a second."""
        return self.count / self.wall


def class_of(count: int, directory: Path) -> list[SubmissionRef]:
    """So many right submissions, each design once before any comes again."""
    corpus = load_corpus()
    designs = [*corpus.of_kind("reference"), *corpus.of_kind("alternative")]
    refs = []
    for number in range(count):
        case = designs[number % len(designs)]
        place = directory / f"{number // len(designs)}"
        place.mkdir(exist_ok=True)
        refs.append(SubmissionRef(f"{case.name}-{number}", materialise(case, place)))
    return refs


def graded(engine: Engine, count: int, *, jobs: int, plain: bool = False) -> Speed:
    """Grade so many submissions, ``jobs`` at a time, each in a warm lane or on the plain path."""
    begun: dict[str, float] = {}
    latencies: list[float] = []

    def told(event: Event) -> None:
        if isinstance(event, Phase):
            begun.setdefault(event.id, time.perf_counter())
        elif isinstance(event, Done):
            latencies.append(time.perf_counter() - begun[event.result.id])

    with tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory, MemoryWatch() as watch:
        refs = class_of(count, Path(directory))
        results: list[Results] = []
        before = cpu_seconds()
        wall = seconds(
            lambda: results.append(
                grade_many(refs, RunConfig(engine=engine.endpoint, jobs=jobs, plain=plain), on_event=told)
            )
        )
        cpu = cpu_seconds() - before
    _require_proof(results[0])
    memory = statistics.median(watch.lane_means) if watch.lane_means else None
    return Speed(count, wall, cpu / count, statistics.median(latencies), memory)


def _require_proof(results: Results) -> None:
    """:raises RuntimeError: a submission lost a point, or a requirement was proved at another layer than its own."""
    layers = {requirement.id: requirement.layer for requirement in registry().requirements}
    for one in results.submissions:
        for row in one.requirements:
            if row.status is not Status.PASS:
                raise RuntimeError(f"{one.id}: {row.id} is {row.status}: {row.observed}")
            if row.layer is not layers[row.id] and row.layer is not Layer.BEHAVIOUR:
                raise RuntimeError(f"{one.id}: {row.id} was proved by {row.layer}, not by {layers[row.id]}")


def run(settings: Settings) -> list[Figure]:
    count = min(settings.cases or SUBMISSIONS, SUBMISSIONS)
    with at_most_cores(CORES), private_engine() as engine:
        used = cores()
        plain = graded(engine, min(PLAIN_SUBMISSIONS, count), jobs=used, plain=True)
        lanes = graded(engine, count, jobs=AIM)
    designs = min(count, 1 + len(load_corpus().of_kind("alternative")))
    note = f"{count} submissions of {designs} designs, {AIM} lanes, {used} cores, all points, every line at its layer"
    figures = [
        Figure("a class in full", lanes.rate, "a second", None, note),
        Figure("seconds a submission", 1 / lanes.rate, "s", 1.0, note),
        Figure("plain path in parallel", plain.rate, "a second", None, f"{plain.count} submissions, one a core"),
        Figure(
            "plain parallel path / lanes, time a submission", lanes.rate / plain.rate, "×", None, "target: 15 and more"
        ),
        Figure("CPU a submission, without the engine", lanes.cpu, "s", 1.6, note),
        Figure("from a submission's first phase to its verdict", lanes.latency, "s", None, f"median, {AIM} lanes"),
    ]
    if lanes.lane_memory is not None:
        figures.append(Figure("own memory of a lane (PSS)", lanes.lane_memory / MEGABYTE, "MB", 200, note))
    return figures


MEASUREMENT = Measurement("throughput", "a class of 60 right submissions in full: lanes beside the plain path", run)
