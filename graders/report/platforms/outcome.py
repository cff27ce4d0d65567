"""What a platform is told of one submission: its score, its rows, what the instructor's policy changed, and the words for it.

Every text is bounded: PrairieLearn takes results of at most 1 MB, and no page is helped by more.
"""

from __future__ import annotations

from dataclasses import dataclass

from graders.model import Depth, Points, RequirementResult, Results, Status, SubmissionResult, SubmissionStatus
from graders.report.marks import MARKS, SUBMISSION_MARKS, uniform
from lab_env.errors import LabError, UsageError
from lab_env.text import counted, listed, one_line

LONGEST_TEXT = 2500
"""Characters of one text; 25 rows of such texts and a summary are less than 1 MB as UTF-8."""
_LONGEST_LINE = 1000
_LONGEST_READ = 10 * _LONGEST_LINE
_NOTES = 10
_PLACES = 5


@dataclass(frozen=True)
class Row:
    """One line of a mark, as platforms call it a test.

    :param id: a requirement's id, an adjustment's kind, or the submission's status where one line stands for all.
    :param number: as in ``2.3``: the third of the second step; empty for what is no requirement.
    :param earned: negative where the instructor's policy takes points.
    :param points: 0 for an adjustment.
    :param text: what a learner is told about it, in lines.
    """

    id: str
    step: str
    name: str
    number: str
    earned: Points
    points: Points
    passed: bool
    text: str


@dataclass(frozen=True)
class Outcome:
    """One submission that has a score.

    :param rows: what counts: their points are the maximum, and what they earned with what the policy changed is the score.
    :param adjustments: what the policy changed, a row each.
    :param text: what holds for the whole submission, in lines.
    """

    id: str
    status: SubmissionStatus
    score: Points
    max_score: Points
    rows: tuple[Row, ...]
    adjustments: tuple[Row, ...]
    text: str

    @property
    def all_rows(self) -> tuple[Row, ...]:
        return self.rows + self.adjustments

    @property
    def share(self) -> float:
        """The score as a fraction of the maximum, from 0 to 1."""
        return min(1.0, max(0.0, self.score / self.max_score))


def outcome_of(results: Results, submission: SubmissionResult) -> Outcome:
    """What there is to tell of one submission of these results.

    :raises LabError: it has no score, by a fault of the grader.
    :raises UsageError: nothing of it counts, so there is nothing to have a share of.
    """
    if submission.score is None or submission.status is SubmissionStatus.ERROR:
        raise LabError(
            f"{line(submission.id)} has no score, by a fault of the grader: {line(submission.reason or 'no reason given')}",
            next_step="Grade it again; until then there is no file for the platform.",
        )
    if submission.max_score <= 0:
        raise UsageError(
            f"Nothing of {line(submission.id)} counts: its maximum is 0.",
            next_step="Grade it again with --depth full, or with a policy that leaves something on.",
        )
    return Outcome(
        id=submission.id,
        status=submission.status,
        score=submission.score,
        max_score=submission.max_score,
        rows=_rows(submission),
        adjustments=tuple(
            Row(
                id=one.kind,
                step="adjustment",
                name=f"{one.kind.capitalize()}: {one.points:+g}",
                number="",
                earned=one.points,
                points=0,
                passed=one.points >= 0,
                text=line(one.reason),
            )
            for one in submission.adjustments
        ),
        text=_summary(results, submission),
    )


def _rows(submission: SubmissionResult) -> tuple[Row, ...]:
    if uniform(submission):
        # The same sentence for each requirement would hide that there is one thing to do.
        mark = SUBMISSION_MARKS[submission.status]
        return (
            Row(
                id=submission.status.value,
                step="submission",
                name=f"{mark.word}: the files could not be read",
                number="",
                earned=0,
                points=submission.max_score,
                passed=False,
                text=line(submission.reason or "no reason given"),
            ),
        )
    nothing_counts = submission.status in (SubmissionStatus.REJECTED, SubmissionStatus.UNGRADABLE)
    steps = list(dict.fromkeys(row.step for row in submission.requirements))
    seen = dict.fromkeys(steps, 0)
    rows = []
    for row in submission.requirements:
        seen[row.step] += 1
        if row.status is not Status.NOT_RUN:
            number = f"{steps.index(row.step) + 1}.{seen[row.step]}"
            rows.append(_row(row, number, 0 if nothing_counts else row.earned or 0))
    return tuple(rows)


def _row(row: RequirementResult, number: str, earned: Points) -> Row:
    return Row(
        id=line(row.id),
        step=line(row.step),
        name=line(row.title),
        number=number,
        earned=earned,
        points=row.points,
        passed=row.status is Status.PASS,
        text=told(row),
    )


def told(row: RequirementResult) -> str:
    """What a learner is told about one requirement, in lines; nothing of it is meant for the instructor alone."""
    lines = [f"{MARKS[row.status].word}: {line(row.message)}"]
    if row.status is Status.FAIL:
        lines += [f"Found: {line(row.observed)}"] if row.observed and row.observed != row.message else []
        lines += [f"Expected: {line(row.expected)}"] if row.expected else []
        lines += [f"Where: {place}" for place in places(row)]
        if row.advice is not None:
            lines.append(f"What this usually means: {line(row.advice.means)}")
            lines += [f"Put right: {line(one)}" for one in (row.advice.line or "").split("\n") if one.strip()]
        lines += [f"Hint: {line(row.hint)}"] if row.hint else []
    return cut("\n".join(lines))


def places(row: RequirementResult) -> tuple[str, ...]:
    """The learner's lines that the evidence names, each once; of many the first few."""
    found = []
    for seen in row.evidence:
        if seen.path is None:
            continue
        where = "" if seen.line is None else f", line {seen.line}"
        cell = "" if seen.cell is None else f", cell {seen.cell + 1}"
        found.append(f"{line(seen.path)}{where}{cell}")
    unique = tuple(dict.fromkeys(found))
    more = len(unique) - _PLACES
    return unique if more <= 0 else (*unique[:_PLACES], f"{counted(more, 'more place')}")


def _summary(results: Results, submission: SubmissionResult) -> str:
    lines = [f"{submission.score:g} of {counted(submission.max_score, 'point')}."]
    if submission.status is not SubmissionStatus.GRADED:
        word = SUBMISSION_MARKS[submission.status].word
        lines.append(f"{word}: {line(submission.reason or 'no reason given')}")
    if out := [row.id for row in submission.requirements if row.status is Status.NOT_RUN]:
        depth = f" at depth {results.depth.value}" if results.depth not in (None, Depth.FULL) else ""
        lines.append(f"Not looked at{depth}, and not in the maximum: {line(listed(out))}.")
    lines += [f"Note: {line(note)}" for note in submission.notes[:_NOTES]]
    if (more := len(submission.notes) - _NOTES) > 0:
        lines.append(f"Note: {counted(more, 'more note')}.")
    return cut("\n".join(lines))


def cut(text: str) -> str:
    """At most :data:`LONGEST_TEXT` characters of a text, and a word where it was longer."""
    return text if len(text) <= LONGEST_TEXT else _shortened(text, LONGEST_TEXT)


def line(text: str) -> str:
    """A text on one line that nothing can hide in, at most a thousand characters of it."""
    # What is never shown costs no time.
    shown = one_line(text[:_LONGEST_READ])
    return shown if len(shown) <= _LONGEST_LINE and len(text) <= _LONGEST_READ else _shortened(shown, _LONGEST_LINE)


def _shortened(text: str, longest: int) -> str:
    return f"{text[:longest].rstrip()} … (cut off)"
