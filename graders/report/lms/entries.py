"""What a platform is to hear of a class, whoever gave the marks: `lab grade`'s results or nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graders.marking.policy import COMMENT, handed_in_nothing
from graders.model import Points, Results, Status, SubmissionResult, SubmissionStatus
from graders.report.marks import unmet
from lab_env.text import counted, one_line

NO_SCORE = "No score yet: a fault of the grader, not of the submission."


@dataclass(frozen=True)
class Entry:
    """One submission.

    :param score: None where there is no number, which is never a 0.
    :param comment: the mark in words, for the learner, on one line.
    :param why_none: why there is no number, for the instructor: what is said behind "has no score".
    :param aliases: what the learner is called on the platform, where that is known.
    """

    id: str
    score: Points | None
    comment: str
    why_none: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entries:
    """A class.

    :param maximum: what the marks are out of.
    :param assignment: what the assignment is called where nobody gave it another name.
    :param notes: what the instructor has to know of the marks themselves.
    """

    entries: tuple[Entry, ...]
    maximum: Points
    assignment: str
    notes: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> Sequence[str]:
        """The submissions' ids, in order."""
        return [entry.id for entry in self.entries]

    @cached_property
    def aliases(self) -> Mapping[str, Sequence[str]]:
        """The other names by id."""
        return {entry.id: entry.aliases for entry in self.entries}


def of_results(results: Results) -> Entries:
    """The entries of a result file."""
    notes = []
    if len({one.max_score for one in results.submissions}) > 1:
        notes.append("The submissions do not all have the same maximum: their marks cannot be compared.")
    return Entries(
        tuple(of_result(one) for one in results.submissions),
        maximum=max((one.max_score for one in results.submissions), default=0),
        assignment=results.rubric.partition("@")[0],
        notes=tuple(notes),
    )


def of_result(submission: SubmissionResult) -> Entry:
    """The entry of one submission."""
    if submission.status is SubmissionStatus.ERROR or submission.score is None:
        return Entry(submission.id, None, NO_SCORE, why_none=", by a fault of the grader")
    return Entry(submission.id, submission.score, comment(submission))


def comment(submission: SubmissionResult) -> str:
    """The mark in words: what was not met, and what the policy changed."""
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
