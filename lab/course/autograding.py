"""Autograding a class: graded in one run, then nbgrader's step for each student; what is unchanged needs neither."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.course.nbgraders import ASSIGNMENT, Begun, Ended, NbgraderError, Opened, chosen, convert, open_course
from lab.guard import keeping
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.batch.events import OnEvent
    from graders.nbgrader.class_run import ClassRun
    from graders.nbgrader.export import Row
    from graders.nbgrader.settled import Unchanged

Shown = Callable[[int, str], AbstractContextManager["OnEvent"]]
"""Shows how a part of the work goes: of how many, and what they are then; tells whom to tell."""


@contextmanager
def unseen(total: int, what: str) -> Iterator[OnEvent]:
    """The :data:`Shown` of who wants to see nothing."""
    from lab_env.events import ignore

    yield ignore


@dataclass(frozen=True)
class Autograded:
    """What autograding came to.

    :param rows: a row for each student that was to be graded, by id.
    :param left_out: who was not graded, or whose step of nbgrader's did not end well, and why: a sentence each reason.
    :param unchanged: how many were as the last time, so that nothing had to be done for them.
    """

    rows: tuple[Row, ...]
    max_score: float
    left_out: tuple[str, ...] = ()
    unchanged: int = 0

    @property
    def faulty(self) -> bool:
        """Whether somebody who handed in has no mark, was left out, or has not all that nbgrader writes."""
        return bool(self.left_out) or any(row.mark is None for row in self.rows)


def autograde(
    directory: Path | None,
    *,
    student: str | None = None,
    depth: str | None = None,
    cluster: str | None = None,
    shown: Shown = unseen,
) -> Autograded:
    """Grade all who handed in. One who cannot be graded stops nobody else; the rows say so. An interrupt says what is kept.

    :param student: only this one.
    :param depth: instead of the configuration's; so is ``cluster``, a Dask scheduler's address.
    :param shown: shows how each of the two parts goes.
    :raises UsageError: nothing was released, or nobody handed in.
    """
    course = open_course(directory)
    for name, value in (("depth", depth), ("cluster", cluster)):
        if value is not None:
            course.api.config.GradeOutOfProcess[name] = value
            course.api.parent.config.GradeOutOfProcess[name] = value
    with chosen(course.coursedir, student or "*"):
        from graders.nbgrader import gradebook
        from graders.nbgrader.class_run import ClassRun
        from graders.nbgrader.preprocessors import GradeOutOfProcess
        from graders.nbgrader.settled import Unchanged
        from graders.nbgrader.submitted import TIMESTAMP
        from lab_env.submission.model import shown_name

        config = GradeOutOfProcess(parent=course.api).run_config
        run = ClassRun(course.coursedir, ASSIGNMENT)
        unchanged = Unchanged.of(course.coursedir, ASSIGNMENT, config, course.api.parent.config, run.common)
        gradebook.require_released(course.coursedir, ASSIGNMENT)
        students, odd = run.students(), run.odd()
        if not students and not odd:
            raise UsageError(
                f"There is no submission of {student or 'anybody'} in {course.root / 'submitted'}.",
                next_step="Collect first, or copy the submissions to submitted/<student>/secrets-management/.",
            )
        untimed = [one for one in students if not _has_time(run.directory(one))]
        work = _Work(course, run, unchanged, [one for one in students if one not in untimed])
        with keeping(work.kept):
            failed = work.do(config, shown)
        rows = rows_of(course, students)
        left_out = list(_unfinished(failed, rows))
        left_out += [f"{one} was left out: {run.directory(one) / TIMESTAMP} is no timestamp." for one in untimed]
        left_out += [
            f"{shown_name(one)} was left out: a student's name has letters, digits, spaces and . _ @ + - = ( ) ' only, in UTF-8; "
            "give the directory another."
            for one in odd
        ]
        most = sum(check.points for check in run.release.checks)
        return Autograded(rows, most, tuple(left_out), len(work.settled))


def rows_of(course: Opened, students: Sequence[str] | None) -> tuple[Row, ...]:
    """What the gradebook says of these students; None: of everybody."""
    from graders.nbgrader import gradebook
    from graders.nbgrader.export import StatusExport

    if students is not None and not students:
        return ()  # which is everybody, to nbgrader
    plugin = StatusExport(parent=course.api)
    plugin.student = list(students or ())
    with gradebook.opened(course.coursedir) as book:
        return tuple(plugin.rows(book, ASSIGNMENT))


@dataclass
class _Work:
    """What is to be done for whom, and how far it is.

    :ivar settled: for them there is nothing to do.
    :ivar graded: who has a verdict now; ``written`` whose notebooks and gradebook are written, too.
    """

    course: Opened
    run: ClassRun
    unchanged: Unchanged
    students: Sequence[str]
    settled: frozenset[str] = frozenset()
    inputs: dict[str, str | None] = field(default_factory=dict)
    graded: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)

    def do(self, config: Any, shown: Shown) -> dict[str, NbgraderError]:
        """Do it.

        :return: for whom nbgrader's step did not end well, each with what it said.
        """
        # Before anything is read, so that who hands in again meanwhile is known to be another.
        self.inputs = {one: self._inputs(one) for one in self.students}
        self.settled = self.unchanged.settled(self.inputs)
        left = [one for one in self.students if one not in self.settled]
        if not left:
            return {}
        with shown(len(left), "graded") as tell:
            self.run.grade(left, config, self._noting(tell))
        with shown(len(left), "in the gradebook") as tell:
            return self._convert(left, tell)

    def kept(self) -> str:
        """What an interrupt leaves, and how to go on."""
        done = len(self.settled) + len(self.written)
        graded = len(self.settled) + len(self.graded | self.written)
        if not graded:
            return ""
        return (
            f"of {len(self.students)} submissions {graded} are graded and {done} in the gradebook, and stay so; "
            "run the same command to go on from there."
        )

    def _inputs(self, student: str) -> str | None:
        from graders.nbgrader.errors import NoMarkError

        try:
            asked = self.run.rules(student).digest
        except NoMarkError:
            return None
        return self.unchanged.inputs(student, asked)

    def _noting(self, tell: OnEvent) -> OnEvent:
        from graders.batch.events import Event, Verdict

        def note(event: Event) -> None:
            if isinstance(event, Verdict) and event.has_score:
                self.graded.add(event.id)
            tell(event)

        return note

    def _convert(self, students: Sequence[str], tell: OnEvent) -> dict[str, NbgraderError]:
        from graders.batch.events import Verdict
        from graders.nbgrader import class_run, converting
        from lab_env.events import Phase

        def made(begun: Begun, ended: Ended) -> Any:
            converter = converting.autograding(self.course.coursedir, self.course.api, students, begun, ended)
            class_run.adopt(converter, ASSIGNMENT, self.run)
            return converter

        def ended(student: str, well: bool) -> None:
            if well:
                self.unchanged.settle(student, self.inputs[student], self._inputs(student))
                self.written.add(student)
            tell(Verdict(student, "in the gradebook" if well else "not in the gradebook", well))

        return convert(made, students, lambda student: tell(Phase(student, "nbgrader")), ended)


def _unfinished(failed: Mapping[str, NbgraderError], rows: Sequence[Row]) -> Iterator[str]:
    """For whom nbgrader did not end well, and why: those with one reason in one sentence; not what a row says already."""
    from lab_env.text import listed, one_line

    said = {row.student: one_line(row.reason) for row in rows if row.mark is None}
    by_reason: dict[str, list[str]] = {}
    for student, error in failed.items():
        why = one_line(error.message)
        if not said.get(student) or said[student] not in why:
            by_reason.setdefault(why, []).append(one_line(student))
    for why, students in by_reason.items():
        yield f"{listed(students)}: autograding did not end well, so their autograded notebooks may be missing. {why}"


def _has_time(directory: Path) -> bool:
    """Tell whether nbgrader can open a submission's timestamp, or there is none.

    It does so before anything of ours is asked, at a pipe it would wait for ever, and over nonsense it fails.
    """
    from graders.nbgrader.kept import MAX_TIMESTAMP_BYTES
    from graders.nbgrader.submitted import TIMESTAMP
    from graders.nbgrader.timestamps import is_time
    from lab_env.errors import SubmissionError
    from lab_env.submission.directory import read_bytes

    path = directory / TIMESTAMP
    if not os.path.lexists(path):
        return True
    try:
        stamp = read_bytes(path, MAX_TIMESTAMP_BYTES + 1, shown=TIMESTAMP)
    except SubmissionError:
        return False
    return len(stamp) <= MAX_TIMESTAMP_BYTES and (not stamp.strip() or is_time(stamp))
