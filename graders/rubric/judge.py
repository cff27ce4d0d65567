"""Runs the rubric over the facts: statuses, the ``blocked_by`` graph, points. The one place where points are given."""

from __future__ import annotations

import time
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from graders.evidence.facts import Facts
from graders.evidence.normalise import Normaliser
from graders.model import Evidence, Outcome, Points, RequirementResult, Status
from graders.rubric.bounds import MAX_DETAIL, MAX_TEXT, listed, short
from graders.rubric.requirement import Blocked, NotShown, Requirement
from lab_env.errors import RubricError, SubmissionError

_NOT_MET = {Status.FAIL, Status.BLOCKED, Status.UNGRADABLE, Status.NOT_RUN, Status.ERROR}


def judge(
    requirements: tuple[Requirement, ...], facts: Facts, *, normalise: Normaliser
) -> tuple[RequirementResult, ...]:
    """A row for every requirement, in rubric order.

    A check that raises anything unforeseen gives ``error`` for its own row: never points, and never a fail that the learner
    would be blamed for.
    """
    bench = _Bench({r.id: r for r in requirements}, facts)
    rows = []
    for requirement in requirements:
        outcome, duration = bench.outcome(requirement.id)
        rows.append(row(requirement, outcome, normalise, duration_ms=round(duration * 1000)))
    return tuple(rows)


class _Bench:
    """Outcomes by id, each found once and the needed ones before those that need them."""

    def __init__(self, requirements: Mapping[str, Requirement], facts: Facts) -> None:
        self._requirements = requirements
        self._facts = facts
        self._found: dict[str, tuple[Outcome, float]] = {}

    def outcome(self, id: str) -> tuple[Outcome, float]:
        if id not in self._found:
            requirement = self._requirements[id]
            statuses = {need: self.outcome(need)[0].status for need in requirement.needs}
            started = time.perf_counter()
            outcome = _outcome(requirement, self._facts, statuses)
            self._found[id] = (outcome, time.perf_counter() - started)
        return self._found[id]


def uniform(requirements: tuple[Requirement, ...], status: Status, why: str) -> tuple[RequirementResult, ...]:
    """Every row with the same status: an unreadable submission, a grader's fault."""
    outcome = Outcome(status=status, observed=why, expected="", message=why)
    return tuple(row(requirement, outcome, Normaliser(), duration_ms=0) for requirement in requirements)


def row(requirement: Requirement, outcome: Outcome, normalise: Normaliser, *, duration_ms: int) -> RequirementResult:
    """An outcome as a row of the result: points only for an explicit pass, everything normalised and bounded."""

    def text(said: str) -> str:
        # Cut before as well, so that a name of a megabyte is not read from end to end again and again.
        return short(normalise.text(short(said, 4 * MAX_TEXT)))

    if outcome.status is Status.PASS:
        earned: Points | None = requirement.points
    else:
        earned = None if outcome.status is Status.ERROR else 0
    return RequirementResult(
        id=requirement.id,
        step=requirement.step,
        title=requirement.title,
        status=outcome.status,
        points=requirement.points,
        earned=earned,
        layer=outcome.layer or requirement.layer,
        observed=text(outcome.observed),
        expected=text(outcome.expected),
        message=text(outcome.message),
        detail=text(outcome.detail),
        hint="" if outcome.status is Status.PASS else requirement.hints[0],
        blocked_by=outcome.blocked_by,
        evidence=tuple(_bounded(e, normalise) for e in listed(outcome)),
        duration_ms=duration_ms,
    )


def _bounded(evidence: Evidence, normalise: Normaliser) -> Evidence:
    return _cut(normalise.evidence(_cut(evidence, 4 * MAX_DETAIL)), MAX_DETAIL)


def _cut(evidence: Evidence, most: int) -> Evidence:
    address = short(evidence.address, most) if evidence.address else evidence.address
    return evidence.model_copy(update={"detail": short(evidence.detail, most), "address": address})


def _outcome(requirement: Requirement, facts: Facts, statuses: Mapping[str, Status]) -> Outcome:
    if requirement.id != "module.valid" and statuses.get("module.valid") not in (Status.PASS, Status.NOT_RUN):
        return _blocked(requirement, "module.valid", "the module is not valid", statuses)
    rejected_or_read = requirement.id == "module.valid" and not facts.gate.accepted
    if requirement.layer not in facts.depth.layers and not rejected_or_read:
        return _not_run(f"needs the {requirement.layer} layer, which this depth ({facts.depth}) does not gather")
    try:
        outcome = requirement.check(facts)
    except Blocked as blocked:
        return _blocked(requirement, blocked.by, blocked.why, statuses)
    except NotShown as reason:
        return _not_run(str(reason))
    except SubmissionError as theirs:
        return _refused(theirs)
    except Exception as fault:
        return _fault(f"the check of {requirement.id} raised {type(fault).__name__}: {fault}")
    if outcome.status is Status.PASS and not outcome.evidence:
        return _fault(f"the check of {requirement.id} passed without evidence")
    return outcome


def _blocked(requirement: Requirement, by: str, why: str, statuses: Mapping[str, Status]) -> Outcome:
    if by not in requirement.needs:
        return _fault(f"{requirement.id} says it is blocked by {by}, which it does not declare")
    if statuses.get(by) not in _NOT_MET:
        return _fault(f"{requirement.id} says it is blocked by {by}, which is {statuses.get(by)}")
    if statuses[by] is Status.NOT_RUN:
        return _not_run(f"needs {by}, which was not run")
    return Outcome(
        status=Status.BLOCKED,
        observed=why,
        expected=f"{by} first",
        message=f"Cannot be looked at yet: {why}. Next: {by}.",
        blocked_by=by,
    )


def _not_run(why: str) -> Outcome:
    return Outcome(status=Status.NOT_RUN, observed=why, expected="", message=f"Not run: {why}.")


def _refused(theirs: SubmissionError) -> Outcome:
    """What the learner wrote cannot be read, such as a policy that AWS would not have taken: it proves nothing, and is nobody
    else's fault."""
    return Outcome(
        status=Status.FAIL,
        observed=theirs.message,
        expected="what AWS would accept",
        message=" ".join(filter(None, (theirs.message, theirs.next_step))),
    )


def _fault(why: str) -> Outcome:
    return Outcome(status=Status.ERROR, observed=why, expected="", message=f"A fault of the grader, not yours: {why}.")


def check_graph(requirements: tuple[Requirement, ...]) -> None:
    """The rubric's own rules: unique ids, 100 points, titles, needs that exist and form no cycle.

    :raises RubricError: naming the requirement and the rule it breaks.
    """
    by_id = {requirement.id: requirement for requirement in requirements}
    if len(by_id) != len(requirements):
        raise RubricError("The rubric has the same id twice.")
    for requirement in requirements:
        if not requirement.title:
            raise RubricError(f"{requirement.id} has no title: its check needs a docstring.")
        for need in requirement.needs:
            if need not in by_id:
                raise RubricError(f"{requirement.id} needs {need}, which is not in the rubric.")
    try:
        tuple(TopologicalSorter({r.id: r.needs for r in requirements}).static_order())
    except CycleError as cycle:
        raise RubricError(f"The rubric's needs form a cycle: {' → '.join(cycle.args[1])}.") from cycle
    total = sum(requirement.points for requirement in requirements)
    if total != 100:
        raise RubricError(f"The rubric's points add up to {total}, not 100.")
