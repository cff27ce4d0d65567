"""A policy over results: pure, the grader's verdicts stay as they are, and every change of a score says why.

For every submission with a score: score = the earned points of the counted rows + the adjustments' points, within 0 and the
maximum, which only a bonus passes where the policy says so. A late penalty is taken last, and only as far as there are points.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graders.marking.policy.late import penalty
from graders.marking.policy.missing import handed_in_nothing
from graders.marking.policy.reading import Policy
from graders.marking.policy.rules import Override, Rules
from graders.marking.policy.sentences import sentences
from graders.marking.policy.times import Marked, Submitted
from graders.marking.policy.weights import new_points, reweighed
from graders.model import (
    Adjustment,
    Points,
    PolicyInfo,
    RequirementResult,
    Results,
    Status,
    SubmissionResult,
    SubmissionStatus,
    whole,
)
from lab_env.errors import UsageError
from lab_env.text import listed, one_line

COMMENT = "Your instructor: "
"""What a comment begins with among a submission's notes."""
_NO_POINTS = (SubmissionStatus.REJECTED, SubmissionStatus.UNGRADABLE)


def apply(policy: Policy, results: Results, submitted: Submitted) -> Results:
    """The results as the policy marks them.

    :param submitted: when each was handed in, by id (:func:`graders.marking.policy.times_of`); the policy's own times count first.
    :raises UsageError: a policy was applied already, or this one names what is not there or gives more than there is.
    """
    if results.policy is not None or any(one.adjustments for one in results.submissions):
        raise UsageError(
            "These results were marked under a policy already.", next_step="Apply it to the results without a policy."
        )
    rows = tuple({row.id: row for one in results.submissions for row in one.requirements}.values())
    check_names(policy, (one.id for one in results.submissions), (row.id for row in rows))
    points = new_points(rows, policy.rules)
    info = PolicyInfo(name=policy.name, digest=policy.digest, lines=sentences(policy.rules, rows, points))
    times: Submitted = {**submitted, **policy.rules.submitted}
    marked = tuple(_marked(one, policy, points, times.get(one.id)) for one in results.submissions)
    return results.model_copy(update={"policy": info, "submissions": marked})


def check_names(policy: Policy, submissions: Iterable[str], requirements: Iterable[str]) -> None:
    """Whether all that a policy names is there; may be asked before anything is graded.

    :raises UsageError: naming the first that is not, and the nearest that is.
    """
    rules, students, lines = policy.rules, list(submissions), list(requirements)
    steps = list(dict.fromkeys(id_.partition(".")[0] for id_ in lines))
    by_hand = [*(one.submission for one in rules.overrides), *(one.submission for one in (*rules.manual, *rules.bonus))]
    named = (*rules.extensions, *rules.submitted, *rules.comments, *by_hand)
    for name in named:
        _check(policy, name, students, "submission")
    of_lines = (*(override.requirement for override in rules.overrides if override.requirement), *rules.disabled)
    for name in of_lines:
        _check(policy, name, lines, "requirement")
    for name in rules.weights:
        if "." in name:
            _check(policy, name, lines, "requirement")
            continue
        _check(policy, name, steps, "step")
        if all(id_ in rules.disabled for id_ in lines if id_.partition(".")[0] == name):
            raise UsageError(
                f"{policy.name}: weights gives points to the step {name}, all of which disabled switches off.",
                next_step="Keep one of them.",
            )


def _check(policy: Policy, name: str, known: Sequence[str], noun: str) -> None:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {one_line(near[0])}?" if near else f"There are {len(known)}; write one's whole id."
    raise UsageError(f"{policy.name}: there is no {noun} {one_line(name)}.", next_step=hint)


@dataclass
class _Sheet:
    """One submission's score while it is being made."""

    score: Points | None
    adjustments: list[Adjustment]
    notes: list[str]


def _marked(
    submission: SubmissionResult, policy: Policy, points: Mapping[str, Points], time: datetime | Marked | None
) -> SubmissionResult:
    rules = policy.rules
    rows = tuple(reweighed(row, points, rules.disabled) for row in submission.requirements)
    counted = [row for row in rows if row.status is not Status.NOT_RUN]
    max_score = whole(sum(row.points for row in counted))
    own = [override for override in rules.overrides if override.submission == submission.id]
    last_word = next((override for override in own if override.requirement is None), None)
    settled = {override.requirement for override in own}
    open_ = [row.id for row in rows if row.status is Status.ERROR and row.id not in settled]
    # A rejected or unreadable submission earns nothing, whatever its rows say.
    base = 0 if submission.status in _NO_POINTS else whole(sum(row.earned or 0 for row in counted))
    sheet = _Sheet(base, [], list(submission.notes))
    if last_word is not None:
        _set_score(sheet, last_word, max_score, policy)
    else:
        for override in own:
            _set_row(sheet, override, rows, policy, counts=submission.status not in _NO_POINTS)
        if open_:
            sheet.score = None
            if own:
                sheet.notes.append(f"Still no score: {listed(open_)} ended in a fault of the grader.")
    _give(sheet, rules, submission.id, max_score)
    if not handed_in_nothing(submission):
        _take_late(sheet, rules, submission.id, max_score, time, final=last_word is not None)
    if (comment := rules.comments.get(submission.id)) is not None:
        sheet.notes.append(f"{COMMENT}{comment.strip()}")
    update: dict[str, object] = {"requirements": rows, "max_score": max_score}
    if submission.status is SubmissionStatus.ERROR and sheet.score is not None:
        sheet.notes.append(f"Settled by the instructor's policy: {submission.reason or 'a fault of the grader'}")
        update |= {"status": SubmissionStatus.GRADED, "reason": None}
    update |= {"score": sheet.score, "adjustments": tuple(sheet.adjustments), "notes": tuple(sheet.notes)}
    return submission.model_copy(update=update)


