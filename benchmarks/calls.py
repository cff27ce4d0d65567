"""What the Terraform calls of one full grading cost, plainly and in a warm lane (see :mod:`benchmarks.terraform_lane`)."""

from __future__ import annotations

import statistics
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks import terraform_lane
from benchmarks.figures import Figure, Measurement, Settings
from lab_env.engine import private_engine
from lab_env.terraform import LanePool, find_toolchain


def run(settings: Settings) -> list[Figure]:
    toolchain = find_toolchain()
    plain: defaultdict[str, list[float]] = defaultdict(list)
    warm: defaultdict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory, private_engine() as engine:
        terraform_lane.run(Path(directory) / "plain", engine, toolchain, None, plain)
        with LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
            for number in range(settings.rounds):
                terraform_lane.run(Path(directory) / str(number), engine, toolchain, lane, warm)
    medians = {call: statistics.median(values) for call, values in warm.items()}
    return [
        Figure(f"terraform {call} in a warm lane", value, "s", None, f"plainly {plain[call][0]:.2f} s")
        for call, value in medians.items()
    ]


MEASUREMENT = Measurement("calls", "each Terraform call of a full grading, plainly and in a warm lane", run)
