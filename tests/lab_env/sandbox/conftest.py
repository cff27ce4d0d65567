"""The layers that can stand on this machine, and a run's directory behind them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab_env import processes
from lab_env.sandbox import Programs, Sandbox
from lab_env.sandbox.find import candidates, this_machine, trouble
from tests.conftest import missing

SYSTEM_PROGRAM = Programs(("/bin/sh", "-c", "echo Terraform v1.11.4"), Path("/bin/sh"), ())
"""In Terraform's place, where it is the layers that are tried, not what is behind them."""
Inside = Callable[..., processes.Completed]


def standing() -> list[Sandbox]:
    """All that stand here, strongest first."""
    return [one for one in candidates(this_machine({}), SYSTEM_PROGRAM) if trouble(one, SYSTEM_PROGRAM) is None]


@pytest.fixture(scope="session")
def all_standing() -> list[Sandbox]:
    return standing()


@pytest.fixture
def bubble(all_standing: list[Sandbox]) -> Sandbox:
    """The strongest layers."""
    found = next((one for one in all_standing if one.bwrap is not None), None)
    return found or missing("bubblewrap does not work here (Debian and Ubuntu: apt install bubblewrap)")


@pytest.fixture
def run_directory(tmp_path: Path) -> Iterator[Path]:
    """A run's directory, as the grader makes one."""
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.geteuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    directory = tmp_path / "run"
    directory.mkdir()
    return directory


@pytest.fixture
def inside(run_directory: Path) -> Inside:
    """Runs a line of bash in the sandbox, to its end."""

    def run(
        sandbox: Sandbox, line: str, *, door: int | None = None, sockets: tuple[str, ...] = ()
    ) -> processes.Completed:
        sandbox.let_in(run_directory)
        return processes.run(
            sandbox.command(["/bin/bash", "-c", line], run_directory, scratch=True, door=door, sockets=sockets),
            cwd=run_directory,
            env={"PATH": os.defpath, "ASKED": "for"},
            timeout=60,
            pass_fds=() if door is None else (door,),
        )

    return run
