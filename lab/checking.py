"""What a check of a learner's own files asks for, how deep it goes and what comes first: the same in a notebook and a terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graders.assignment import Rules
    from graders.model import RequirementResult, SubmissionResult


def asked_ids(words: Sequence[str], rules: Rules | None = None) -> tuple[str, ...]:
    """Find the requirements that steps and ids name, in the rubric's order.

    :param rules: what is asked of this learner; the standard lesson when left out.
    :raises UsageError: a word names neither.
    """
    from graders.assignment import Rules
    from graders.rubric import registry
    from lab import rubric

    steps = {word for word in words if "." not in word}
    rubric.checked_steps(sorted(steps), rules)
    ids = {rubric.requirement(word, rules).id for word in words if "." in word}
    return tuple(one.id for one in registry(rules or Rules()).requirements if one.id in ids or one.step in steps)


def nothing_yet(result: SubmissionResult) -> bool:
    """Tell whether this is where everybody begins: there is no resource, and nothing else that fails.

    Files alone tell it, too: then an empty module's freedom from credentials waits for a module that is valid.
    """
    from graders.model import Status, SubmissionStatus
    from graders.rubric.steps.module import NO_RESOURCE

    if result.status is not SubmissionStatus.GRADED:
        return False
    rows = {row.id: row for row in result.requirements}
    valid, free = rows.get("module.valid"), rows.get("secret.no_plaintext")
    begun = [row.id for row in result.requirements if row.status not in (Status.BLOCKED, Status.NOT_RUN)]
    if valid is None or free is None:
        return False
    if valid.status is Status.NOT_RUN:
        return not begun and free.status is Status.BLOCKED and free.blocked_by == valid.id
    return begun == [valid.id] and valid.observed == NO_RESOURCE


def apart(notes: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part what Terraform could not create, which explains more than any verdict and comes first, from the other notes."""
    from graders.model import NOT_CREATED

    return (
        tuple(note for note in notes if note.startswith(NOT_CREATED)),
        tuple(note for note in notes if not note.startswith(NOT_CREATED)),
    )


def not_looked_at(rows: Sequence[RequirementResult], *, full: bool) -> tuple[str, ...]:
    """List what was asked for and not looked at, although it could be: nothing may end as passed while there is any.

    :param full: as deep was looked as one can; what is left then, this engine cannot show.
    """
    return () if full else tuple(row.id for row in rows if row.status.value == "not_run")


def may_be_planned(result: SubmissionResult) -> bool:
    """Tell whether the files are such that Terraform can say more about them."""
    from graders.model import Status, SubmissionStatus

    valid = next((row for row in result.requirements if row.id == "module.valid"), None)
    return result.status is SubmissionStatus.GRADED and (valid is None or valid.status in (Status.PASS, Status.NOT_RUN))


def goes_on(result: SubmissionResult, ids: Collection[str]) -> bool:
    """Tell whether deploying is worth while: what can be seen without it passes, and there is more to see.

    :param ids: what was asked for.
    """
    from graders.model import Status

    seen = {row.status for row in result.requirements if row.id in ids}
    return may_be_planned(result) and Status.NOT_RUN in seen and seen <= {Status.PASS, Status.NOT_RUN}


def first_to_fix(rows: Sequence[RequirementResult], result: SubmissionResult) -> RequirementResult | None:
    """Find the one requirement to work on next: the first of the rows that fails, else what blocks the first that is blocked."""
    from graders.model import Status
    from graders.report.marks import first_to_do

    bad = (Status.FAIL, Status.ERROR, Status.UNGRADABLE)
    failing = [row for row in rows if row.status in bad]
    if failing:
        first = first_to_do(result)
        return first if first in failing else failing[0]
    by_id = {row.id: row for row in result.requirements}
    row = next((row for row in rows if row.status is Status.BLOCKED), None)
    for _ in by_id:
        if row is None or row.status is not Status.BLOCKED or row.blocked_by not in by_id:
            break
        row = by_id[row.blocked_by]
    return row
