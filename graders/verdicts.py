"""From what was seen of a submission to its result: pure, no file, no Terraform, no engine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from graders.evidence.facts import Facts
from graders.evidence.normalise import Normaliser
from graders.model import (
    NOT_CREATED,
    Depth,
    Points,
    RequirementResult,
    SourceDiagnostic,
    Status,
    SubmissionResult,
    SubmissionStatus,
)
from graders.rubric import Rubric
from graders.rubric.bounds import listed_notes, short
from graders.rubric.explained import explain
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


def refused(
    name: str,
    error: Exception,
    rubric: Rubric,
    *,
    digest: str = "",
    depth: Depth = Depth.FULL,
    capabilities: Collection[str] | None = None,
) -> SubmissionResult:
    """The result of a submission that came to no verdict: the learner's files stopped the grader, or it is a fault of ours.

    :param depth: how far the run goes: what it does not look at is no part of the maximum.
    :param capabilities: of its engine; None when it has none, or it is not known.
    """
    theirs = isinstance(error, SubmissionError)
    if isinstance(error, SubmissionError):
        why = _where(error)
    elif isinstance(error, LabError | OSError):
        why = str(error)
    else:
        why = f"A fault of the grader: {type(error).__name__}: {error}"
    each = Status.UNGRADABLE if theirs else Status.ERROR
    rows = uniform(rubric.requirements, each, why, depth=depth, capabilities=capabilities)
    return SubmissionResult(
        id=name,
        digest=digest,
        status=SubmissionStatus.UNGRADABLE if theirs else SubmissionStatus.ERROR,
        reason=short(why),
        score=0 if theirs else None,
        max_score=sum(row.points for row in rows if row.status is not Status.NOT_RUN),
        requirements=rows,
    )


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
    errors = facts.deployed.errors if facts.deployed else ()
    failed = tuple(f"{NOT_CREATED}{error}{_explained(error, facts)}" for error in errors[:1])
    return (*failed, *facts.submission.notes, *facts.gate.notes, *skipped)


def _explained(error: SourceDiagnostic, facts: Facts) -> str:
    found = explain(error, facts.submission)
    if found is None:
        return ""
    line = "" if found.line is None else f" Put right: {' '.join(found.line.split())}"
    return f" What this usually means: {found.means}{line}"


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
