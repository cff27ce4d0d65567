"""The machine's clock is set while a class is graded: by NTP, by a resumed laptop, by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from lab_env import processes
from tests.graders.everywhere import assert_same, corpus_refs, timeless
from tests.graders.faults.between import Between, Call, between
from tests.graders.faults.conftest import CLASS

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

# The embedded engine's own process, whose clock is wrong by as many seconds as a file says.
_ENGINE = """
import sys, time
from pathlib import Path

wrong, right = Path(sys.argv[1]), time.time
time.time = lambda: right() + float(wrong.read_text())
from lab_env.engine.server import main
main(["--port", "0", "--idle-minutes", "30"])
"""
_DAY, _MINUTE = 86400, 60


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """A file with the seconds by which the engine's clock is wrong."""
    path = tmp_path / "clock"
    path.write_text("0")
    return path


@pytest.fixture
def clock_door(clock: Path) -> Iterator[Between]:
    """The way to an engine with that clock."""
    home = Path(__file__).parents[3]
    child = processes.spawn(
        [sys.executable, "-P", "-c", _ENGINE, str(clock)],
        cwd=Path("/"),
        env=processes.clean_environment(PYTHONPATH=str(home), PYTHONDONTWRITEBYTECODE="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert child.stdout is not None
        with between(f"http://127.0.0.1:{int(child.stdout.readline())}") as door:
            yield door
    finally:
        child.terminate_group(grace=0)


@pytest.mark.parametrize(
    "jump",
    [
        pytest.param(_DAY, id="forward, past the end of every session"),
        pytest.param(_MINUTE, id="forward, past the end of every window", marks=pytest.mark.full),
        pytest.param(-_DAY, id="back", marks=pytest.mark.full),
    ],
)
def test_a_clock_that_jumps(
    clock_door: Between, clock: Path, undisturbed: dict[str, Any], tmp_path: Path, jump: int
) -> None:
    """Are the marks the same when the clock jumps between a launch's session and what that session reads?"""
    seen: list[str] = []

    def rule(call: Call) -> None:
        """After Terraform's first call; the engine is asked for a session while it is probed, too."""
        if call.terraform or seen:
            seen.append(call.operation)
        if call.operation == "GetSecretValue" and not call.terraform and "AssumeRole" in seen:
            clock.write_text(str(jump))

    clock_door.rule = rule
    results = grade_many(corpus_refs(tmp_path / "class", CLASS), RunConfig(engine=clock_door.url, jobs=1))
    assert clock.read_text() == str(jump)
    assert_same(timeless(results), undisturbed)
