"""What a check cell shows: the verdicts on its requirements, as HTML that needs nothing around it and runs nothing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from graders.model import SubmissionResult, SubmissionStatus
from graders.nbgrading.release import CheckCell
from graders.report.cards import section
from graders.report.marks import SUBMISSION_MARKS
from graders.report.pages import environment
from graders.report.sources import Quotes

if TYPE_CHECKING:
    from jinja2 import Template


def html(number: int, check: CheckCell, points: int, result: SubmissionResult, quotes: Quotes) -> str:
    """The checklist of one check cell.

    :param number: of the cell in its notebook; makes the anchors its own.
    :param points: what it earns.
    :param quotes: the learner's lines that the evidence names.
    """
    rows = tuple(row for row in result.requirements if row.id in check.requirements)
    graded = result.status is SubmissionStatus.GRADED
    return _template().render(
        section=section(number, result.model_copy(update={"requirements": rows}), quotes),
        earned=points,
        points=check.points,
        refused=None if graded else SUBMISSION_MARKS[result.status],
    )


@cache
def _template() -> Template:
    from jinja2 import ChoiceLoader, PackageLoader

    # A requirement looks as it does in the reports: the macro is theirs.
    places = [PackageLoader(package, "templates") for package in ("graders.nbgrading", "graders.report")]
    return environment(ChoiceLoader(places)).get_template("checklist.html.j2")
