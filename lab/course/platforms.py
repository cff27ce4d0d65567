"""A learning platform's files in a term: its class list and download in, marks out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from lab.course.nbgraders import ASSIGNMENT, Opened, open_course
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.marking.people import Person
    from graders.marking.roster import Roster
    from graders.nbgrader.export import Row
    from lab_env.submission.downloads import Download


class Platform(StrEnum):
    CANVAS = "canvas"
    MOODLE = "moodle"


@dataclass(frozen=True)
class ClassList:
    """A list that the instructor names.

    :param match: the column in which the download's names are found, when it shall not be guessed.
    :param id: the column with the course's ids, when it shall not be guessed.
    """

    path: Path
    match: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Taken:
    """What collecting came to.

    :param students: the ids of all in the download.
    :param told: what the instructor has to know, a sentence each.
    :param errors: what could not be collected by no fault of the submission.
    """

    students: tuple[str, ...]
    told: tuple[str, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Marks:
    """What was exported.

    :param target: the file.
    :param rows: everybody's standing in the course.
    :param told: what the instructor has to know, a sentence each.
    """

    target: Path
    rows: tuple[Row, ...]
    told: tuple[str, ...]


def set_due(directory: Path | None, due: str) -> datetime:
    """Write when the assignment is due into the gradebook: what lateness is counted from.

    :param due: with its offset, such as ``2026-11-20T23:59:00+01:00``.
    :return: the time in UTC.
    :raises UsageError: it is no time, or nobody would know whose midnight it is.
    """
    try:
        found = datetime.fromisoformat(due)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(
            f"{due} is no time with its offset.", next_step="Write 2026-11-20T23:59:00+01:00, or Z for UTC."
        )
    from graders.nbgrader import gradebook

    course = open_course(directory)
    utc = found.astimezone(UTC)
    with gradebook.opened(course.coursedir) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate=f"{utc:%Y-%m-%d %H:%M:%S} UTC")
    return utc


def enrol(directory: Path | None, people: ClassList) -> tuple[int, str]:
    """Write a class list into the gradebook, so that who hands nothing in is missed.

    :return: how many people there are in it, and the column that their ids were taken from.
    :raises UsageError: the list cannot be read, or its ids are not known.
    """
    from graders.marking.roster import read_roster

    return _enrol(open_course(directory), read_roster(people.path), people)[:2]


def collect(directory: Path | None, download: Path, people: ClassList | None = None) -> Taken:
    """Take a platform's download of all submissions.

    :param download: its .zip, or the directory that it unpacks to.
    :param people: whom the course calls how; the gradebook's students when left out.
    :raises UsageError: there is no class in it, or the list does not fit.
    """
    from graders.marking.roster import match, read_roster
    from graders.nbgrader.collecting import from_download
    from lab_env.submission.downloads import opened

    course = open_course(directory)
    told: list[str] = []
    with opened(download) as found:
        ids = [ref.id for ref in found.refs]
        if people is not None:
            roster = read_roster(people.path)
            by_row = {one.row: one for one in _people(roster, people)[0]}
            rows = match(roster, ids, column=people.match).rows
            _, column, odd = _enrol(course, roster, people)
            told.append(f"The ids are those of the column {column} of {roster.name}.")
            told += odd
            who: Mapping[str, Person] = {id_: by_row[row] for id_, row in rows.items() if row in by_row}
            told += [
                f"{one} has no id in {roster.name}: the name in the download is kept." for one in ids if one not in who
            ]
        else:
            who, said = _known(course, found)
            told += said
        to = from_download.course(course.coursedir, ASSIGNMENT)
        if not to.released:
            raise UsageError("Nothing was released yet.", next_step="Run: lab course release")
        done = from_download.take(found, to, who)
    return Taken(done.students, (*told, *done.told), done.errors)


def export(
    directory: Path | None,
    platform: Platform,
    list_: Path,
    *,
    to: Path | None = None,
    assignment: str | None = None,
    column: str | None = None,
) -> Marks:
    """Fill the gradebook's marks into the platform's own file.

    :param list_: Canvas's exported gradebook, or Moodle's grading worksheet; it is left as it is.
    :param to: the file to write; one in the course directory when left out.
    :param assignment: what the platform calls the assignment.
    :param column: the list's column that holds the students' ids.
    :raises UsageError: the list is none, does not fit, or would be overwritten.
    """
    from graders.marking.roster import read_roster
    from graders.nbgrader import gradebook, lms_marks
    from graders.nbgrader.collecting import from_download, handed_in_as
    from graders.nbgrader.export import StatusExport
    from graders.report.lms import canvas, moodle
    from lab_env.files import write_output

    course = open_course(directory)
    target = (to or course.root / f"grades-{platform.value}.csv").absolute()
    if target.exists() and target.samefile(list_):
        raise UsageError(f"{target} would be overwritten.", next_step="Name another file with --to.")
    roster = read_roster(list_)
    known = handed_in_as.read(from_download.known_as(course.coursedir, ASSIGNMENT))
    with gradebook.opened(course.coursedir) as book:
        rows = tuple(StatusExport(parent=course.api).rows(book, ASSIGNMENT))
        entries = lms_marks.entries(
            book, ASSIGNMENT, rows, handed_in_as={student: one.id for student, one in known.items()}
        )
    fill = canvas.fill if platform is Platform.CANVAS else moodle.fill
    made = fill(entries, roster, assignment=assignment, column=column)
    write_output(target, made.text)
    return Marks(target, rows, made.warnings)


def pack_feedback(directory: Path | None, platform: Platform, to: Path) -> tuple[str, ...]:
    """Pack the learners' feedback for the platform that their submissions came from.

    :param to: the archive.
    :return: who is not in it and why, a sentence each.
    :raises UsageError: nothing was collected from a download, or the archive cannot be written.
    """
    from graders.nbgrader.collecting import from_download, handed_in_as
    from graders.report.lms import feedback
    from lab_env.files import write_output

    course = open_course(directory)
    known = handed_in_as.read(from_download.known_as(course.coursedir, ASSIGNMENT))
    if not known:
        raise UsageError(
            f"Nobody knows what {platform.value} calls the learners.",
            next_step="Collect its download with `lab course collect --from`, which takes note of it.",
        )
    pages = feedback.pages_in(Path(course.coursedir.root) / course.coursedir.feedback_directory, list(known))
    receivers = feedback.receivers(
        list(known), pages, {id_: one.id for id_, one in known.items()}, {id_: one.files for id_, one in known.items()}
    )
    packed = (feedback.for_canvas if platform is Platform.CANVAS else feedback.for_moodle)(receivers)
    write_output(to, packed.data)
    return packed.told


def _people(roster: Roster, list_: ClassList) -> tuple[tuple[Person, ...], str]:
    from graders.marking.people import people

    return people(roster, id_column=list_.id)


def _enrol(course: Opened, roster: Roster, list_: ClassList) -> tuple[int, str, list[str]]:
    from graders.nbgrader import gradebook
    from graders.nbgrader.kept import is_student_id
    from lab_env.text import one_line

    found, column = _people(roster, list_)
    fitting = [one for one in found if is_student_id(one.id)]
    odd = [
        f"{one_line(one.id)} is left out of the gradebook: nobody may be called so in a course directory."
        for one in found
        if one not in fitting
    ]
    with gradebook.opened(course.coursedir) as book:
        for one in fitting:
            names = {
                "first_name": one.first_name,
                "last_name": one.last_name,
                "email": one.email,
                "lms_user_id": one.lms_id,
            }
            book.update_or_create_student(one.id, **{name: text for name, text in names.items() if text})
    return len(fitting), column, odd


def _known(course: Opened, download: Download) -> tuple[Mapping[str, Person], Sequence[str]]:
    """Who of the gradebook's students each is; nobody where nothing fits, which is told."""
    from graders.marking.people import Person
    from graders.marking.roster import match, parse_roster
    from graders.nbgrader import gradebook
    from graders.report.lms.sheet import as_csv

    with gradebook.opened(course.coursedir) as book:
        students = list(book.students)
    if not students:
        return {}, [
            "The gradebook has no class list, so everybody is called as in the download (--roster says who is who)."
        ]
    header = ["id", "First name", "Last name", "Email address", "lms_user_id"]
    table = [[s.id, s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or ""] for s in students]
    roster = parse_roster(as_csv([header, *table]).encode(), "the gradebook")
    ids = [ref.id for ref in download.refs]
    try:
        found = match(roster, ids)
    except UsageError as error:
        return {}, [f"{error.message} So everybody is called as in the download (--roster says who is who)."]
    who = {id_: Person(row, students[row].id) for id_, row in found.rows.items()}
    return who, [f"{one} is nobody of the gradebook: the name in the download is kept." for one in found.missing]
