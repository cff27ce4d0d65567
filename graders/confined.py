"""The parts of the road that go over a stranger's text word by word, in a worker process: the gate and the verdicts.

What takes Terraform and an engine is gathered in this process, which never reads more of a submission than a worker has read
within its bounds before.
"""

from __future__ import annotations

from graders.evidence.kept import KeptEvidence, restore
from graders.gate import check
from graders.model import Depth, SubmissionResult
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


def try_gate(submission: Submission, workers: WorkerPool) -> None:
    """Have a worker go through the gate's work, whose outcome does not matter here: it comes to an end within bounds.

    :raises SubmissionError: it does not.
    """
    workers.call(_try_gate, pack(submission))


def judge(submission: Submission, evidence: KeptEvidence, workers: WorkerPool) -> SubmissionResult:
    """The verdicts of this installation's rubric on kept evidence.

    :raises SubmissionError: the files stop the grader, or judging them takes too much.
    :raises UnreadError: Terraform reads them and the grader does not.
    :raises WorkerError: there are none, by no fault of the submission's that is known.
    """
    kept = evidence.model_dump_json().encode()
    payload = len(kept).to_bytes(_LENGTH_BYTES, "big") + kept + pack(submission)
    return SubmissionResult.model_validate_json(workers.call(_judge, payload))


def _try_gate(payload: bytes) -> bytes:
    check(unpack(payload))
    return b""


def _judge(payload: bytes) -> bytes:
    end = _LENGTH_BYTES + int.from_bytes(payload[:_LENGTH_BYTES], "big")
    evidence = KeptEvidence.model_validate_json(payload[_LENGTH_BYTES:end])
    submission = unpack(payload[end:])
    gate = check(submission)
    gate.require_read()
    facts, normalise = restore(evidence, submission, gate)
    return decide(Examination(facts, normalise), registry()).model_dump_json().encode()
