"""What moved between two gradings of the same class: for whom, on which requirement, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.marking.policy import handed_in_nothing
from graders.marking.roster import Absent
from graders.model import RequirementResult, Results, Status, SubmissionResult


@dataclass(frozen=True)
class Move:
    """One difference.

    :param id: the submission's.
    :param requirement: the rubric's id; None when it is about the submission as a whole.
    :param old, new: status and points, such as ``fail 0/4``; ``-`` where there was or is nothing.
    :param why: the new verdict's own words, or the old one's where there is no new one.
    """

    id: str
    requirement: str | None
    old: str
    new: str
    why: str


@dataclass(frozen=True)
class Difference:
    """:param causes: what is not the same in the two gradings, a sentence each; none when only a file's order differs."""

    causes: tuple[str, ...]
    moves: tuple[Move, ...]


def absent(before: Results, ids: Sequence[str]) -> Absent:
    """Who handed in nothing then, and has not since; and the submissions that were not there then, one of which may be theirs.

    :param ids: of the submissions that are graded again.
    """
    nothing = [one.id for one in before.submissions if handed_in_nothing(one)]
    known = {one.id for one in before.submissions}
    return Absent(tuple(id_ for id_ in nothing if id_ not in ids), tuple(id_ for id_ in ids if id_ not in known))


def compare(old: Results, new: Results) -> Difference:
    """Every submission and requirement whose status or points differ, in the new results' order."""
    before = {one.id: one for one in old.submissions}
    moves: list[Move] = []
    for one in new.submissions:
        moves += _submission(before.pop(one.id, None), one)
    for gone in before.values():
        why = (
            "Nothing was handed in, and neither policy nor class list asks for it now."
            if handed_in_nothing(gone)
            else "It is not among the submissions now."
        )
        moves.append(Move(gone.id, None, _whole(gone), "-", why))
    return Difference(tuple(_causes(old, new)), tuple(moves))


def _submission(old: SubmissionResult | None, new: SubmissionResult) -> Iterator[Move]:
    if old is None:
        yield Move(new.id, None, "-", _whole(new), "It was not among the submissions then.")
        return
    edited = " The files were changed." if old.digest != new.digest else ""
    if _whole(old) != _whole(new):
        yield Move(new.id, None, _whole(old), _whole(new), f"{new.reason or _why_whole(old, new)}{edited}")
    rows = {row.id: row for row in old.requirements}
    for row in new.requirements:
        there = rows.pop(row.id, None)
        if there is None:
            yield Move(new.id, row.id, "-", _row(row), "The rubric has it now.")
        elif _row(there) != _row(row):
            yield Move(new.id, row.id, _row(there), _row(row), f"{row.message}{edited}")
    for row in rows.values():
        yield Move(new.id, row.id, _row(row), "-", "The rubric has it no more.")


def _why_whole(old: SubmissionResult, new: SubmissionResult) -> str:
    if old.status is not new.status:
        return f"It was {old.status.value} and is {new.status.value}."
    if old.adjustments != new.adjustments:
        return "; ".join(a.reason for a in new.adjustments) or "An adjustment was taken away."
    return "Its requirements moved, see below."


def _causes(old: Results, new: Results) -> Iterator[str]:
    if old.rubric != new.rubric:
        yield f"The rubric was {old.rubric} and is {new.rubric}."
    for name in ("grader", "terraform", "provider"):
        then, now = getattr(old.versions, name), getattr(new.versions, name)
        if then != now:
            yield f"The {name}'s version was {then or 'none'} and is {now or 'none'}."
    yield from _other_contents(old, new)
    if old.depth is not None and old.depth is not new.depth:
        yield f"The depth was {old.depth} and is {new.depth}."
    if old.engine != new.engine:
        yield f"The engine was {_engine(old)} and is {_engine(new)}."
    if old.assignment != new.assignment:
        yield f"The assignment was {_assignment(old)} and is {_assignment(new)}."
    if old.policy != new.policy:
        yield f"The policy was {_policy(old)} and is {_policy(new)}."


def _other_contents(old: Results, new: Results) -> Iterator[str]:
    """What goes by the same version and is something else; unknown where one of the two took no digests."""
    if old.versions.digests is None or new.versions.digests is None:
        return
    then, now = old.versions.digests.model_dump(), new.versions.digests.model_dump()
    for name in then:
        if then[name] and now[name] and then[name] != now[name]:
            yield f"The {name} was {then[name][:19]} and is {now[name][:19]}, by content."


def _engine(results: Results) -> str:
    engine = results.engine
    return f"{engine.name} {engine.version} ({', '.join(engine.capabilities)})" if engine else "none"


def _assignment(results: Results) -> str:
    there = results.assignment
    return f"{there.name} ({there.digest[:19]})" if there is not None else "the standard lesson"


def _policy(results: Results) -> str:
    return f"{results.policy.name} ({results.policy.digest[:19]})" if results.policy else "none"


def _whole(one: SubmissionResult) -> str:
    score = "no score" if one.score is None else f"{one.score}/{one.max_score}"
    return f"{one.status.value} {score}"


def _row(row: RequirementResult) -> str:
    if row.status is Status.NOT_RUN:
        return row.status.value
    return f"{row.status.value} {'-' if row.earned is None else row.earned}/{row.points}"
