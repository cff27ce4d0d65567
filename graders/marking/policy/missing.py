"""Who is in the class list and handed in nothing: a 0 of their own in the results, where the policy says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graders.marking.wording import for_all
from graders.model import RequirementResult, Results, Status, SubmissionResult, SubmissionStatus
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.errors import SubmissionError

NOTHING = "Nothing was handed in."


def handed_in_nothing(submission: SubmissionResult) -> bool:
    """Whether a result is one of these: there are no files that it could be about."""
    return submission.status is SubmissionStatus.UNGRADABLE and not submission.digest and submission.reason == NOTHING


def with_missing(results: Results, absent: Sequence[str]) -> Results:
    """The results with a row for each who handed in nothing, after the others, in the class list's order.

    :param absent: their ids.
    """
    wordings = for_all(results.submissions)
    like = tuple(
        row.model_copy(update={"title": wordings[row.id].title}) if row.id in wordings else row
        for row in _like(results.submissions)
    )
    made = tuple(_nothing(id_, like) for id_ in absent)
    return results.model_copy(update={"submissions": results.submissions + made})


def _like(submissions: Iterable[SubmissionResult]) -> tuple[RequirementResult, ...]:
    """Rows of the class: what was not run for anybody is out of these people's maximum, too."""
    for status in (SubmissionStatus.GRADED, SubmissionStatus.REJECTED):
        for one in submissions:
            if one.status is status:
                return one.requirements
    return refused("", SubmissionError(NOTHING), registry()).requirements


def _nothing(id_: str, like: Iterable[RequirementResult]) -> SubmissionResult:
    rows = tuple(
        row.model_copy(
            update={
                "status": Status.NOT_RUN if row.status is Status.NOT_RUN else Status.UNGRADABLE,
                "earned": 0,
                "observed": "nothing was handed in",
                "expected": "",
                "message": NOTHING,
                "detail": NOTHING,
                "hint": "",
                "blocked_by": None,
                "advice": None,
                "evidence": (),
                "duration_ms": 0,
            }
        )
        for row in like
    )
    return SubmissionResult(
        id=id_,
        digest="",
        status=SubmissionStatus.UNGRADABLE,
        reason=NOTHING,
        score=0,
        max_score=sum(row.points for row in rows if row.status is not Status.NOT_RUN),
        requirements=rows,
    )
