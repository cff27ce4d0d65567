"""What goes wrong between the caller and the workers."""

from __future__ import annotations

from graders.batch.backends import BackendError
from lab_env.errors import LabError


class ClusterError(BackendError):
    """There is no cluster to grade on: no scheduler, no workers, or workers that would grade otherwise than the caller."""


class LostSubmissionError(LabError):
    """The cluster is there, and one submission is not graded by it: its workers died, one after the other."""

    exit_code = 4
