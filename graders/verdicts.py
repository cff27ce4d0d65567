"""From what was seen of a submission to its result: pure, no file, no Terraform, no engine."""

from __future__ import annotations

from dataclasses import dataclass

from graders.evidence.facts import Facts
from graders.evidence.normalise import Normaliser
from graders.model import NOT_CREATED, Points, RequirementResult, Status, SubmissionResult, SubmissionStatus
from graders.rubric import Rubric
from graders.rubric.bounds import listed_notes, short
from graders.rubric.judge import judge, uniform
from lab_env.errors import LabError, SubmissionError


@dataclass(frozen=True)
class Examination:
    """Everything seen of one submission: what verdicts are made of, as often as the rubric changes."""

    facts: Facts
    normalise: Normaliser


def decide(examination: Examination, rubric: Rubric) -> SubmissionResult:
    """The verdicts that a rubric gives on kept evidence; no Terraform, no engine."""
    facts = examination.facts
    rows = judge(rubric.requirements, facts, normalise=examination.normalise)
    return _result(facts, rows, examination.normalise)


def refused(name: str, error: Exception, rubric: Rubric, *, digest: str = "") -> SubmissionResult:
    """The result of a submission that came to no verdict: the learner's files stopped the grader, or it is a fault of ours."""
    if isinstance(error, SubmissionError):
        return _whole(rubric, name, digest, SubmissionStatus.UNGRADABLE, Status.UNGRADABLE, _where(error), score=0)
    known = isinstance(error, LabError | OSError)
    why = str(error) if known else f"A fault of the grader: {type(error).__name__}: {error}"
    return _whole(rubric, name, digest, SubmissionStatus.ERROR, Status.ERROR, why, score=None)


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
    # What Terraform could not create explains more than any line: it is said first, everywhere.
    failed = tuple(f"{NOT_CREATED}{error}" for error in (facts.deployed.errors if facts.deployed else ()))
    return (*failed[:1], *facts.submission.notes, *facts.gate.notes, *skipped)


def _result(facts: Facts, rows: tuple[RequirementResult, ...], normalise: Normaliser) -> SubmissionResult:
    faults = [r for r in rows if r.status is Status.ERROR]
    counted = [r for r in rows if r.status is not Status.NOT_RUN]
    status = SubmissionStatus.GRADED
    reason = None
    score: Points | None = sum(r.earned or 0 for r in counted)
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
        notes=listed_notes(tuple(normalise.text(note) for note in _notes(facts))),
    )


def _whole(
    rubric: Rubric, name: str, digest: str, status: SubmissionStatus, each: Status, why: str, *, score: Points | None
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
