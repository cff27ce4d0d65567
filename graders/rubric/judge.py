"""Runs the rubric over the facts: statuses, the ``blocked_by`` graph, points. The one place where points are given."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from graders.evidence.facts import Facts
from graders.evidence.normalise import Normaliser
from graders.model import Advice, Depth, Evidence, Layer, Outcome, Points, RequirementResult, Status
from graders.rubric.bounds import MAX_DETAIL, MAX_TEXT, listed, short
from graders.rubric.explained import advice_on
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
        one = row(requirement, outcome, normalise, duration_ms=round(duration * 1000))
        one = one.model_copy(update={"advice": _advice(requirement.id, outcome, facts, normalise)})
        # What refuses a submission is told at every depth; its points are those of the depth that it belongs to.
        told = outcome.status is not Status.NOT_RUN and requirement.layer not in facts.depth.layers
        rows.append(one.model_copy(update={"points": 0}) if told else one)
    return tuple(rows)


def _advice(id: str, outcome: Outcome, facts: Facts, normalise: Normaliser) -> Advice | None:
    """The learner's line stays as it is: nothing in it varies from run to run."""
    found = advice_on(id, outcome, facts)
    return None if found is None else found.model_copy(update={"means": short(normalise.text(found.means))})


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


def uniform(
    requirements: tuple[Requirement, ...],
    status: Status,
    why: str,
    *,
    depth: Depth = Depth.FULL,
    capabilities: Collection[str] | None = None,
) -> tuple[RequirementResult, ...]:
    """Every row that was asked for with the same status: an unreadable submission, a grader's fault.

    :param capabilities: the engine's; None where there was none to ask.
    """
    whole = Outcome(status=status, observed=why, expected="", message=why)
    outcomes = ((one, _not_asked(one, depth, capabilities) or whole) for one in requirements)
    return tuple(row(requirement, outcome, Normaliser(), duration_ms=0) for requirement, outcome in outcomes)


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
    refused = requirement.id == "module.valid" and not facts.gate.accepted
    not_asked = _not_asked(requirement, facts.depth, facts.capabilities or None)
    if not_asked is not None and not refused:
        return not_asked
    if requirement.id != "module.valid" and statuses.get("module.valid") not in (Status.PASS, Status.NOT_RUN):
        blocked = _blocked(requirement, "module.valid", "the module is not valid", facts, statuses)
        return _with_what_files_show(blocked, requirement, facts)
    try:
        outcome = requirement.check(facts)
    except Blocked as blocked:
        return _blocked(requirement, blocked.by, blocked.why, facts, statuses)
    except NotShown as reason:
        return _not_run(str(reason))
    except SubmissionError as theirs:
        return _refused(theirs)
    except Exception as fault:
        return _fault(f"the check of {requirement.id} raised {type(fault).__name__}: {fault}")
    if outcome.status is Status.PASS and not outcome.evidence:
        return _fault(f"the check of {requirement.id} passed without evidence")
    return outcome


def _not_asked(requirement: Requirement, depth: Depth, capabilities: Collection[str] | None) -> Outcome | None:
    """Why a run does not look at a requirement at all, whatever is handed in; None when it does."""
    if requirement.asked(depth, capabilities):
        return None
    if requirement.layer not in depth.layers:
        return _not_run(f"needs the {requirement.layer} layer, which this depth ({depth}) does not gather")
    lacking = [_CAPABILITIES.get(one, one) for one in requirement.engine if one not in (capabilities or ())]
    return _not_run(f"the engine has no {' and no '.join(lacking)}")


_CAPABILITIES = {"ecs": "ECS", "trail": "trail"}


def _blocked(requirement: Requirement, by: str, why: str, facts: Facts, statuses: Mapping[str, Status]) -> Outcome:
    if by not in requirement.needs:
        return _fault(f"{requirement.id} says it is blocked by {by}, which it does not declare")
    if statuses.get(by) not in _NOT_MET:
        return _fault(f"{requirement.id} says it is blocked by {by}, which is {statuses.get(by)}")
    if statuses[by] is Status.NOT_RUN and facts.depth is Depth.FULL:  # the engine could not show it for this submission
        return _not_run(f"needs {by}, which was not run")
    return Outcome(
        status=Status.BLOCKED,
        observed=why,
        expected=f"{by} first",
        message=f"Cannot be looked at yet: {why}. Next: {by}.",
        blocked_by=by,
    )


def _with_what_files_show(blocked: Outcome, requirement: Requirement, facts: Facts) -> Outcome:
    """The same, still without points, with what the files alone say where files are all that the requirement looks at.

    A refused module need not be whole: what cannot be said of it is left out.
    """
    if requirement.layer is not Layer.HCL or blocked.status is not Status.BLOCKED:
        return blocked
    try:
        seen = requirement.check(facts)
    except Exception:
        return blocked
    if seen.status not in (Status.PASS, Status.FAIL):
        return blocked
    word = "met" if seen.status is Status.PASS else "not met"
    said = f"No points yet: {blocked.observed}. Next: {blocked.blocked_by}. By the files alone it is {word}: {seen.message}"
    return blocked.model_copy(
        update={
            "observed": f"{blocked.observed}; in the files: {seen.observed}",
            "message": said,
            "detail": seen.detail,
            "evidence": seen.evidence,
            "unlisted": seen.unlisted,
        }
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
