"""Late days and what they cost, with the rounding rule: whole points, halves go up, never below 0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.marking.policy.late import days_late, half_up, penalty
from graders.marking.policy.rules import Late
from graders.marking.policy.times import Marked

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)


def cost(late: timedelta, max_score: int = 100, **rule: Any) -> int:
    found = penalty(Late.model_validate(rule), DUE, DUE + late, max_score)
    return 0 if found is None else found.points


@pytest.mark.parametrize(
    ("late", "grace", "days"),
    [
        (timedelta(days=-3), 0, 0),
        (timedelta(0), 0, 0),
        (timedelta(seconds=1), 0, 1),
        (timedelta(minutes=15), 15, 0),
        (timedelta(minutes=15, seconds=1), 15, 1),
        (timedelta(hours=24), 0, 1),
        (timedelta(hours=24, microseconds=1), 0, 2),
        # Grace forgives a short delay; it does not move the due time.
        (timedelta(hours=24, minutes=5), 15, 2),
    ],
)
def test_days_are_counted_as_they_begin(late: timedelta, grace: int, days: int) -> None:
    """Is a day late from its first second on, unless the whole delay is within the grace period?"""
    assert days_late(DUE, DUE + late, grace) == days


@pytest.mark.parametrize(
    ("number", "rounded"),
    [("0", 0), ("0.49", 0), ("0.5", 1), ("1.5", 2), ("2.5", 3), ("12.4999", 12)],
)
def test_halves_go_up(number: str, rounded: int) -> None:
    """Is rounding the school's, not the machine's to the even number?"""
    assert half_up(Fraction(number)) == rounded


def test_percent_of_the_maximum() -> None:
    """Is the percentage of the maximum, rounded once and not a day at a time?"""
    day = timedelta(hours=12)
    assert cost(day, percent_per_day="10") == 10
    assert cost(day, max_score=25, percent_per_day="10") == 3  # 2.5
    assert cost(day + timedelta(days=1), max_score=25, percent_per_day="10") == 5  # 5.0, not 3 + 3
    assert cost(day, percent_per_day="0.1") == 0


def test_limits() -> None:
    """Do the maximum and the cut-off hold, the cut-off against the maximum?"""
    rule: dict[str, Any] = {"points_per_day": 5, "maximum": "12", "cut_off_days": 7}
    assert cost(timedelta(days=2), **rule) == 10
    assert cost(timedelta(days=3), **rule) == 12
    assert cost(timedelta(days=7), **rule) == 12
    assert cost(timedelta(days=7, seconds=1), **rule) == 100
    assert cost(timedelta(days=1), cut_off_days=2) == 0
    assert cost(timedelta(days=30), percent_per_day="10", maximum="50") == 50


def test_canvas_marker_counts_one_day() -> None:
    """Is a submission that is late by nobody knows how much charged the first day?"""
    found = penalty(Late.model_validate({"percent_per_day": "10", "cut_off_days": 1}), DUE, Marked.LATE, 80)
    assert found is not None
    assert (found.points, found.reason) == (8, "Handed in late; one day is counted.")


@given(
    seconds=st.integers(-(10**7), 10**7),
    more=st.integers(0, 10**7),
    percent=st.decimals(0, 100, places=2),
    max_score=st.integers(0, 500),
)
def test_later_never_costs_less(seconds: int, more: int, percent: Any, max_score: int) -> None:
    """Is the penalty never negative and never smaller for a later time?"""
    rule = {"percent_per_day": str(percent), "cut_off_days": 20}
    early, late = (cost(timedelta(seconds=s), max_score, **rule) for s in (seconds, seconds + more))
    assert early >= 0
    assert min(early, max_score) <= min(late, max_score)
