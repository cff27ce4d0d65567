"""A course as long work: a class autograded again without a change, and the feedback of a large class, in processor time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, Measurement, Settings
from benchmarks.nbgraded import solved
from benchmarks.stage import MEGABYTE, at_most_cores, console_script, cpu_seconds
from notebooks.course import ASSIGNMENT

GRADED = 30
LEARNERS = 300


def grown(course: Path, learners: int) -> None:
    """More learners with the autograded notebooks of those who are there, and rows in the gradebook."""
    from graders.nbgrader import gradebook
    from lab.course.nbgraders import open_course

    there = sorted(path.name for path in (course / "autograded").iterdir())
    with gradebook.opened(open_course(course).coursedir) as book:
        for number in range(len(there), learners):
            name = f"learner-{number:03}"
            shutil.copytree(course / "autograded" / there[number % len(there)], course / "autograded" / name)
            book.update_or_create_student(name)
            book.update_or_create_submission(ASSIGNMENT, name)


def run(settings: Settings) -> list[Figure]:
    graded = min(settings.cases or GRADED, GRADED)
    learners = LEARNERS if settings.cases is None else graded
    with tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory, at_most_cores(2):
        home = Path(directory)
        programs = str(Path(sys.executable).parent)
        state = {"LAB_STATE_DIR": str(home / "state"), "LAB_CACHE_DIR": str(home / "cache")}
        path = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
        environment = {**os.environ, **state, "PATH": path}
        course = home / "course"

        def lab(*words: str) -> float:
            before = cpu_seconds()
            subprocess.run([str(console_script()), "course", *words], env=environment, check=True, capture_output=True)
            return cpu_seconds() - before

        lab("new", str(course))
        solved(course, graded)
        lab("release", "--dir", str(course))
        lab("autograde", "--depth", "static", "--dir", str(course))
        again = lab("autograde", "--depth", "static", "--dir", str(course))
        grown(course, learners)
        pages = lab("feedback", "--dir", str(course))
        size = sum(file.stat().st_size for file in (course / "feedback").rglob("*.html")) / MEGABYTE
        unchanged = lab("feedback", "--dir", str(course))
    whole = settings.cases is None
    note = f"{learners} learners, six notebooks each"
    return [
        Figure("autograde, nobody changed, CPU", again, "s", 5 if whole else None, f"{graded} submissions, a process"),
        Figure("feedback, CPU", pages, "s", 60 if whole else None, note),
        Figure("feedback, size", size, "MB", 30 if whole else None, note),
        Figure("feedback, nobody changed, CPU", unchanged, "s", None, note),
    ]


MEASUREMENT = Measurement("course", "autograding an unchanged class, and the feedback of a large one, in CPU time", run)
