"""The benchmarks: do they run and tell their figures beside their targets? How long anything takes is never asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import again, corpus, table
from benchmarks.__main__ import MEASUREMENTS
from benchmarks.figures import Figure, Settings
from solutions.corpus import load_corpus

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "benchmarks", *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def test_the_command_lists_its_measurements() -> None:
    """Does --list name every measurement with what it is about, and measure nothing?"""
    done = bench("--list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(MEASUREMENTS)
    assert all(one.about in line for one, line in zip(MEASUREMENTS.values(), lines, strict=True))


def test_every_promise_of_speed_and_size_has_its_measurement() -> None:
    """Is there one for each thing that the documents promise a figure of?"""
    promised = "help static lane plain corpus throughput again nbgrader newcomer memory"
    assert set(promised.split()) <= set(MEASUREMENTS)


def test_no_attack_is_in_a_class_that_is_measured() -> None:
    """Do the classes that benchmarks grade hold what learners hand in, and none of the hostile cases?"""
    attacks = {case.name for case in load_corpus().of_kind("hostile")}
    assert attacks
    assert not attacks & set(corpus.some(Settings()))
    assert not attacks & {case.name for case in again.designs()}
    assert len(again.designs()) > 50


def test_a_measurement_prints_its_row() -> None:
    """Does measuring the start of the console script end well, with a row that holds a figure and its target?"""
    done = bench("help", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("lab --help"))
    assert " s " in row
    assert "< 0.3 s" in row
    assert row.split("< 0.3 s")[1].split()[0] in ("ok", "over")


def test_a_measurement_in_this_process_gives_json() -> None:
    """Does the child's side answer with figures that the parent's side can read?"""
    done = bench("help", "--rounds", "1", "--here")
    assert done.returncode == 0, done.stderr
    figures = [Figure(**fields) for fields in json.loads(done.stdout)]
    assert [(figure.unit, figure.limit) for figure in figures] == [("s", 0.3)]
    assert figures[0].value > 0


def test_an_unknown_name_is_a_usage_error() -> None:
    """Does a misspelt measurement end with code 2 and the names that there are?"""
    done = bench("halp")
    assert done.returncode == 2
    assert "one of help, static" in done.stderr


@pytest.mark.parametrize(
    ("value", "limit", "verdict"), [(0.29, 0.3, "ok"), (0.3, 0.3, "over"), (7.0, None, "")], ids=["under", "at", "none"]
)
def test_a_figure_stands_beside_its_target(value: float, limit: float | None, verdict: str) -> None:
    """Is a figure ok below its target, over at it, and neither where nothing is promised?"""
    assert Figure("x", value, "s", limit).verdict == verdict


def test_both_tables_hold_every_figure() -> None:
    """Do the terminal's table and the README's tell name, figure, target and verdict of each?"""
    figures = [Figure("`lab` starts", 0.256, "s", 0.3, "median of 5"), Figure("memory", 201.4, "MB", 200)]
    assert table.markdown(figures).splitlines()[2:] == [
        "| `lab` starts | 0.26 s | < 0.3 s | ok | median of 5 |",
        "| memory | 201 MB | < 200 MB | over |  |",
    ]
    rows = [line.split() for line in table.plain(figures).splitlines()[2:]]
    assert rows == [
        ["lab", "starts", "0.26", "s", "<", "0.3", "s", "ok", "median", "of", "5"],
        ["memory", "201", "MB", "<", "200", "MB", "over"],
    ]
