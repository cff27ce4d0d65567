"""The instructor's own points, and lines that the instructor switched off.

A step's points are spread over its requirements in proportion to the rubric's, in whole numbers that add up exactly, or in halves
where the step's points have one: each gets the whole part of its share, and what is left goes to the largest remainders, the
earlier line first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from graders.marking.policy.late import half_up
from graders.marking.policy.rules import Rules
from graders.model import Points, RequirementResult, Status

SWITCHED_OFF = "the instructor switched this requirement off"


def new_points(rows: Sequence[RequirementResult], rules: Rules) -> dict[str, Points]:
    """The points of every requirement whose points change, by id."""
    points: dict[str, Points] = {id_: value for id_, value in rules.weights.items() if "." in id_}
    for step, total in rules.weights.items():
        if "." not in step:
            own = {row.id: row.points for row in rows if row.step == step and row.id not in rules.disabled}
            points |= _spread(total, own)
    return points


def _spread(total: Points, shares: Mapping[str, Points]) -> Mapping[str, Points]:
    if total == int(total):
        return spread(int(total), shares)
    halves = spread(int(total * 2), shares)
    return {id_: part // 2 if part % 2 == 0 else part / 2 for id_, part in halves.items()}


def spread(total: int, shares: Mapping[str, Points]) -> dict[str, int]:
    """``total`` in whole numbers in proportion to ``shares``; evenly where all of them are 0."""
    whole = Fraction(sum(shares.values()))
    parts = {
        id_: Fraction(share) * total / whole if whole else Fraction(total, len(shares)) for id_, share in shares.items()
    }
    given = {id_: part.__floor__() for id_, part in parts.items()}
    left = total - sum(given.values())
    # sorted() keeps the rubric's order among equal remainders.
    for id_ in sorted(parts, key=lambda id_: given[id_] - parts[id_])[:left]:
        given[id_] += 1
    return given


def reweighed(row: RequirementResult, points: Mapping[str, Points], disabled: Sequence[str]) -> RequirementResult:
    """The row with its new points, or switched off; unchanged when the policy says nothing of it."""
    if row.id in disabled:
        return row.model_copy(
            update={
                "status": Status.NOT_RUN,
                "earned": 0,
                "observed": SWITCHED_OFF,
                "expected": "",
                "message": f"Not counted: {SWITCHED_OFF}.",
                "detail": f"The grader's verdict was {row.status.value}: {row.observed}",
                "hint": "",
                "blocked_by": None,
                "evidence": (),
            }
        )
    if row.id not in points or not row.points:  # without points: told at a depth that it does not count at
        return row
    new = points[row.id]
    if row.earned is None or row.status is Status.NOT_RUN:
        earned = row.earned
    elif row.status is Status.PASS:
        earned = new
    else:
        earned = half_up(Fraction(row.earned) * Fraction(new) / Fraction(row.points)) if row.points else 0
    return row.model_copy(update={"points": new, "earned": earned})
