"""What the exports have in common: cells, comments, and what to tell the instructor."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graders.marking.policy import COMMENT, handed_in_nothing
from graders.marking.roster import Match, Roster
from graders.model import Points, Results, Status, SubmissionResult, SubmissionStatus
from graders.report.marks import unmet
from lab_env.text import counted, one_line


@dataclass(frozen=True)
class Export:
    """:param text: the CSV. :param warnings: what the instructor has to know, a sentence each."""

    text: str
    warnings: tuple[str, ...]


def as_csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """RFC 4180: cells with separators, quotes or line ends in quotes, lines ended by CR LF."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def mark(submission: SubmissionResult | None) -> str:
    """The score's cell: empty for nobody and for an ``error``."""
    error = submission is None or submission.status is SubmissionStatus.ERROR or submission.score is None
    return "" if submission is None or error else str(submission.score)


def comment(submission: SubmissionResult) -> str:
    """The mark in words: what was not met, and what the policy changed."""
    if mark(submission) == "":
        return "No score yet: a fault of the grader, not of the submission."
    said = [f"{submission.score} of {counted(submission.max_score, 'point')}."]
    if submission.status is not SubmissionStatus.GRADED:
        word = "Refused: " if submission.status is SubmissionStatus.REJECTED else "Could not be read: "
        said.append(f"{'' if handed_in_nothing(submission) else word}{submission.reason or 'no reason given'}")
    failed = unmet(submission)
    if failed:
        lines = "; ".join(f"{row.title} ({row.id}, {counted(row.points, 'point')})" for row in failed)
        said.append(f"Not met: {lines}.")
    waiting = sum(row.status is Status.BLOCKED for row in submission.requirements)
    if waiting and failed:
        said.append(f"{counted(waiting, 'requirement')} could not be looked at before that.")
    said += [f"Adjusted by {adjustment.points:+g}: {adjustment.reason}" for adjustment in submission.adjustments]
    said += [note for note in submission.notes if note.startswith(COMMENT)]
    return one_line(" ".join(said))


def by_row(results: Results, found: Match | None) -> dict[int, SubmissionResult]:
    """The submissions by the roster's rows."""
    return {found.rows[one.id]: one for one in results.submissions if one.id in found.rows} if found is not None else {}


def told(results: Results, roster: Roster | None, found: Match | None, people: Sequence[int]) -> list[str]:
    """What is left out or empty, and why.

    :param people: the roster's rows that are people.
    """
    said = []
    if roster is not None and found is not None:
        said += [f"{one_line(id_)} is not in {roster.name}: its mark is not exported." for id_ in found.missing]
        nobody = len(people) - len(found.rows)
        if nobody:
            said.append(f"{counted(nobody, 'student')} of {roster.name} without a submission: the cell is empty.")
    missing = set() if found is None else set(found.missing)
    said += [
        f"{one_line(one.id)} has no score, by a fault of the grader: the cell is empty."
        for one in results.submissions
        if mark(one) == "" and one.id not in missing
    ]
    if len({one.max_score for one in results.submissions}) > 1:
        said.append("The submissions do not all have the same maximum: their marks cannot be compared.")
    return said


def highest(results: Results) -> Points:
    """The maximum that marks are out of."""
    return max((one.max_score for one in results.submissions), default=0)


def default_assignment(results: Results) -> str:
    """A column's name where the instructor gave none: the rubric's."""
    return results.rubric.partition("@")[0]
