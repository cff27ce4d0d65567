"""The one road: a submission in, a proved verdict on every line of the rubric out.

The command line, the notebook's magic, the nbgrader plug-in and a cluster's worker all call :func:`grade`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from graders import confined
from graders.assignment import Rules
from graders.evidence.facts import Facts
from graders.evidence.gather import Bench, NoBenchError, gather
from graders.evidence.kept import KeptEvidence, keep
from graders.evidence.normalise import Normaliser
from graders.gate import GateReport, check
from graders.model import Depth, SubmissionResult
from graders.rubric import Rubric, registry
from graders.verdicts import Examination, decide, refused
from lab_env.engine import Engine, fresh_account
from lab_env.events import Phase, ignore
from lab_env.lesson import STANDARD, Lesson
from lab_env.processes import WorkerPool, shared_workers
from lab_env.sandbox import run_directory
from lab_env.submission import Submission, SubmissionRef, load_submission, read_submission
from lab_env.terraform import Lane, Toolchain

OnPhase = Callable[[Phase], None]


@dataclass(frozen=True)
class Graded:
    """A submission's result, and what it was made of.

    :param evidence: None when there is none: the submission could not be read, or the grader failed before it had seen all.
    """

    result: SubmissionResult
    evidence: KeptEvidence | None = None


def grade(  # noqa: PLR0913 - everything that a grading stands on is named, and has a default
    subject: Submission | SubmissionRef | Path,
    *,
    depth: Depth = Depth.FULL,
    engine: Engine | None = None,
    toolchain: Toolchain | None = None,
    lane: Lane | None = None,
    rules: Rules = Rules(),
    rubric: Rubric | None = None,
    workers: WorkerPool | None = None,
    on_event: OnPhase = ignore,
) -> Graded:
    """Grade one submission in a fresh account and a temporary workspace.

    Never raises for what a submission holds: an unreadable one is ``ungradable``, a refused one ``rejected``, a fault of the
    grader or the engine ``error`` with the cause.

    :param engine: with ``toolchain``, needed for the depths ``plan`` and ``full``.
    :param lane: a warm provider that this run holds; None takes Terraform's plain path.
    :param rules: what this submission is graded by; the standard lesson's when left out.
    :param workers: processes in which the submission is read and judged (:mod:`graders.confined`); None: in this one, for files
        that are one's own. The verdicts are the same.
    :param on_event: told of each phase as it begins.
    :raises NoBenchError: the depth needs an engine and Terraform, and one of them was not given.

    >>> from pathlib import Path
    >>> result = grade(Path("solutions/reference"), depth=Depth.STATIC).result
    >>> f"{result.status.value}, {result.score} of {result.max_score}"
    'graded, 10 of 10'
    """
    requirements = rubric or registry(rules)
    judges = workers or (shared_workers() if rules.packages else None)  # a check of somebody else's may hang
    name = subject.id if isinstance(subject, Submission | SubmissionRef) else subject.name
    digest = subject.digest if isinstance(subject, Submission) else ""

    def tell(phase: str) -> None:
        on_event(Phase(name, phase))

    def stopped(error: Exception) -> SubmissionResult:
        able = engine.capabilities if engine is not None else None
        return refused(name, error, requirements, digest=digest, depth=depth, capabilities=able)

    try:
        submission = subject if isinstance(subject, Submission) else _load(subject, workers)
        digest = submission.digest
        tell("gate")
        if workers is not None:
            confined.try_gate(submission, workers)
        gate = check(submission)
        gate.require_read()
        look = partial(
            examine,
            submission,
            gate,
            depth=depth,
            engine=engine,
            toolchain=toolchain,
            lane=lane,
            lesson=rules.lesson,
            on_phase=tell,
        )
        examination = look()
        if _may_be_a_lost_answer(examination.facts):
            examination = look()
    except NoBenchError:
        raise  # the caller's mistake, not the submission's
    except Exception as error:
        return Graded(stopped(error))
    evidence = keep(examination.facts, examination.normalise)
    tell("judge")
    if judges is None or rubric is not None:  # a rubric of the caller's own is no data that a worker could be sent
        return Graded(decide(examination, requirements), evidence)
    try:
        return Graded(confined.judge(submission, evidence, judges, rules), evidence)
    except Exception as error:
        return Graded(stopped(error), evidence)


def examine(  # noqa: PLR0913 - everything that evidence stands on
    submission: Submission,
    gate: GateReport,
    *,
    depth: Depth,
    engine: Engine | None = None,
    toolchain: Toolchain | None = None,
    lane: Lane | None = None,
    lesson: Lesson = STANDARD,
    on_phase: Callable[[str], None],
) -> Examination:
    """Gather the evidence in a fresh account and a temporary workspace, which is gone afterwards.

    :raises LabError: the engine or Terraform failed for a reason that is not the learner's.
    """
    account = fresh_account(engine) if engine is not None else None
    bench = Bench(engine, account, toolchain, lane) if engine and account and toolchain else None
    with run_directory() as workspace:
        facts = gather(
            submission, gate, depth=depth, bench=bench, directory=workspace, on_phase=on_phase, lesson=lesson
        )
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


def _load(subject: SubmissionRef | Path, workers: WorkerPool | None) -> Submission:
    if workers is not None:
        return read_submission(
            subject if isinstance(subject, SubmissionRef) else SubmissionRef(subject.name, subject), workers
        )
    if isinstance(subject, SubmissionRef):
        return load_submission(subject.path, id=subject.id)
    return load_submission(subject)
