"""What a policy changes, a sentence each, for every report. No learner is named: everybody reads these lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from graders.marking.policy.rules import Late, Rules
from graders.model import Points, RequirementResult
from lab_env.text import counted, listed


def sentences(rules: Rules, rows: Sequence[RequirementResult], points: Mapping[str, Points]) -> tuple[str, ...]:
    """The lines of :class:`graders.model.PolicyInfo`.

    :param rows: the rubric's rows, with its own points.
    :param points: the requirements' new points, by id.
    """
    said = []
    if rules.due is not None:
        said.append(f"Due {_utc(rules.due)}.")
    if rules.late is not None:
        said += _late(rules.late)
    if rules.extensions:
        said.append(f"{counted(len(rules.extensions), 'submission')} with a later due time.")
    if rules.submitted:
        said.append(f"{counted(len(rules.submitted), 'time')} of handing in set by the instructor.")
    if rules.overrides:
        people = len({override.submission for override in rules.overrides})
        said.append(
            f"{counted(len(rules.overrides), 'verdict')} of the instructor's own, in {counted(people, 'submission')}."
        )
    said += _by_hand(rules)
    said += [_weight(id_, value, rows) for id_, value in rules.weights.items()]
    total = sum(points.get(row.id, row.points) for row in rows if row.id not in rules.disabled)
    if rules.disabled:
        said.append(f"Switched off: {listed(rules.disabled)}.")
    if rules.weights or rules.disabled:
        said.append(f"Total: {counted(total, 'point')}.")
    return tuple(said)


def _by_hand(rules: Rules) -> list[str]:
    said = []
    for what, given in (("mark", rules.manual), ("bonus mark", rules.bonus)):
        if given:
            people = len({one.submission for one in given})
            said.append(f"{counted(len(given), what)} given by hand, in {counted(people, 'submission')}.")
    if rules.bonus and rules.bonus_over_maximum:
        said.append("A bonus may lift a score over the maximum.")
    if rules.comments:
        said.append(f"A comment of the instructor's in {counted(len(rules.comments), 'submission')}.")
    if rules.missing is not None:
        said.append("Who is in the class list and handed in nothing gets 0.")
    return said


def _late(rule: Late) -> list[str]:
    said = []
    most = "" if rule.maximum is None else f", at most {_number(rule.maximum)}"
    if rule.percent_per_day is not None:
        most = f"{most} %" if most else ""
        said.append(f"Late: {_number(rule.percent_per_day)} % of the maximum off for each day begun{most}.")
    if rule.points_per_day is not None:
        said.append(f"Late: {counted(rule.points_per_day, 'point')} off for each day begun{most}.")
    if rule.grace_minutes:
        said.append(f"The first {counted(rule.grace_minutes, 'minute')} cost nothing.")
    if rule.cut_off_days is not None:
        said.append(f"Later than {counted(rule.cut_off_days, 'day')}: nothing counts.")
    return said


def _weight(id_: str, value: Points, rows: Sequence[RequirementResult]) -> str:
    before = sum(row.points for row in rows if id_ in (row.id, row.step))
    what = id_ if "." in id_ else f"The step {id_}"
    return f"{what} counts {counted(value, 'point')} (the rubric: {before})."


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
