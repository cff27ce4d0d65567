"""A class in which six of twelve have handed in the worst that is known: what it costs the others, and how soon Ctrl-C ends it."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, Measurement, Settings
from benchmarks.stage import at_most_cores, console_script
from solutions.hostile.worst import write_class

MOMENTS = 10


def run(settings: Settings) -> list[Figure]:
    rounds = min(settings.rounds, 3)
    with tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory, at_most_cores(2):
        home = Path(directory)
        environment = {**os.environ, "LAB_STATE_DIR": str(home / "state"), "TMPDIR": str(home)}

        def start(depth: str, name: str) -> subprocess.Popen[str]:
            words = [str(console_script()), "grade", str(home / name), "--depth", depth, "--no-cache"]
            return subprocess.Popen(
                words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )

        others = {}
        for name, worst, right in (("alone", False, 0), ("right", False, 6), ("class", True, 0)):
            (home / name).mkdir()
            others[name] = write_class(home / name, worst=worst, right=right)
        # The first run starts the engine.
        times: dict[str, list[float]] = {name: [] for name in others}
        for turn in range(rounds + 1):
            for name, found in times.items():
                process = start("full", name)
                last = _last_of(process, others[name])
                if turn:
                    found.append(last)
        slowest = dict.fromkeys(("static", "full"), 0.0)
        moments = random.Random(1)  # noqa: S311 - which moments is no secret
        for depth in slowest:
            for _ in range(MOMENTS):
                process = start(depth, "class")
                time.sleep(moments.uniform(0.1, 1.5 if depth == "static" else 15.0))
                began = time.perf_counter()
                process.send_signal(signal.SIGINT)
                process.communicate()
                slowest[depth] = max(slowest[depth], time.perf_counter() - began)
        subprocess.run([str(console_script()), "down"], env=environment, check=True, capture_output=True)
    alone, right, among = (statistics.median(times[name]) for name in ("alone", "right", "class"))
    return [
        Figure(
            "six of a class of twelve, in full, when the others are the six worst and not six right ones",
            among / right,
            "×",
            1.2,
            f"until the last of the six: {among:.1f} s / {right:.1f} s, median of {rounds}; {alone:.1f} s without others",
        ),
        *(
            Figure(f"Ctrl-C in that class, depth {depth}", took, "s", 5.0, f"slowest of {MOMENTS} random moments")
            for depth, took in slowest.items()
        ),
    ]


def _last_of(process: subprocess.Popen[str], ids: tuple[str, ...]) -> float:
    """Seconds until the last of these has its verdict."""
    began = last = time.perf_counter()
    assert process.stderr is not None
    for line in process.stderr:
        name, _, said = line.partition(": ")
        if name in ids and "graded" in said:
            last = time.perf_counter()
    if process.wait() != 0:
        raise RuntimeError(f"lab grade ended with {process.returncode}")
    return last - began


MEASUREMENT = Measurement("worst", "a class with the worst that is known in it, and an interrupt of it", run)
