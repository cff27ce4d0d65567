"""A class graded by the console script in a process of its own, to be disturbed: its ledger, its processes, its verdicts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lab_env.engine import embedded

PROVIDER = "terraform-provider-aws"[:15]
LIMIT_S = 600.0
"""Only so that a test that hangs ends some day."""


@dataclass(frozen=True)
class ClassRun:
    """One place to grade a class in, with an engine, a cache and temporary files of its own.

    :param handed_in: the class's directory.
    :param home: an empty directory for everything that the run makes.
    """

    handed_in: Path
    home: Path

    @property
    def results(self) -> Path:
        return self.home / "results.json"

    def environment(self) -> dict[str, str]:
        (self.home / "tmp").mkdir(exist_ok=True)
        own = {"LAB_STATE_DIR": str(self.home / "state"), "TMPDIR": str(self.home / "tmp")}
        return {**os.environ, **own, "LAB_ENGINE_IDLE_MINUTES": "5"}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """``lab grade`` on the class, without the cache: what a second run does not grade, it has from the ledger."""
        return self.lab("grade", str(self.handed_in), "--json", str(self.results), "--no-cache", *words)

    def lab(self, *words: str) -> subprocess.Popen[str]:
        log = (self.home / "log").open("a")
        code = "from lab.cli import main\nmain()\n"
        return subprocess.Popen(
            [sys.executable, "-c", code, *words], stdout=log, stderr=log, text=True, env=self.environment()
        )

    def temporary(self) -> list[str]:
        """What runs have left in their temporary directory."""
        return sorted(path.name for path in (self.home / "tmp").iterdir())

    def said(self) -> str:
        """Everything that the runs have printed so far."""
        return (self.home / "log").read_text()

    def finished(self) -> int:
        """Submissions whose line is in the ledger."""
        ledger = self.results.with_name(f"{self.results.name}.ledger")
        return ledger.read_bytes().count(b'"entry"') if ledger.exists() else 0

    def wait_for(self, count: int, process: subprocess.Popen[str]) -> None:
        """Until so many submissions are in the ledger."""
        deadline = time.monotonic() + LIMIT_S
        while self.finished() < count:
            assert process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def engine_pid(self) -> int:
        written = self.home / "state" / f"{embedded.KIND.own()}.json"
        return int(json.loads(written.read_text())["pid"])

    def complete(self, process: subprocess.Popen[str]) -> dict[str, object]:
        """The result JSON of a run that is waited for, without what differs from run to run."""
        assert process.wait(LIMIT_S) == 0, self.said()
        return timeless(self.results)


def timeless(path: Path) -> dict[str, object]:
    """A result JSON but for ``created`` and ``duration_ms``."""
    return without_times(json.loads(path.read_text()))


def without_times(document: dict[str, object]) -> dict[str, object]:
    """A result document with all times set to nothing."""
    document["created"] = ""
    submissions = document["submissions"]
    assert isinstance(submissions, list)
    for submission in submissions:
        for row in submission["requirements"]:
            row["duration_ms"] = 0
    return document


def children(process: subprocess.Popen[Any]) -> list[psutil.Process]:
    """Everything below a process that runs."""
    return psutil.Process(process.pid).children(recursive=True)


def lanes(process: subprocess.Popen[Any]) -> list[psutil.Process]:
    """The warm providers of a run, the busiest first."""
    found = [child for child in children(process) if child.name().startswith(PROVIDER)]
    return sorted(found, key=lambda child: -sum(child.cpu_times()[:2]))


def left(processes: Sequence[psutil.Process], within_s: float) -> list[str]:
    """Those that still run after so many seconds."""
    _, alive = psutil.wait_procs(list(processes), timeout=within_s)
    return [
        f"{child.pid} {child.name()}"
        for child in alive
        if child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    ]
