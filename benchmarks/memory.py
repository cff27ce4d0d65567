"""Memory while 20 submissions are graded in warm lanes: the grader's own process, and each lane's."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.corpus import some
from benchmarks.figures import Figure, Measurement, Settings
from benchmarks.stage import MEGABYTE, MemoryWatch
from graders.batch.grade_many import default_jobs, grade_many
from graders.batch.run_config import RunConfig
from lab_env.engine import private_engine
from lab_env.submission import SubmissionRef
from solutions.corpus import load_corpus, materialise

SUBMISSIONS = 20


def run(settings: Settings) -> list[Figure]:
    corpus = load_corpus()
    names = some(Settings(cases=min(SUBMISSIONS, settings.cases or SUBMISSIONS)))
    with tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory, private_engine() as engine:
        refs = [SubmissionRef(name, materialise(corpus[name], Path(directory))) for name in names]
        with MemoryWatch() as watch:
            grade_many(refs, RunConfig(engine=engine.endpoint))
    note = f"{len(names)} submissions, {min(len(names), default_jobs(plain=False))} lanes"
    figures = [Figure("memory of the grader itself (RSS, peak)", watch.grader_peak / MEGABYTE, "MB", 200, note)]
    if watch.lane_means:
        own = statistics.median(watch.lane_means) / MEGABYTE
        figures.append(Figure("own memory of a lane at work (PSS)", own, "MB", None, note))
    return figures


MEASUREMENT = Measurement("memory", "memory of the grader and of a lane while 20 submissions are graded", run)
