"""``lab --help``: what every call of the console script costs before it does anything."""

from __future__ import annotations

import subprocess

from benchmarks.figures import Figure, Measurement, Settings, repeated
from benchmarks.stage import console_script


def run(settings: Settings) -> list[Figure]:
    words = [str(console_script()), "--help"]
    value = repeated(lambda: subprocess.run(words, check=True, capture_output=True), settings.rounds)
    return [Figure("`lab --help`, a process", value, "s", 0.3, f"median of {settings.rounds}")]


MEASUREMENT = Measurement("help", "lab --help as a process", run)
