"""What handing in late costs: never below 0. A share is rounded to whole points, halves up; points are as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from graders.marking.policy.rules import Late
from graders.marking.policy.times import Marked
from graders.model import Points
from lab_env.text import counted

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Penalty:
    """:param points: to take off, where there are as many; past the cut-off it is the maximum.
    :param reason: a sentence for the learner.
    :param everything: past the cut-off nothing counts, also what a bonus gave over the maximum.
    """

    points: Points
    reason: str
    everything: bool = False


def half_up(number: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return (number + Fraction(1, 2)).__floor__()


def in_halves(number: Fraction) -> Points:
    """The nearest half; a quarter goes up. A whole number is an integer."""
    twice = half_up(number * 2)
    return twice // 2 if twice % 2 == 0 else twice / 2


def days_late(due: datetime, submitted: datetime, grace_minutes: int) -> int:
    """Days begun since the due time; 0 within the grace period, which does not move the due time."""
    over = submitted - due
    if over <= timedelta(minutes=grace_minutes):
        return 0
    return -(-over // _DAY)


def penalty(rule: Late, due: datetime, submitted: datetime | Marked, max_score: Points) -> Penalty | None:
    """What to take off; None when it was in time.

    :param due: this submission's due time, extension included.
    :param max_score: what percentages are of.
    """
    if isinstance(submitted, Marked):
        return Penalty(_cost(rule, 1, max_score), "Handed in late; one day is counted.")
    days = days_late(due, submitted, rule.grace_minutes)
    if days == 0:
        return None
    said = f"Handed in {counted(days, 'day')} late"
    if rule.cut_off_days is not None and submitted - due > rule.cut_off_days * _DAY:
        return Penalty(max_score, f"{said}, after the cut-off: nothing counts.", everything=True)
    return Penalty(_cost(rule, days, max_score), f"{said}.")


def _cost(rule: Late, days: int, max_score: Points) -> Points:
    if rule.percent_per_day is not None:
        percent = Fraction(rule.percent_per_day) * days
        if rule.maximum is not None:
            percent = min(percent, Fraction(rule.maximum))
        return half_up(percent * Fraction(max_score) / 100)
    points = Fraction(rule.points_per_day or 0) * days
    if rule.maximum is not None:
        points = min(points, Fraction(rule.maximum))
    return in_halves(points)
