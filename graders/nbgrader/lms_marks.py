"""The gradebook's marks for a learning platform: with what lateness costs, what was given by hand, and extra credit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from graders.nbgrader.export import MarkStatus, Row
from graders.report.lms.entries import Entries, Entry
from lab_env.text import one_line


def entries(
    gradebook: Gradebook, assignment: str, rows: Iterable[Row], *, handed_in_as: Mapping[str, str] | None = None
) -> Entries:
    """A class's marks.

    Who handed nothing in has no entry, so that what stands on the platform stays.

    :param rows: what the export says of each student.
    :param handed_in_as: how the platform's download called them, by their ids.
    """
    return Entries(
        tuple(
            _entry(gradebook, assignment, row, (handed_in_as or {}).get(row.student, ""))
            for row in rows
            if row.status is not MarkStatus.MISSING
        ),
        maximum=_plain(gradebook.find_assignment(assignment).max_score),
        assignment=assignment,
    )


def _entry(gradebook: Gradebook, assignment: str, row: Row, handed_in_as: str) -> Entry:
    aliases = tuple(name for name in (handed_in_as, *_names(gradebook, row.student)) if name)
    if row.mark is None:
        reason = f" ({row.status.value}: {one_line(row.reason).rstrip('.')})"
        return Entry(row.student, None, "", why_none=reason, aliases=aliases)
    submission = gradebook.find_submission(assignment, row.student)
    comment = one_line(" ".join(_said(row, submission)))
    return Entry(row.student, _plain(row.mark.score), comment, aliases=aliases)


def _said(row: Row, submission: Any) -> Iterator[str]:
    """The mark in words, for the learner."""
    if row.mark is None:
        return
    yield f"{_plain(row.mark.score)} of {_plain(submission.max_score)} points."
    if row.status is not MarkStatus.GRADED:
        word = "Refused" if row.status is MarkStatus.REJECTED else "Could not be read"
        yield f"{word}: {row.reason}"
        return
    short = [notebook for notebook in submission.notebooks if notebook.score < notebook.max_score]
    parts = (
        f"{one.name} {_plain(one.score)} of {_plain(one.max_score)}" for one in sorted(short, key=lambda one: one.name)
    )
    if short:
        yield f"By notebook: {', '.join(parts)}."
    if row.mark.penalty:
        yield f"Taken off for lateness: {_plain(row.mark.penalty)}."


def _names(gradebook: Gradebook, student: str) -> tuple[str, ...]:
    """What the gradebook knows of somebody that a platform may know as well."""
    try:
        person = gradebook.find_student(student)
    except MissingEntry:
        return ()
    full = f"{person.first_name} {person.last_name}" if person.first_name and person.last_name else ""
    turned = f"{person.last_name}, {person.first_name}" if full else ""
    return tuple(name for name in (person.lms_user_id, person.email, full, turned) if name)


def _plain(points: float) -> float | int:
    """``87`` for ``87.0``, and no more decimals than two."""
    rounded = round(points, 2)
    return int(rounded) if rounded == int(rounded) else rounded
