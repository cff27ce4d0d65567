"""Who grades: this process with its warm lanes, child processes that only read files, or the workers of a cluster.

A backend takes one submission in each of ``width`` threads and gives back its result with the evidence. Everything else about a run
(order, ledger, cache, progress) is :mod:`graders.batch.grade_many`'s and is the same for all of them.
"""

from __future__ import annotations

from typing import Protocol

from graders.assignment import Rules
from graders.grade import Graded, OnPhase
from graders.model import EngineInfo
from lab_env.errors import LabError
from lab_env.submission import Submission, SubmissionRef


class BackendError(LabError):
    """There is nobody left to grade: the run ends here. What is done already is kept, and the same command resumes it."""

    exit_code = 3


class Backend(Protocol):
    """:raises LabError: (from any of them) the backend cannot work at all; a submission's own trouble is in its result."""

    @property
    def engine(self) -> EngineInfo | None:
        """The engine that is graded on; None at static depth."""

    def grade(self, ref: SubmissionRef, submission: Submission, on_event: OnPhase, rules: Rules = Rules()) -> Graded:
        """One submission's verdicts and, where there is any to keep, its evidence; called from several threads at a time."""

    def close(self) -> None:
        """End what was started, also in the middle of something."""
