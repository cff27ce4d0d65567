"""The one road: a submission in, a proved verdict on every line of the rubric out.

The command line, the notebook's magic, the nbgrader plug-in and a cluster's worker all call :func:`grade`.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from graders.evidence.facts import Facts
from graders.evidence.gather import Bench, NoBenchError, gather
from graders.evidence.normalise import Normaliser
from graders.gate import GateReport, check
from graders.model import Depth, RequirementResult, Status, SubmissionResult, SubmissionStatus
from graders.rubric import Rubric, registry
from graders.rubric.bounds import listed_notes, short
from graders.rubric.judge import judge, uniform
from lab_env.engine import Engine, fresh_account
from lab_env.errors import LabError, SubmissionError
from lab_env.submission import Submission, SubmissionRef, load_submission
from lab_env.terraform import Lane, Toolchain

OnPhase = Callable[[str], None]


def grade(
    subject: Submission | SubmissionRef | Path,
    *,
    depth: Depth = Depth.FULL,
    engine: Engine | None = None,
    toolchain: Toolchain | None = None,
    lane: Lane | None = None,
    rubric: Rubric | None = None,
    on_phase: OnPhase | None = None,
    on_examined: Callable[[Examination], None] | None = None,
) -> SubmissionResult:
    """Grade one submission in a fresh account and a temporary workspace.

    Never raises for what a submission holds: an unreadable one is ``ungradable``, a refused one ``rejected``, a fault of the
    grader or the engine ``error`` with the cause.

    :param engine: with ``toolchain``, needed for the depths ``plan`` and ``full``.
    :param lane: a warm provider that this run holds; None takes Terraform's plain path.
    :param on_phase: told the name of each phase as it begins.
    :param on_examined: given the evidence before it is judged; not called when there is none.
    :raises NoBenchError: the depth needs an engine and Terraform, and one of them was not given.
    """
    rules = rubric or registry()
    tell = on_phase or (lambda phase: None)
    name = subject.id if isinstance(subject, Submission | SubmissionRef) else subject.name
    digest = subject.digest if isinstance(subject, Submission) else ""
    try:
        submission = subject if isinstance(subject, Submission) else _load(subject)
        digest = submission.digest
        tell("gate")
        gate = check(submission)
        look = partial(examine, submission, gate, depth=depth, engine=engine, toolchain=toolchain, lane=lane)
        examination = look(on_phase=tell)
        if _may_be_a_lost_answer(examination.facts):
            examination = look(on_phase=tell)
    except NoBenchError:
        raise  # the caller's mistake, not the submission's
    except Exception as error:
        return refused(name, error, rules, digest=digest)
    if on_examined is not None:
        on_examined(examination)
    tell("judge")
    return decide(examination, rules)


@dataclass(frozen=True)
class Examination:
    """Everything seen of one submission: what verdicts are made of, as often as the rubric changes."""

    facts: Facts
    normalise: Normaliser


def examine(
    submission: Submission,
    gate: GateReport,
    *,
    depth: Depth,
    engine: Engine | None = None,
    toolchain: Toolchain | None = None,
    lane: Lane | None = None,
    on_phase: OnPhase,
) -> Examination:
    """Gather the evidence in a fresh account and a temporary workspace, which is gone afterwards.

    :raises LabError: the engine or Terraform failed for a reason that is not the learner's.
    """
    account = fresh_account(engine) if engine is not None else None
    bench = Bench(engine, account, toolchain, lane) if engine and account and toolchain else None
    with tempfile.TemporaryDirectory(prefix="secrets-lab-") as directory:
        workspace = Path(directory) / "run"
        workspace.mkdir(mode=0o700)
        Path(directory).chmod(0o711)  # the sandbox's user goes through to the workspace, where it may not look around
        facts = gather(submission, gate, depth=depth, bench=bench, directory=workspace, on_phase=on_phase)
        folders = tuple(dict.fromkeys((str(workspace), str(workspace.resolve()))))
    return Examination(facts, Normaliser(account=account.id if account else None, folders=folders))


_CONFLICT = re.compile(r"AlreadyExists|ResourceExists")
"""The codes with which IAM, KMS, ECS, Logs and Secrets Manager refuse to create what is there already."""


def _may_be_a_lost_answer(facts: Facts) -> bool:
    """Whether the apply failed over something that is there already, which in a fresh account has two causes.

    Either the module makes it twice, or the answer to the first request was lost and the provider asked again. The first comes
    every time, so what is seen in a second fresh account counts.
    """
    rotation = facts.drills.rotation if facts.drills is not None else None
    errors = (*(facts.deployed.errors if facts.deployed is not None else ()), *(rotation.errors if rotation else ()))
    return any(_CONFLICT.search(f"{error.summary} {error.detail}") for error in errors)


def decide(examination: Examination, rubric: Rubric) -> SubmissionResult:
    """The verdicts that a rubric gives on kept evidence; no Terraform, no engine."""
    facts = examination.facts
    rows = judge(rubric.requirements, facts, normalise=examination.normalise)
    return _result(facts, rows)


def refused(name: str, error: Exception, rubric: Rubric, *, digest: str = "") -> SubmissionResult:
    """The result of a submission that came to no verdict: the learner's files stopped the grader, or it is a fault of ours."""
    if isinstance(error, SubmissionError):
        return _whole(rubric, name, digest, SubmissionStatus.UNGRADABLE, Status.UNGRADABLE, _where(error), score=0)
    known = isinstance(error, LabError | OSError)
    why = str(error) if known else f"A fault of the grader: {type(error).__name__}: {error}"
    return _whole(rubric, name, digest, SubmissionStatus.ERROR, Status.ERROR, why, score=None)


