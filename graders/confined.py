"""The parts of the road that go over a stranger's text word by word, in a worker process: the gate and the verdicts.

What takes Terraform and an engine is gathered in this process, which never reads more of a submission than a worker has read
within its bounds before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graders.assignment import Rules
from graders.evidence.facts import Facts
from graders.evidence.kept import KeptEvidence, restore
from graders.gate import check
from graders.model import Depth, Frozen, Outcome, SubmissionResult
from graders.rubric import registry
from graders.rubric.requirement import Blocked, NotShown
from graders.verdicts import Examination, decide
from lab_env.errors import LabError, SubmissionError
from lab_env.processes import BOUNDS, Bounds, WorkerPool
from lab_env.processes.worker import limit_processor_time
from lab_env.submission import Submission
from lab_env.submission.packing import pack, unpack

_LENGTH_BYTES = 8
_LONGEST = 500
OWN_CPU_S = 5.0
"""Processor time of one check of the instructor's own. Those of the lesson take a hundredth of a second all together."""
_OWN_BOUNDS = Bounds(cpu_s=BOUNDS.cpu_s + OWN_CPU_S, wall_s=BOUNDS.wall_s)
"""Of the whole call, in which the submission is read and goes through the gate first, as everywhere."""

FILES_ALONE = KeptEvidence(
    depth=Depth.STATIC, capabilities=(), plan=None, deployed=None, drills=None, account=None, folders=()
)
"""The evidence of static depth, where everything is in the files."""


class Answer(Frozen):
    """What came of a check: an outcome, or that it is blocked, cannot be shown, or is at fault; nothing: it was not reached."""

    outcome: Outcome | None = None
    blocked_by: str | None = None
    not_shown: str | None = None
    fault: str | None = None
    why: str = ""

    def given(self, _: Facts) -> Outcome:
        """The answer again, as the check would have given it."""
        if self.blocked_by is not None:
            raise Blocked(self.blocked_by, self.why)
        if self.not_shown is not None:
            raise NotShown(self.not_shown)
        if self.outcome is None:
            raise OwnCheckError(self.fault or "was not reached")
        return self.outcome


class OwnCheckError(Exception):
    """A check of the instructor's own came to no outcome."""


class _Case(Frozen):
    """What goes with a submission to whoever judges it.

    :param answers: of requirements that are the instructor's own, by id: their checks were run before, each for itself.
    :param asked: the one whose check is to be run.
    """

    evidence: KeptEvidence
    rules: Rules
    answers: Mapping[str, Answer] = {}
    asked: str = ""


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
    :raises UnreadError: Terraform reads them and the grader does not.
    :raises WorkerError: there are none, by no fault of the submission's that is known.
    """
    packed = pack(submission)
    answers = {
        requirement.id: _own_answer(requirement.id, packed, evidence, workers, rules)
        for requirement in registry(rules).requirements
        if requirement.own and requirement.layer in evidence.depth.layers
    }
    case = _Case(evidence=evidence, rules=rules, answers=answers)
    return SubmissionResult.model_validate_json(workers.call(_judge, _payload(case, packed)))


def _own_answer(id: str, packed: bytes, evidence: KeptEvidence, workers: WorkerPool, rules: Rules) -> Answer:
    """What the check of an instructor's own says, or why it says nothing: that is a fault for its line, and nobody else's."""
    case = _Case(evidence=evidence, rules=rules, asked=id)
    try:
        return Answer.model_validate_json(workers.call(_ask_own, _payload(case, packed), bounds=_OWN_BOUNDS))
    except SubmissionError:
        return Answer(fault=f"took more than {OWN_CPU_S:g} seconds of processor time, or too much memory")
    except LabError as error:
        return Answer(fault=f"gave no answer: {error.message}")
    except ValueError:
        return Answer(fault="gave an answer that is no outcome")


def _payload(case: _Case, packed: bytes) -> bytes:
    told = case.model_dump_json().encode()
    return len(told).to_bytes(_LENGTH_BYTES, "big") + told + packed


def _try_gate(payload: bytes) -> bytes:
    check(unpack(payload))
    return b""


def _judge(payload: bytes) -> bytes:
    end = _LENGTH_BYTES + int.from_bytes(payload[:_LENGTH_BYTES], "big")
    case = _Case.model_validate_json(payload[_LENGTH_BYTES:end])
    submission = unpack(payload[end:])
    gate = check(submission)
    gate.require_read()
    facts, normalise = restore(case.evidence, submission, gate)
    rubric = registry(case.rules)
    rubric = replace(
        rubric,
        requirements=tuple(
            replace(one, check=case.answers.get(one.id, Answer()).given) if one.own else one
            for one in rubric.requirements
        ),
    )
    return decide(Examination(facts, normalise), rubric).model_dump_json().encode()


def _ask_own(payload: bytes) -> bytes:
    """Run one check of the instructor's own, in a process that ends with it when it hangs."""
    end = _LENGTH_BYTES + int.from_bytes(payload[:_LENGTH_BYTES], "big")
    case = _Case.model_validate_json(payload[_LENGTH_BYTES:end])
    submission = unpack(payload[end:])
    facts, _ = restore(case.evidence, submission, check(submission))
    if not facts.gate.accepted:
        return Answer().model_dump_json().encode()
    own = registry(case.rules).get(case.asked)
    limit_processor_time(OWN_CPU_S)  # the check alone: what stands before it took what the submission's size takes
    try:
        found = own.check(facts)
        if not isinstance(found, Outcome):
            return Answer(fault=f"returned {type(found).__name__}").model_dump_json().encode()
        answer = Answer(outcome=found)
    except Blocked as blocked:
        answer = Answer(blocked_by=blocked.by, why=blocked.why)
    except NotShown as reason:
        answer = Answer(not_shown=str(reason))
    except MemoryError:
        raise
    except BaseException as error:  # SystemExit too: it must not end the worker
        answer = Answer(fault=f"raised {type(error).__name__}: {error}"[:_LONGEST])
    return answer.model_dump_json().encode()
