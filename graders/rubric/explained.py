"""What the error behind a failing line usually means: Terraform's, the gate's, AWS's. The line itself has hints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graders.evidence.facts import Facts
from graders.model import Advice, Outcome, SourceDiagnostic, Status
from graders.rubric.look import ALIAS_NAMED
from lab_env import advice
from lab_env.submission import Submission


def explain(error: SourceDiagnostic, submission: Submission) -> Advice | None:
    """An error's advice, as a result carries it."""
    found = advice.explain(error.said(), texts(submission))
    return None if found is None else Advice(means=found.means, line=found.line)


def texts(submission: Submission) -> Mapping[str, str]:
    """The submission's files by path, as far as advice is looked for in them."""
    return {file.path: file.text for file in submission.files}


def advice_on(id: str, outcome: Outcome, facts: Facts) -> Advice | None:
    """The advice on the error that a requirement fails by; None: it fails by no error, or nothing is known of that one."""
    if outcome.status is not Status.FAIL:
        return None
    if id == "module.valid":
        return _first(_of_the_module(facts), facts)
    if id == "module.environment" and facts.plan is not None:
        broken = [e for plan in facts.plan.environments for e in plan.diagnostics if e.summary in outcome.message]
        return _first(broken, facts)
    if any(seen.detail == ALIAS_NAMED for seen in outcome.evidence):
        return Advice(means=_ALIAS)
    refused = facts.deployed.errors[:_ERRORS] if facts.deployed is not None else ()
    found = _first((error for error in refused if _is_about(error, outcome, facts)), facts)
    return found or _unnoticed(outcome, facts)


def _unnoticed(outcome: Outcome, facts: Facts) -> Advice | None:
    """What nobody reports and the line fails by all the same: a sentence, and never the line, which is the last hint's."""
    for seen in outcome.evidence[:_ERRORS]:
        if seen.kind == "hcl" and seen.path is not None and seen.line is not None:
            last = min(seen.end_line or seen.line, seen.line + _LONGEST_BLOCK)
            means = advice.silent(seen.path, seen.line, last, texts(facts.submission))
            if means is not None:
                return Advice(means=means)
    return None


def _of_the_module(facts: Facts) -> tuple[SourceDiagnostic, ...]:
    if not facts.gate.accepted:
        return facts.gate.violations[:1]
    return facts.plan.errors[:1] or facts.plan.violations[:1] if facts.plan is not None else ()


def _first(errors: Iterable[SourceDiagnostic], facts: Facts) -> Advice | None:
    return next((found for error in errors if (found := explain(error, facts.submission)) is not None), None)


def _is_about(error: SourceDiagnostic, outcome: Outcome, facts: Facts) -> bool:
    """Whether an outcome has the error's own sentence in it, or rests on the line by which the error goes away."""
    sentence = error.summary.rpartition(": ")[2]
    if len(sentence) > len("not found") and (sentence in outcome.message or sentence in outcome.observed):
        return True
    found = advice.explain(error.said(), texts(facts.submission))
    if found is None or found.path is None:
        return False
    lines = {(e.path, n) for e in outcome.evidence if e.line for n in range(e.line, (e.end_line or e.line) + 1)}
    short = all(e.line is None or (e.end_line or e.line) - e.line < _SHORT for e in outcome.evidence)
    return short and any((found.path, edit.line) in lines for edit in found.edits)


_ALIAS = (
    "KMS compares what a policy names with the key's own ARN, so an alias's ARN gives no right to the key behind it; AWS takes such"
    " a policy all the same."
)
_LONGEST_BLOCK = 100
_ERRORS = 5
"""Of what could not be created; the first ones are what the others follow from."""
_SHORT = 3
"""Lines of a piece of evidence that is about an argument; a whole block says nothing of which of its arguments is meant."""
