"""The page with the total that stands beside each learner's pages of notebooks."""

from __future__ import annotations

from pathlib import Path

from lab.course.nbgraders import ASSIGNMENT, Opened


def write(course: Opened, student: str | None = None) -> None:
    """Write everybody's, or one student's.

    :raises UsageError: a page cannot be written.
    """
    from graders.nbgrader import feedback_index, gradebook
    from graders.nbgrader.export import StatusExport

    plugin = StatusExport(parent=course.api)
    plugin.student = [] if student is None else [student]

    def directory_of(whose: str) -> Path:
        return Path(course.coursedir.format_path(course.coursedir.feedback_directory, whose, ASSIGNMENT))

    with gradebook.opened(course.coursedir) as book:
        feedback_index.write(book, ASSIGNMENT, plugin.rows(book, ASSIGNMENT), directory_of)
