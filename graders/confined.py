"""The parts of the road that go over a stranger's text word by word, in a worker process: the gate and the verdicts.

What takes Terraform and an engine is gathered in this process, which never reads more of a submission than a worker has read
within its bounds before.
"""

from __future__ import annotations

from graders.assignment import Rules
from graders.evidence.kept import KeptEvidence, restore
from graders.gate import check
from graders.model import Depth, Frozen, SubmissionResult
from graders.rubric import registry
from graders.verdicts import Examination, decide
from lab_env.processes import WorkerPool
from lab_env.submission import Submission
from lab_env.submission.packing import pack, unpack

_LENGTH_BYTES = 8

FILES_ALONE = KeptEvidence(
    depth=Depth.STATIC, capabilities=(), plan=None, deployed=None, drills=None, account=None, folders=()
)
"""The evidence of static depth, where everything is in the files."""


class _Case(Frozen):
    """What goes with a submission to whoever judges it."""

    evidence: KeptEvidence
    rules: Rules


def files_alone(rules: Rules) -> KeptEvidence:
    """The evidence of static depth, where everything is in the files."""
    return FILES_ALONE.model_copy(update={"lesson": rules.lesson})


def try_gate(submission: Submission, workers: WorkerPool) -> None:
    """Have a worker go through the gate's work, whose outcome does not matter here: it comes to an end within bounds.

    :raises SubmissionError: it does not.
    """
    workers.call(_try_gate, pack(submission))


def judge(
    submission: Submission, evidence: KeptEvidence, workers: WorkerPool, rules: Rules = Rules()
) -> SubmissionResult:
    """The verdicts of this installation's rubric on kept evidence.

    :param rules: what the submission is graded by; the evidence was gathered under its lesson.
    :raises SubmissionError: the files stop the grader, or judging them takes too much.
    :raises WorkerError: there are none, by no fault of the submission's that is known.
    """
    case = _Case(evidence=evidence, rules=rules).model_dump_json().encode()
    payload = len(case).to_bytes(_LENGTH_BYTES, "big") + case + pack(submission)
    return SubmissionResult.model_validate_json(workers.call(_judge, payload))


def _try_gate(payload: bytes) -> bytes:
    check(unpack(payload))
    return b""


def _judge(payload: bytes) -> bytes:
    end = _LENGTH_BYTES + int.from_bytes(payload[:_LENGTH_BYTES], "big")
    case = _Case.model_validate_json(payload[_LENGTH_BYTES:end])
    submission = unpack(payload[end:])
    facts, normalise = restore(case.evidence, submission, check(submission))
    return decide(Examination(facts, normalise), registry(case.rules)).model_dump_json().encode()
