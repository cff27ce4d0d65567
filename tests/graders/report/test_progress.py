"""Progress: does a person see how far it is, how long it takes and what each place is at?"""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from graders.report import progress as module
from graders.report.progress import ProgressDisplay


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module.time, "monotonic", clock)
    return clock


def printed(progress: ProgressDisplay) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    console.print(progress._table())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_time_to_go(clock: Clock) -> None:
    """Is the time that is left the pace so far times what is left, and unknown before the first one is done?"""
    progress = ProgressDisplay(Console(file=io.StringIO()), 10)
    progress.phase("ann", "plan")
    assert progress.remaining_s() is None
    clock.now += 20
    progress.done("ann", "graded, 100/100")
    progress.done("ben", "graded, 90/100")
    assert progress.remaining_s() == pytest.approx(80)


def test_what_was_read_back_tells_nothing_of_the_pace(clock: Clock) -> None:
    """Are unchanged submissions left out of the pace?"""
    progress = ProgressDisplay(Console(file=io.StringIO()), 10)
    for name in ("ann", "ben", "cleo"):
        progress.done(name, "graded, 100/100", kept=True)
    assert progress.remaining_s() is None
    clock.now += 10
    progress.done("dora", "graded, 1/100")
    assert progress.remaining_s() == pytest.approx(60)


def test_every_place_is_shown(clock: Clock) -> None:
    """Does the table show the places in their order, each with submission, phase and seconds, and how far it all is?"""
    progress = ProgressDisplay(Console(file=io.StringIO()), 4)
    progress.phase("ben\x1b[31m", "apply", 1)
    clock.now += 3
    progress.phase("ann", "plan", 0)
    progress.done("cleo", "graded, 5/100")
    lines = [line.split() for line in printed(progress).splitlines()]
    assert lines[1][:3] == ["1", "of", "4"]
    assert lines[2] == ["1", "ann", "plan", "0.0", "s"]
    assert lines[3] == ["2", "ben⟨U+001B⟩[31m", "apply", "3.0", "s"]


def test_a_pipe_gets_plain_lines(clock: Clock) -> None:
    """Does a pipe get a line for each beginning and end, and say what was read back?"""
    out = io.StringIO()
    with ProgressDisplay(Console(file=out, width=200), 2) as progress:
        progress.phase("ann", "gate")
        progress.phase("ann", "plan")
        clock.now += 1.5
        progress.done("ann", "graded, 100/100")
        progress.done("ben", "graded, 7/100", kept=True)
    assert out.getvalue().splitlines() == [
        "ann: started",
        "ann: graded, 100/100 (1.5 s, 1 of 2)",
        "ben: graded, 7/100 (unchanged, 2 of 2)",
    ]
