"""The static check of the reference: in a process that is warm, as the notebook's is, and as a process of its own."""

from __future__ import annotations

import subprocess

from benchmarks.figures import Figure, Measurement, Settings, repeated
from benchmarks.stage import REFERENCE, console_script
from graders.grade import grade
from graders.model import Depth


def run(settings: Settings) -> list[Figure]:
    note = f"median of {settings.rounds}"
    warm = repeated(lambda: grade(REFERENCE, depth=Depth.STATIC).result, settings.rounds)
    words = [str(console_script()), "grade", str(REFERENCE), "--depth", "static"]
    cold = repeated(lambda: subprocess.run(words, check=True, capture_output=True), settings.rounds)
    return [
        Figure("static check, once warm", warm * 1000, "ms", 150, note),
        Figure("static check, a process (`lab grade --depth static`)", cold * 1000, "ms", None, note),
    ]


MEASUREMENT = Measurement("static", "the static check of the reference, warm and as a process", run)
