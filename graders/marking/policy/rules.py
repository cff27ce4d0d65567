"""What a policy file may say: a closed set of keys, each with its meaning (docs/marks.md explains them to people)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from graders.model import Frozen


def _time(value: object) -> object:
    """A time with its offset. Without one nobody knows which midnight is meant, so it is refused."""
    if not isinstance(value, str):
        return value
    try:
        time = datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("this is no time; write it like 2026-11-20T23:59:00+01:00") from None
    if time.tzinfo is None:
        raise ValueError("the time has no offset; write it like 2026-11-20T23:59:00+01:00, or with Z for UTC")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("this is no time that can be; write it like 2026-11-20T23:59:00+01:00") from None


def _zero(value: object) -> object:
    if isinstance(value, str) and value.strip() != "0":
        raise ValueError("write 0, or leave it out: then who handed in nothing is in no report")
    return 0 if isinstance(value, str) else value


def _points(value: object) -> object:
    """Whole or half points as people write them: ``2``, ``2.5``, ``-0.5``."""
    if not isinstance(value, str):
        return value
    if not _NUMBER.fullmatch(value.strip()):
        raise ValueError("this is no number of points; write it like 2 or 2.5")
    points = Decimal(value.strip())
    if points % Decimal("0.5"):
        raise ValueError("points are whole or halves; write it like 2 or 2.5")
    return int(points) if points == int(points) else float(points)


_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,4})?", re.ASCII)
Time = Annotated[AwareDatetime, BeforeValidator(_time)]
Points = Annotated[int | float, BeforeValidator(_points), Field(ge=0, le=1_000_000)]
"""Whole or half points."""
SignedPoints = Annotated[int | float, BeforeValidator(_points), Field(ge=-1_000_000, le=1_000_000)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Comment = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]
Id = Annotated[str, Field(min_length=1, max_length=1_000)]


class Late(Frozen):
    """What handing in late costs.

    :param grace_minutes: minutes after the due time that cost nothing.
    :param percent_per_day: of the submission's maximum, for each day that has begun.
    :param points_per_day: the same in points; one of the two.
    :param maximum: the most that is taken off, in the same unit.
    :param cut_off_days: days after the due time from which on the score is 0.
    """

    grace_minutes: Annotated[int, Field(ge=0, le=100_000)] = 0
    percent_per_day: Annotated[Decimal, Field(ge=0, le=100, max_digits=9, decimal_places=4)] | None = None
    points_per_day: Points | None = None
    maximum: Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=11, decimal_places=4)] | None = None
    cut_off_days: Annotated[int, Field(ge=1, le=10_000)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Late:
        if self.percent_per_day is not None and self.points_per_day is not None:
            raise ValueError("percent_per_day and points_per_day exclude each other; keep one")
        per_day = self.percent_per_day is not None or self.points_per_day is not None
        if not per_day and self.cut_off_days is None:
            raise ValueError("nothing says what a late day costs: percent_per_day, points_per_day or cut_off_days")
        if self.maximum is not None and not per_day:
            raise ValueError("maximum limits percent_per_day or points_per_day, and neither is there")
        if self.maximum is not None and self.percent_per_day is not None and self.maximum > 100:
            raise ValueError("maximum is in percent here: at most 100")
        return self


class Override(Frozen):
    """The instructor's own verdict.

    :param requirement: the line it is about; the whole submission when left out.
    :param points: what is earned instead; ``full`` gives the line's maximum.
    :param reason: shown in every report.
    """

    submission: Id
    requirement: Id | None = None
    points: Points | None = None
    full: bool = False
    reason: Text

    @model_validator(mode="after")
    def _one_verdict(self) -> Override:
        if self.full == (self.points is not None):
            raise ValueError("write either points or full: true")
        if self.full and self.requirement is None:
            raise ValueError("full is for one requirement; for a whole submission write points")
        if not self.reason.strip():
            raise ValueError("the reason is empty")
        return self


class Manual(Frozen):
    """Points that the instructor gives or takes, beside what the grader saw.

    :param points: below 0 they are taken off.
    """

    submission: Id
    points: SignedPoints
    reason: Text

    @model_validator(mode="after")
    def _says_something(self) -> Manual:
        if not self.points:
            raise ValueError("0 points change nothing; write a comment instead")
        if not self.reason.strip():
            raise ValueError("the reason is empty")
        return self


class Bonus(Manual):
    """Points on top; past the maximum only where the policy says so."""

    points: Annotated[int | float, BeforeValidator(_points), Field(ge=0.5, le=1_000_000)]


class Rules(Frozen):
    """A whole policy file. Times and comments by submission id; weights by requirement or step.

    :param bonus_over_maximum: whether a bonus may lift a score over the maximum.
    :param comments: to a learner, in the instructor's words.
    :param missing: what those of the class list get who handed in nothing; only 0 can be said.
    """

    due: Time | None = None
    late: Late | None = None
    extensions: dict[Id, Time] = Field(default_factory=dict)
    submitted: dict[Id, Time] = Field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    manual: tuple[Manual, ...] = ()
    bonus: tuple[Bonus, ...] = ()
    bonus_over_maximum: bool = False
    comments: dict[Id, Comment] = Field(default_factory=dict)
    missing: Annotated[Literal[0] | None, BeforeValidator(_zero)] = None
    weights: dict[Id, Points] = Field(default_factory=dict)
    disabled: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Rules:
        if self.late is not None and self.due is None:
            raise ValueError("late needs due: the time from which on it counts")
        if self.extensions and self.due is None:
            raise ValueError("extensions need due: the time that they extend")
        early = [id_ for id_, time in self.extensions.items() if self.due is not None and time < self.due]
        if early:
            raise ValueError(f"the extension of {early[0]} ends before the due time")
        _refuse_twice("disabled", self.disabled)
        _refuse_twice("overrides", [f"{o.submission} {o.requirement or '(whole submission)'}" for o in self.overrides])
        whole = {o.submission for o in self.overrides if o.requirement is None}
        if both := [o.submission for o in self.overrides if o.requirement and o.submission in whole]:
            raise ValueError(f"overrides has both the whole submission and a requirement of {both[0]}; keep one")
        if given := [one.submission for one in (*self.manual, *self.bonus) if one.submission in whole]:
            raise ValueError(
                f"overrides has the whole submission {given[0]}, and manual or bonus has points for it; keep one"
            )
        if switched := [o for o in self.overrides if o.requirement in self.disabled]:
            raise ValueError(f"overrides gives points for {switched[0].requirement}, which disabled switches off")
        if weighed := [id_ for id_ in self.weights if id_ in self.disabled]:
            raise ValueError(f"weights gives points to {weighed[0]}, which disabled switches off")
        steps = {id_.partition(".")[0] for id_ in self.weights if "." in id_}
        if both_ways := [id_ for id_ in self.weights if id_ in steps]:
            raise ValueError(f"weights has both the step {both_ways[0]} and a requirement of it; keep one")
        return self


def _refuse_twice(key: str, names: tuple[str, ...] | list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{key} names {twice[0]} twice")