def _set_score(sheet: _Sheet, override: Override, max_score: Points, policy: Policy) -> None:
    points = override.points or 0
    if points > max_score:
        raise _too_many(policy, override, f"the submission {override.submission}", points, max_score)
    sheet.adjustments.append(
        Adjustment(
            kind="override",
            points=whole(points - (sheet.score or 0)),
            reason=f"The whole submission: {override.reason}",
        )
    )
    sheet.score = points


def _set_row(
    sheet: _Sheet, override: Override, rows: Sequence[RequirementResult], policy: Policy, *, counts: bool
) -> None:
    row = next(row for row in rows if row.id == override.requirement)
    if row.status is Status.NOT_RUN:
        raise UsageError(
            f"{policy.name}: {row.id} of {one_line(override.submission)} was not run and is out of the maximum, "
            "so there are no points to give for it.",
            next_step="Leave it out, or write points for the whole submission.",
        )
    points = row.points if override.full else override.points or 0
    if points > row.points:
        raise _too_many(policy, override, f"{row.id} of {override.submission}", points, row.points)
    before = (row.earned or 0) if counts else 0
    sheet.adjustments.append(
        Adjustment(kind="override", points=whole(points - before), reason=f"{row.id}: {override.reason}")
    )
    sheet.score = whole((sheet.score or 0) + points - before)


def _give(sheet: _Sheet, rules: Rules, id_: str, max_score: Points) -> None:
    """Points given by hand, then bonuses; what does not fit between 0 and the maximum is not counted, and the reason says so.

    Whatever the submission's status is: somebody has named its learner and given a reason, which the grader knows nothing of.
    """
    for kind, given in (("manual", rules.manual), ("bonus", rules.bonus)):
        for one in given:
            if one.submission != id_:
                continue
            if sheet.score is None:
                sheet.notes.append(f"{one.points:+g} by hand wait until there is a score: {one.reason}")
                continue
            over = kind == "bonus" and rules.bonus_over_maximum
            # Who is over the maximum already is not set back by points that are given.
            most = sheet.score + one.points if over else max(max_score, sheet.score)
            counted = whole(max(-sheet.score, min(one.points, most - sheet.score)))
            short = "" if counted == one.points else f" Of {one.points:+g} there was room for {counted:+g}."
            sheet.adjustments.append(
                Adjustment(
                    kind="manual" if kind == "manual" else "bonus", points=counted, reason=f"{one.reason}{short}"
                )
            )
            sheet.score = whole(sheet.score + counted)


def _too_many(policy: Policy, override: Override, what: str, points: Points, most: Points) -> UsageError:
    return UsageError(
        f"{policy.name}: overrides gives {points} points for {one_line(what)}, which is worth {most}.",
        next_step="Give at most as many, or change the weights.",
    )


def _take_late(
    sheet: _Sheet, rules: Rules, id_: str, max_score: Points, time: datetime | Marked | None, *, final: bool
) -> None:
    if rules.late is None or rules.due is None:
        return
    if time is None:
        sheet.notes.append("When it was handed in is not known: no late penalty.")
        return
    if isinstance(time, Marked):
        if id_ in rules.extensions:
            sheet.notes.append("Canvas marks it as late, but it had a later due time: no late penalty.")
            return
        sheet.notes.append("Canvas marks it as late, but not by how much: one day is counted.")
    found = penalty(rules.late, rules.extensions.get(id_, rules.due), time, max_score)
    if found is None:
        return
    if final:
        sheet.notes.append(f"{found.reason} No penalty: the instructor set the points.")
    elif sheet.score is None:
        sheet.notes.append(f"{found.reason} The penalty waits until there is a score.")
    else:
        taken = sheet.score if found.everything else min(sheet.score, found.points)
        short = f" The rule takes {found.points}; there were {taken}." if taken < found.points else ""
        sheet.adjustments.append(Adjustment(kind="late", points=whole(-taken), reason=f"{found.reason}{short}"))
        sheet.score = whole(sheet.score - taken)
