"""What caller and worker say to each other, as JSON text."""

from __future__ import annotations

from graders.assignment import Rules
from graders.batch.backends.cluster.environment import Circumstances
from graders.batch.run_config import RunConfig
from graders.evidence.kept import KeptEvidence
from graders.model import Frozen, SubmissionResult

TOPIC = "secrets-lab"
"""Dask's events under which a worker tells the phases of what it grades."""


class Order(Frozen):
    """What goes with each submission.

    :param config: how it is to be graded, as far as that is a worker's concern.
    :param expected: what the run's verdicts rest on; a worker that came later and has something else must not grade.
    :param rules: what this submission is graded by.
    """

    config: RunConfig
    expected: Circumstances
    rules: Rules = Rules()


class Opening(Frozen):
    """A worker's answer to being asked whether it can grade: what its verdicts rest on, or why it cannot."""

    circumstances: Circumstances | None = None
    trouble: str | None = None
    next_step: str | None = None


class Answer(Frozen):
    """A worker's answer to a submission: its verdicts, or (``trouble``) why this worker grades nothing of the run.

    :param worker: its address.
    """

    worker: str
    result: SubmissionResult | None = None
    evidence: KeptEvidence | None = None
    trouble: str | None = None


class Heard(Frozen):
    """An event: the phase that a submission is in now (by its task's key), or a remark about the worker."""

    worker: str
    key: str | None = None
    phase: str | None = None
    notice: str | None = None
