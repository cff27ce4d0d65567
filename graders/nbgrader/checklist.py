"""What a check cell shows: the verdicts on its requirements, as HTML that needs nothing around it and runs nothing."""

from __future__ import annotations

from graders.model import Points, SubmissionResult, SubmissionStatus
from graders.nbgrader.release import CheckCell
from graders.report.cards import section
from graders.report.marks import SUBMISSION_MARKS
from graders.report.pages import fill
from graders.report.sources import Quotes


def html(number: int, check: CheckCell, points: Points, result: SubmissionResult, quotes: Quotes) -> str:
    """The checklist of one check cell.

    :param number: of the cell in its notebook; makes the anchors its own.
    :param points: what it earns.
    :param quotes: the learner's lines that the evidence names.
    """
    rows = tuple(row for row in result.requirements if row.id in check.requirements)
    graded = result.status is SubmissionStatus.GRADED
    # A requirement looks as it does in the reports: the macro is theirs.
    return fill(
        "checklist.html.j2",
        packages=("graders.nbgrader",),
        section=section(number, result.model_copy(update={"requirements": rows}), quotes),
        earned=points,
        points=check.points,
        refused=None if graded else SUBMISSION_MARKS[result.status],
    )
