"""Autograding with nbgrader: the course's configuration beside nbgrader as it is, and beside ``lab grade`` alone.

All of them are run as an instructor runs them, each in a process of its own, and nothing is read back from an earlier run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, Measurement, Settings, seconds
from benchmarks.stage import at_most_cores, console_script, cores
from notebooks.build import main as build
from notebooks.course import ASSIGNMENT

STATIC = 30
FULL = 20
CORES = 2
_TRIVIAL = "trivial"


def solved(directory: Path, count: int) -> Path:
    """So many submissions of the solved course in nbgrader's layout, no two alike: ``directory/submitted``."""
    made = directory / "solved"
    if build(["--solved", str(made)]):
        raise RuntimeError("the solved course could not be built")
    notebooks = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in made.glob("*.ipynb")}
    for number in range(count):
        place = directory / "submitted" / f"learner-{number:03}" / ASSIGNMENT
        place.mkdir(parents=True)
        for name, notebook in notebooks.items():
            (place / name).write_text(json.dumps(_signed(notebook, f"{directory.name} {number}")), encoding="utf-8")
    return directory / "submitted"


def _signed(notebook: dict[str, object], who: str) -> dict[str, object]:
    """The notebook with a comment in each answer."""
    cells = json.loads(json.dumps(notebook["cells"]))
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = [*cell["source"], f"\n# Learner {who}\n"]
    return {**notebook, "cells": cells}


def trivial(directory: Path, count: int) -> Path:
    """A course directory for nbgrader as it is: one notebook with one answer and one test, handed in so many times."""
    source = directory / "source" / _TRIVIAL
    source.mkdir(parents=True)
    kept = {"schema_version": 3, "task": False}
    answer = {**kept, "grade": False, "grade_id": "answer", "locked": False, "solution": True}
    test = {**kept, "grade": True, "grade_id": "test", "locked": True, "points": 1, "solution": False}
    cells = [_code("answer", "x = 1\n", answer), _code("test", "assert x == 1\n", test)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    text = json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
    (source / "one.ipynb").write_text(text, encoding="utf-8")
    (directory / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'trivial'\n")
    for number in range(count):
        place = directory / "submitted" / f"learner-{number:03}" / _TRIVIAL
        place.mkdir(parents=True)
        (place / "one.ipynb").write_text(text, encoding="utf-8")
    return directory


def _code(name: str, source: str, nbgrader: dict[str, object]) -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {"nbgrader": nbgrader},
        "outputs": [],
        "source": source,
    }


def run(settings: Settings) -> list[Figure]:
    static, full = (min(settings.cases or most, most) for most in (STATIC, FULL))
    with tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory, at_most_cores(CORES):
        home = Path(directory)
        state = {"LAB_STATE_DIR": str(home / "state"), "LAB_CACHE_DIR": str(home / "cache")}
        programs = str(Path(sys.executable).parent)  # nbgrader calls alembic by name
        path = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
        environment = {**os.environ, **state, "PATH": path}

        def timed(*words: str, cwd: Path = home) -> float:
            return seconds(lambda: subprocess.run(words, env=environment, cwd=cwd, check=True, capture_output=True))

        lab = str(console_script())
        stock = trivial(home / "stock", static)
        timed(f"{programs}/nbgrader", "generate_assignment", _TRIVIAL, cwd=stock)
        theirs = timed(f"{programs}/nbgrader", "autograde", _TRIVIAL, cwd=stock)

        def course(name: str, count: int) -> Path:
            timed(lab, "course", "new", str(home / name))
            solved(home / name, count)
            timed(lab, "course", "release", "--dir", str(home / name))
            return home / name

        ours = timed(lab, "course", "autograde", "--depth", "static", "--dir", str(course("static", static)))

        class_ = course("full", full)
        (home / "alone").mkdir()
        alone_class = solved(home / "alone", full)
        timed(lab, "up")
        alone = timed(lab, "grade", str(alone_class), "--json", str(home / "alone.json"))
        graded = timed(lab, "course", "autograde", "--depth", "full", "--dir", str(class_))
        timed(lab, "down", "--purge")
        used = cores()
    whole = settings.cases is None
    note = f"{static} submissions, {used} cores, a process each"
    deep = f"{full} submissions, all different, {used} cores, a process each"
    return [
        Figure("autograde at depth static, a submission", ours / static, "s", None, f"{note}; six notebooks each"),
        Figure("nbgrader as it is, a submission", theirs / static, "s", None, f"{note}; one trivial notebook each"),
        Figure("autograde static / nbgrader as it is", ours / theirs, "×", 1.0 if whole else None, note),
        Figure("lab grade alone in full, a submission", alone / full, "s", None, deep),
        Figure("autograde in full, a submission", graded / full, "s", None, deep),
        Figure("what nbgrader adds to lab grade, a submission", (graded - alone) / full, "s", 0.5, deep),
    ]


MEASUREMENT = Measurement("nbgrader", "autograding with nbgrader, beside nbgrader as it is and lab grade alone", run)
