"""The reference in one warm lane: the plan check and the full grading."""

from __future__ import annotations

from benchmarks.figures import Figure, Measurement, Settings, repeated
from benchmarks.stage import REFERENCE
from graders.grade import grade
from graders.model import Depth, SubmissionStatus
from lab_env.engine import private_engine
from lab_env.terraform import LanePool, find_toolchain


def run(settings: Settings) -> list[Figure]:
    toolchain = find_toolchain()
    rounds = settings.rounds
    with private_engine() as engine, LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
        if lane is None:
            raise RuntimeError("no lane starts on this machine; `lab doctor` says why")

        def graded(depth: Depth) -> None:
            result = grade(REFERENCE, depth=depth, engine=engine, toolchain=toolchain, lane=lane).result
            if result.status is not SubmissionStatus.GRADED or result.score != result.max_score:
                raise RuntimeError(f"the reference came out as {result.status}, {result.score}: {result.reason}")

        plan = repeated(lambda: graded(Depth.PLAN), rounds)
        full = repeated(lambda: graded(Depth.FULL), rounds)
    note = f"median of {rounds}"
    return [
        Figure("plan check in a warm lane", plan, "s", 1, note),
        Figure("full grading in a warm lane", full, "s", 15, note),
    ]


MEASUREMENT = Measurement("lane", "plan check and full grading in one warm lane", run)