def _load(subject: SubmissionRef | Path) -> Submission:
    if isinstance(subject, SubmissionRef):
        return load_submission(subject.path, id=subject.id)
    return load_submission(subject)


def _where(error: SubmissionError) -> str:
    place = (
        f" ({error.path}{f':{error.line}' if error.line else ''})"
        if error.path and error.path not in error.message
        else ""
    )
    return f"{error.message}{place}" + (f" {error.next_step}" if error.next_step else "")


def _notes(facts: Facts) -> tuple[str, ...]:
    refused = facts.plan.refused if facts.plan else ()
    skipped = tuple(f"The environment {name} was skipped: the module's own validation refuses it." for name in refused)
    return (*facts.submission.notes, *facts.gate.notes, *skipped)


def _result(facts: Facts, rows: tuple[RequirementResult, ...]) -> SubmissionResult:
    faults = [r for r in rows if r.status is Status.ERROR]
    counted = [r for r in rows if r.status is not Status.NOT_RUN]
    status = SubmissionStatus.GRADED
    reason = None
    score: int | None = sum(r.earned or 0 for r in counted)
    if not facts.gate.accepted or (facts.plan is not None and facts.plan.violations):
        status, score = SubmissionStatus.REJECTED, 0
        reason = next(r.observed for r in rows if r.id == "module.valid")
    elif faults:
        status, score = SubmissionStatus.ERROR, None
        reason = faults[0].observed
    return SubmissionResult(
        id=facts.submission.id,
        digest=facts.submission.digest,
        status=status,
        reason=reason,
        score=score,
        max_score=sum(r.points for r in counted),
        requirements=rows,
        notes=listed_notes(_notes(facts)),
    )


def _whole(
    rubric: Rubric, name: str, digest: str, status: SubmissionStatus, each: Status, why: str, *, score: int | None
) -> SubmissionResult:
    return SubmissionResult(
        id=name,
        digest=digest,
        status=status,
        reason=short(why),
        score=score,
        max_score=rubric.max_score,
        requirements=uniform(rubric.requirements, each, why),
    )
