"""Terraform or its provider is killed in the middle of an apply: by somebody, or by a machine that has run out of memory."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from graders.batch.events import Event
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import SubmissionStatus
from lab_env.events import Notice, Phase
from tests.graders.disturbed import PROVIDER
from tests.graders.everywhere import assert_same, corpus_refs, timeless
from tests.graders.faults.between import Between
from tests.graders.faults.conftest import CLASS

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

_LOOKS = 2000
_LOOK_S = 0.01


def applying(process: psutil.Process) -> bool:
    """Whether this is Terraform at an apply, of a binary or of the library."""
    return "apply" in process.cmdline() and "-auto-approve" in process.cmdline()


def provider(process: psutil.Process) -> bool:
    return process.name().startswith(PROVIDER)


class Killer:
    """Kills, of this process's own descendants, those that are meant, each time an apply begins.

    :param times: how often at most.
    :ivar notices: the lines that were told meanwhile.
    """

    def __init__(self, meant: Callable[[psutil.Process], bool], times: int) -> None:
        self._meant = meant
        self._left = times
        self._threads: list[threading.Thread] = []
        self.killed = 0
        self.notices: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Notice):
            self.notices.append(event.text)
        if isinstance(event, Phase) and event.name == "apply" and self._left > 0:
            self._left -= 1
            self._threads.append(threading.Thread(target=self._kill))
            self._threads[-1].start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _kill(self) -> None:
        wait = threading.Event()
        for _ in range(_LOOKS):
            below = psutil.Process().children(recursive=True)
            if _is(below, applying):
                wait.wait(0.3)  # in the middle
                for process in _is(below, self._meant):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
                        self.killed += 1
                return
            wait.wait(_LOOK_S)


def _is(processes: list[psutil.Process], meant: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    found = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if meant(process):
                found.append(process)
    return found


@pytest.mark.parametrize("meant", [applying, pytest.param(provider, marks=pytest.mark.full)])
def test_killed_once(
    engine_door: Between, undisturbed: dict[str, Any], tmp_path: Path, meant: Callable[[psutil.Process], bool]
) -> None:
    """Is a submission whose Terraform, or whose provider, is killed graded again, to the same marks?"""
    killer = Killer(meant, 1)
    refs = corpus_refs(tmp_path, CLASS)
    results = grade_many(refs, RunConfig(engine=engine_door.url, jobs=1), on_event=killer)
    killer.join()
    assert killer.killed
    assert sum("is graded again" in line for line in killer.notices) == 1
    assert_same(timeless(results), undisturbed)


@pytest.mark.parametrize(
    ("meant", "cause"),
    [(applying, "terraform apply was killed by signal 9"), pytest.param(provider, "", marks=pytest.mark.full)],
)
def test_killed_each_time(
    engine_door: Between, tmp_path: Path, meant: Callable[[psutil.Process], bool], cause: str
) -> None:
    """Is a submission whose Terraform never comes to its end an `error` with the cause, and no fail?"""
    killer = Killer(meant, 10)
    (one,) = grade_many(
        corpus_refs(tmp_path, CLASS[:1]), RunConfig(engine=engine_door.url, jobs=1), on_event=killer
    ).submissions
    killer.join()
    assert killer.killed >= 2
    assert (one.status, one.score) == (SubmissionStatus.ERROR, None)
    assert cause in (one.reason or ""), one.reason
    assert one.reason
