"""The embedded engine: MiniStack in a child process on loopback; :mod:`lab_env.engine.shared` has its life."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lab_env import aws_refusals, errors, events, iam_policy, processes, settings
from lab_env.engine import front, own_code, sessions, shared
from lab_env.engine.model import Engine
from lab_env.errors import EngineError
from lab_env.localstack_ecs.secrets_lab_localstack import door
from lab_env.temporary import temporary_directory

PORT = 4566
_PRIVATE_MINUTES = 120.0
"""A private engine ends with its parent; this is for the case that even the warden is killed."""
_START_S = 60.0


@contextlib.contextmanager
def private_engine(*, refusals: bool = True) -> Iterator[Engine]:
    """An engine of one's own, for tests and benchmarks: on a free port, not shared, gone with its parent.

    :param refusals: whether it refuses what AWS refuses; without, it is MiniStack as it is.
    """
    with temporary_directory("engine") as directory:
        log = directory / "engine.log"
        with _spawn(0, log, idle_minutes=_PRIVATE_MINUTES, outlives_us=False, refusals=refusals) as child:
            endpoint = _announced(child, log)
            try:
                yield Engine("embedded", engine_version(), endpoint, shared.probed("embedded", endpoint))
            finally:
                sessions.forget(endpoint)


def _spawn(port: int, log: Path, *, idle_minutes: float, outlives_us: bool, refusals: bool = True) -> processes.Child:
    home = Path(__file__).parents[2]  # where lab_env is found, installed or not
    arguments = ["--port", str(port), "--idle-minutes", str(idle_minutes)]
    arguments += [] if refusals else ["--without-refusals"]
    # The log tells what went wrong, never a value: the engine logs warnings only.
    with log.open("wb") as stderr:
        return processes.spawn(
            [sys.executable, "-P", "-m", "lab_env.engine.server", *arguments],
            cwd=Path(home.anchor),
            env=processes.clean_environment(PYTHONPATH=str(home), PYTHONDONTWRITEBYTECODE="1"),
            die_with_parent=not outlives_us,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )


def _announced(child: processes.Child, log: Path) -> str:
    """The endpoint, once the engine has told its port.

    :raises EngineError: it ended first, or takes too long.
    """
    try:
        return f"http://127.0.0.1:{int(processes.Lines(child).line(time.monotonic() + _START_S))}"
    except (OSError, EOFError, ValueError):
        child.terminate_group(grace=0)
        raise EngineError(
            f"The embedded engine did not start: {shared.last_words(log)}",
            next_step="Run `lab doctor`.",
        ) from None


def engine_version() -> str:
    """The version of the engine's package.

    :raises EngineError: it is not installed.
    """
    try:
        return version("ministack")
    except PackageNotFoundError as error:
        raise EngineError(
            "The embedded engine's package, ministack, is not installed.",
            next_step="Run `make setup`, or name another engine with --engine.",
        ) from error


def _start(log: Path) -> shared.Started:
    child = _spawn(PORT, log, idle_minutes=settings.ENGINE_IDLE_MINUTES.read(), outlives_us=True)
    return shared.Started(child, lambda: _announced(child, log))


def _code() -> str:
    # The engine matches wildcards by our evaluator's patterns, and with them comes the package.
    evaluator = sorted(Path(iam_policy.__file__).parent.glob("*.py"))
    rules = sorted(Path(aws_refusals.__file__).parent.glob("*.*"))
    return own_code.digest([Path(door.__file__), Path(errors.__file__), Path(events.__file__), *evaluator, *rules])


KIND = shared.Kind("embedded", "engine", front.HEALTH, engine_version, _code, _start)
