"""What needs no Terraform: a class that did not change, and a big class at static depth, as a person runs them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, Measurement, Settings, seconds
from benchmarks.stage import at_most_cores, console_script, cores
from solutions.corpus import Case, load_corpus, materialise

UNCHANGED = 100
STATIC = 1000


def designs() -> list[Case]:
    """What learners hand in and what comes to a verdict; attacks are no part of a class that is measured."""
    return [case for case in load_corpus() if case.status == "graded" and case.kind != "hostile"]


def written(count: int, directory: Path) -> Path:
    """So many submissions of which no two files are the same, so that nothing is parsed once for all."""
    cases = designs()
    for number in range(count):
        place = directory / f"{number:04}"
        place.mkdir()
        made = materialise(cases[number % len(cases)], place)
        for path in made.rglob("*.tf"):
            with path.open("a", newline="") as file:
                file.write(f"# Learner {number}\n")
        made.rename(directory / f"learner-{number:04}")
        place.rmdir()
    return directory


def run(settings: Settings) -> list[Figure]:
    unchanged, static = (min(settings.cases or most, most) for most in (UNCHANGED, STATIC))
    with tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory, at_most_cores(2):
        home = Path(directory)
        environment = {**os.environ, "LAB_STATE_DIR": str(home / "state"), "LAB_CACHE_DIR": str(home / "cache")}

        def lab(*words: str) -> float:
            argv = [str(console_script()), *words]
            return seconds(lambda: subprocess.run(argv, env=environment, check=True, capture_output=True))

        (home / "class").mkdir()
        (home / "big").mkdir()
        class_ = str(written(unchanged, home / "class"))
        lab("grade", class_, "--json", str(home / "first.json"))
        again = lab("grade", class_, "--json", str(home / "second.json"))
        lab("down", "--purge")
        after_stop = lab("grade", class_, "--json", str(home / "third.json"))
        big = lab("grade", str(written(static, home / "big")), "--depth", "static", "--json", str(home / "big.json"))
        used = cores()
    whole = settings.cases is None
    note = f"{unchanged} submissions graded in full before, a process"
    return [
        Figure("unchanged class again", again, "s", 2 if whole else None, note),
        Figure("unchanged class again, engine stopped", after_stop, "s", 2 if whole else None, note),
        Figure(
            "big class at static depth",
            big,
            "s",
            60 if whole else None,
            f"{static} submissions, no two files the same, {used} cores, a process",
        ),
    ]


MEASUREMENT = Measurement("again", "an unchanged class again, and 1,000 submissions at static depth", run)
