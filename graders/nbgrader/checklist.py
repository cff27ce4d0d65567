"""What a check cell shows: the verdicts on its requirements, as HTML that needs nothing around it and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graders.model import Evidence, Points, SubmissionResult, SubmissionStatus
from graders.nbgrader.release import CheckCell
from graders.report.cards import section
from graders.report.marks import SUBMISSION_MARKS
from graders.report.pages import fill
from graders.report.sources import Quotes


@dataclass(frozen=True)
class Shown:
    """What checklists of one submission say beside its result.

    :param quotes: the learner's lines that the evidence names.
    :param where: says where a piece of evidence is in the notebooks that are shown.
    :param checked_in: the notebook in which each requirement is checked.
    """

    quotes: Quotes
    where: Callable[[Evidence], str]
    checked_in: Mapping[str, str]


def html(number: int, check: CheckCell, points: Points, result: SubmissionResult, shown: Shown) -> str:
    """The checklist of one check cell.

    :param number: of the cell in its notebook; makes the anchors its own.
    :param points: what it earns.
    """
    rows = tuple(row for row in result.requirements if row.id in check.requirements)
    graded = result.status is SubmissionStatus.GRADED
    # What refuses the whole submission is explained where its own line is not shown.
    elsewhere = (row for row in result.requirements if row.advice is not None and row.id not in check.requirements)
    # A requirement looks as it does in the reports: the macro is theirs.
    return fill(
        "checklist.html.j2",
        packages=("graders.nbgrader",),
        section=section(number, result.model_copy(update={"requirements": rows}), shown.quotes, where=shown.where),
        checked_in=shown.checked_in,
        earned=points,
        points=check.points,
        advised=None if graded else next(elsewhere, None),
        refused=None if graded else SUBMISSION_MARKS[result.status],
    )
