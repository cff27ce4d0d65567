"""The backend for static depth: everything is in the files, and files are read in worker processes, a core each."""

from __future__ import annotations

from graders import confined
from graders.assignment import Rules
from graders.grade import Graded, OnPhase
from graders.model import Depth
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.errors import LabError
from lab_env.events import Phase
from lab_env.processes import WorkerPool
from lab_env.submission import Submission, SubmissionRef


class ReadingBackend:
    """:param workers: somebody else's, who closes them."""

    engine = None

    def __init__(self, workers: WorkerPool) -> None:
        self._workers = workers

    def grade(self, ref: SubmissionRef, submission: Submission, on_event: OnPhase, rules: Rules = Rules()) -> Graded:
        on_event(Phase(ref.id, "gate"))
        try:
            return Graded(confined.judge(submission, confined.files_alone(rules), self._workers, rules))
        except LabError as error:
            return Graded(refused(ref.id, error, registry(rules), digest=submission.digest, depth=Depth.STATIC))

    def close(self) -> None:
        """Nothing of its own to end."""
