"""Item analysis: how hard each requirement was for the class, and whether it tells strong work from weak.

Classical test theory (Crocker and Algina, Introduction to Classical and Modern Test Theory, chapter 14): difficulty is
the share of points earned, discrimination the corrected point-biserial, an item against the score without that item.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graders.marking.wording import Wording, for_all
from graders.model import Points, RequirementResult, Status, SubmissionResult, SubmissionStatus

_JUDGED = (Status.PASS, Status.FAIL)
_OUT_OF_SCORE = (Status.NOT_RUN, Status.ERROR)


@dataclass(frozen=True)
class Enough:
    """How many learners it takes until a number says something about the item, and not about one of them.

    :param to_rate: judged, for a difficulty; one learner is then a tenth of it at most.
    :param to_compare: judged, for a discrimination, of whom ``each`` at least passed and failed: with fewer its standard error is
        larger than most values that are found.
    """

    to_rate: int = 10
    to_compare: int = 20
    each: int = 3


ENOUGH = Enough()
_HARD, _EASY = 0.30, 0.95

VERY_HARD = "very hard"
VERY_EASY = "very easy"
NEGATIVE = "negative discrimination"


@dataclass(frozen=True)
class Item:
    """One requirement over the class.

    :param judged: submissions that passed or failed it. ``blocked`` and ``ungradable`` ones were never looked at, so
        they say nothing about the item; they are in ``unseen``.
    :param failed: of those judged, how many failed it.
    :param difficulty: share of the points earned among those judged, 0 (nobody) to 1 (everybody); None with fewer than
        :data:`ENOUGH`.
    :param discrimination: -1 to 1; None with fewer than :data:`ENOUGH`, or when the rest has no variance.
    :param lost: points lost by failing, summed over the class; ``lost_unseen`` those lost without being looked at.
    :param flags: what deserves a look, of ``VERY_HARD``, ``VERY_EASY`` and ``NEGATIVE``.
    """

    id: str
    step: str
    title: str
    points: Points
    judged: int
    failed: int
    unseen: int
    difficulty: float | None
    discrimination: float | None
    lost: Points
    lost_unseen: Points
    flags: tuple[str, ...]

    @property
    def looked_at(self) -> bool:
        """Whether anybody was judged on it, or lost its points without being."""
        return bool(self.judged or self.unseen)


def analyse(submissions: Iterable[SubmissionResult]) -> tuple[Item, ...]:
    """The requirements of ``submissions``, in the rubric's order.

    A submission with the status ``error`` has no score to compare with and is left out, adjustments too: they say
    something about the learner, not about the item.
    """
    submissions = tuple(submissions)
    wordings = for_all(submissions)
    by_id: dict[str, list[tuple[RequirementResult, float | None]]] = {}
    for submission in submissions:
        broken = submission.status is SubmissionStatus.ERROR
        for row in submission.requirements:
            rows = by_id.setdefault(row.id, [])
            rows.append((row, None if broken else _rest(submission.requirements, row)))
    return tuple(_item(rows, wordings.get(id)) for id, rows in by_id.items())


def _item(rows: Sequence[tuple[RequirementResult, float | None]], wording: Wording | None) -> Item:
    first = rows[0][0]
    scored = [(row, rest) for row, rest in rows if rest is not None]
    judged = [(row, rest) for row, rest in scored if row.status in _JUDGED]
    unseen = [row for row, _ in scored if row.status in (Status.BLOCKED, Status.UNGRADABLE)]
    failed = [row for row, _ in judged if row.status is Status.FAIL]
    shares = [_share(row) for row, _ in judged]
    possible = sum(row.points for row, _ in judged)
    difficulty = None
    if len(judged) >= ENOUGH.to_rate:
        earned = sum(row.earned or 0 for row, _ in judged)
        difficulty = earned / possible if possible else statistics.fmean(shares)
    discrimination = None
    if len(judged) >= ENOUGH.to_compare and ENOUGH.each <= len(failed) <= len(judged) - ENOUGH.each:
        discrimination = _correlation(shares, [rest for _, rest in judged])
    return Item(
        id=first.id,
        step=first.step,
        title=wording.title if wording is not None else first.title,
        points=first.points,
        judged=len(judged),
        failed=len(failed),
        unseen=len(unseen),
        difficulty=difficulty,
        discrimination=discrimination,
        lost=possible - sum(row.earned or 0 for row, _ in judged),
        lost_unseen=sum(row.points for row in unseen),
        flags=_flags(difficulty, discrimination),
    )


def _rest(rows: Iterable[RequirementResult], item: RequirementResult) -> float:
    """The score without ``item``, as a share of what could be earned without it; 0 when nothing could."""
    others = [row for row in rows if row.id != item.id and row.status not in _OUT_OF_SCORE]
    possible = sum(row.points for row in others)
    return sum(row.earned or 0 for row in others) / possible if possible else 0.0


def _share(row: RequirementResult) -> float:
    if not row.points:  # a requirement that a policy took the points from is still met or not
        return float(row.status is Status.PASS)
    return (row.earned or 0) / row.points


def _correlation(item: Sequence[float], rest: Sequence[float]) -> float | None:
    if len(set(item)) == 1 or len(set(rest)) == 1:
        return None
    return statistics.correlation(item, rest)


def _flags(difficulty: float | None, discrimination: float | None) -> tuple[str, ...]:
    flags = []
    if difficulty is not None:
        if difficulty <= _HARD:
            flags.append(VERY_HARD)
        if difficulty >= _EASY:
            flags.append(VERY_EASY)
    # What would be shown as 0.00 is no finding.
    if discrimination is not None and round(discrimination, 2) < 0:
        flags.append(NEGATIVE)
    return tuple(flags)
