"""The crew for static depth: child processes that read and judge files, one a core, for Python does that on one core only."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from graders.crew import Graded
from graders.grade import refused
from graders.model import SubmissionResult
from graders.rubric import registry
from lab_env import processes
from lab_env.errors import LabError, TerraformError
from lab_env.submission import Submission, SubmissionRef

ANSWER_S = 60.0
"""Seconds for one submission, which takes a tenth of one; past that its process is ended and the next one gets a new one."""


class ReadingCrew:
    """:param width: processes; each is started by the first submission that finds none idle."""

    engine = None

    def __init__(self, width: int) -> None:
        self._idle: queue.LifoQueue[_Reader | None] = queue.LifoQueue()
        self._all: list[_Reader] = []
        for _ in range(width):
            self._idle.put(None)

    def grade(self, ref: SubmissionRef, submission: Submission, on_phase: Callable[[str], None]) -> Graded:
        on_phase("gate")
        reader = self._idle.get()
        try:
            if reader is None:
                reader = _Reader()
                self._all.append(reader)
            return Graded(reader.grade(ref))
        except LabError as error:
            if reader is not None:
                reader.close()
                reader = None
            return Graded(refused(ref.id, error, registry(), digest=submission.digest))
        finally:
            self._idle.put(reader)

    def close(self) -> None:
        for reader in self._all:
            reader.close()


class _Reader:
    """One child process (:mod:`graders.crew.reader`)."""

    def __init__(self) -> None:
        home = Path(__file__).parents[2]
        self._child = processes.spawn(
            [sys.executable, "-P", "-m", "graders.crew.reader"],
            cwd=Path(home.anchor),
            env=processes.clean_environment(PYTHONPATH=str(home), PYTHONDONTWRITEBYTECODE="1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._rest = b""

    def grade(self, ref: SubmissionRef) -> SubmissionResult:
        """:raises LabError: the process ended or gave no answer in time."""
        stdin, stdout = self._child.stdin, self._child.stdout
        assert stdin is not None  # noqa: S101 - asked for above
        assert stdout is not None  # noqa: S101 - asked for above
        try:
            stdin.write(json.dumps({"id": ref.id, "path": str(ref.path.absolute())}).encode() + b"\n")
            stdin.flush()
        except OSError as error:
            raise self._ended(ref) from error
        deadline = time.monotonic() + ANSWER_S
        while b"\n" not in self._rest:
            ready = processes.is_readable(stdout, deadline - time.monotonic())
            piece = stdout.raw.read(1 << 20) if ready else b""  # type: ignore[attr-defined]
            if not piece:
                raise self._ended(ref)
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return SubmissionResult.model_validate_json(line)

    def close(self) -> None:
        self._child.terminate_group(grace=0)

    def _ended(self, ref: SubmissionRef) -> TerraformError:
        return TerraformError(
            f"The process that read {ref.id} ended or gave no answer in {ANSWER_S:g} seconds.",
            next_step="Grade it alone to see more.",
        )
