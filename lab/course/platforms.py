"""A learning platform's files in a term: its class list and download in, marks out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from lab.course.nbgraders import ASSIGNMENT, Opened, open_course
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.marking.people import Person
    from graders.marking.roster import Roster
    from graders.nbgrader.collecting.from_download import Taken
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
class People:
    """Who is in a class list.

    :param column: that the ids were taken from.
    """

    roster: Roster
    people: tuple[Person, ...]
    column: str


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


def due_time(due: str) -> datetime:
    """Read when the assignment is due.

    :param due: with its offset, such as ``2026-11-20T23:59:00+01:00``.
    :return: the time in UTC.
    :raises UsageError: it is no time, or nobody would know whose midnight it is.
    """
    try:
        found = datetime.fromisoformat(due)
        utc = found.astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(
            f"{due} is no time with its offset.", next_step="Write 2026-11-20T23:59:00+01:00, or Z for UTC."
        )
    return utc


def set_due(directory: Path | None, due: datetime) -> None:
    """Write when the assignment is due into the gradebook: what lateness is counted from.

    :param due: in UTC.
    """
    from graders.nbgrader import gradebook

    course = open_course(directory)
    with gradebook.opened(course.coursedir) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate=f"{due:%Y-%m-%d %H:%M:%S} UTC")


def read_people(list_: ClassList) -> People:
    """Read who is in a class list.

    :raises UsageError: the list cannot be read, or its ids are not known.
    """
    from graders.marking.people import people
    from graders.marking.roster import read_roster

    roster = read_roster(list_.path)
    found, column = people(roster, id_column=list_.id)
    return People(roster, found, column)


def enrol(directory: Path | None, people: People) -> tuple[int, tuple[str, ...]]:
    """Write a class into the gradebook, so that who hands nothing in is missed.

    :return: how many people there are in it, and who is left out and why, a sentence each.
    """
    return _enrol(open_course(directory), people)


def collect(directory: Path | None, download: Path, people: ClassList | None = None) -> Taken:
    """Take a platform's download of all submissions.

    :param download: its .zip, or the directory that it unpacks to.
    :param people: whom the course calls how; the gradebook's students when left out.
    :return: what it came to; the students are all in the download.
    :raises UsageError: there is no class in it, or the list does not fit.
    """
    from graders.marking.roster import match
    from graders.nbgrader.collecting import from_download
    from lab_env.submission.downloads import opened

    course = open_course(directory)
    told: list[str] = []
    with opened(download) as found:
        ids = [ref.id for ref in found.refs]
        if people is not None:
            listed = read_people(people)
            roster = listed.roster
            by_row = {one.row: one for one in listed.people}
            rows = match(roster, ids, column=people.match).rows
            _, odd = _enrol(course, listed)
            told.append(f"The ids are those of the column {listed.column} of {roster.name}.")
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
    return replace(done, told=(*told, *done.told))


def export(
    directory: Path | None,
    platform: Platform,
    list_: Path,
    *,
    to: Path | None = None,
    assignment: str | None = None,
    column: str | None = None,
    any_depth: bool = False,
) -> Marks:
    """Fill the gradebook's marks into the platform's own file.

    :param list_: Canvas's exported gradebook, or Moodle's grading worksheet; it is left as it is.
    :param to: the file to write; one in the course directory when left out.
    :param assignment: what the platform calls the assignment.
    :param column: the list's column that holds the students' ids.
    :param any_depth: also where somebody's module was not graded in full.
    :raises UsageError: the list is none, does not fit, or would be overwritten, or somebody's was not graded in full.
    """
    from graders.marking.roster import read_roster
    from graders.nbgrader import gradebook, lms_marks
    from graders.nbgrader.collecting import from_download, handed_in_as
    from graders.nbgrader.export import StatusExport
    from graders.report.lms import canvas, moodle
    from lab.course.steps import require_full
    from lab_env.files import PRIVATE, write_output

    course = open_course(directory)
    target = (to or course.root / f"grades-{platform.value}.csv").absolute()
    roster = read_roster(list_)
    if target.exists() and target.samefile(list_):
        raise UsageError(f"{target} would be overwritten.", next_step="Name another file with --to.")
    known = handed_in_as.read(from_download.known_as(course.coursedir, ASSIGNMENT))
    with gradebook.opened(course.coursedir) as book:
        rows = tuple(StatusExport(parent=course.api).rows(book, ASSIGNMENT))
        if not any_depth:
            require_full(rows)
        entries = lms_marks.entries(
            book, ASSIGNMENT, rows, handed_in_as={student: one.id for student, one in known.items()}
        )
    fill = canvas.fill if platform is Platform.CANVAS else moodle.fill
    made = fill(entries, roster, assignment=assignment, column=column)
    write_output(target, made.text, mode=PRIVATE)
    return Marks(target, rows, made.warnings)


def pack_feedback(directory: Path | None, platform: Platform, to: Path) -> tuple[str, ...]:
    """Pack the learners' feedback for the platform that their submissions came from.

    :param to: the archive.
    :return: who is not in it and why, a sentence each.
    :raises UsageError: nothing was collected from a download, or the archive cannot be written.
    """
    from graders.nbgrader.collecting import from_download, handed_in_as
    from graders.report.lms import feedback
    from lab.course.autograding import rows_of
    from lab_env.files import PRIVATE, write_output
    from lab_env.text import one_line

    course = open_course(directory)
    known = handed_in_as.read(from_download.known_as(course.coursedir, ASSIGNMENT))
    if not known:
        raise UsageError(
            f"Nobody knows what {platform.value} calls the learners.",
            next_step="Collect its download with `lab course collect --from`, which takes note of it.",
        )
    # Of these there are at most the pages of an earlier submission, which the platform would show beside the newer one.
    unmarked = {
        row.student: f"{one_line(row.student)} is left out: {one_line(row.reason)}"
        for row in rows_of(course, None)
        if row.status.value in ("waiting", "error") and row.student in known
    }
    ids = [id_ for id_ in known if id_ not in unmarked]
    step = course.coursedir.feedback_directory
    pages = {id_: feedback.pages_of(Path(course.coursedir.format_path(step, id_, ASSIGNMENT))) for id_ in ids}
    receivers = feedback.receivers(
        ids, pages, {id_: known[id_].id for id_ in ids}, {id_: known[id_].files for id_ in ids}
    )
    packed = (feedback.for_canvas if platform is Platform.CANVAS else feedback.for_moodle)(receivers)
    write_output(to, packed.data, mode=PRIVATE)
    return (*unmarked.values(), *packed.told)


def _enrol(course: Opened, people: People) -> tuple[int, tuple[str, ...]]:
    from graders.nbgrader import gradebook
    from graders.nbgrader.kept import is_student_id
    from lab_env.text import one_line

    fitting = [one for one in people.people if is_student_id(one.id)]
    odd = tuple(
        f"{one_line(one.id)} is left out of the gradebook: nobody may be called so in a course directory."
        for one in people.people
        if one not in fitting
    )
    with gradebook.opened(course.coursedir) as book:
        for one in fitting:
            names = {
                "first_name": one.first_name,
                "last_name": one.last_name,
                "email": one.email,
                "lms_user_id": one.lms_id,
            }
            book.update_or_create_student(one.id, **{name: text for name, text in names.items() if text})
    return len(fitting), odd


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
