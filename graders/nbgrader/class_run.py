"""One autograding of an assignment: submissions rebuilt, the class graded once, results looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from graders.assignment import Rules, UnlistedError
from graders.batch.events import Done, Event, OnEvent, Verdict, verdict_of
from graders.batch.run_config import RunConfig
from graders.model import Points, SubmissionResult, SubmissionStatus
from graders.nbgrader.assignments import NO_STUDENT, directories, is_lesson
from graders.nbgrader.batch import HandedIn, grade_class
from graders.nbgrader.errors import CourseError, NoMarkError
from graders.nbgrader.filling import assignment_of
from graders.nbgrader.kept import is_student_id
from graders.nbgrader.marks import Marks, Standing, identity_of
from graders.nbgrader.reconstruct import Reconstruction
from graders.nbgrader.release import CheckCell, Release, filled, read_release
from graders.nbgrader.submitted import read_handed
from lab_env.events import Phase, ignore
from lab_env.processes import WorkerError

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import LoggingConfigurable


class ClassRun:
    """The submissions of one assignment, as one converter of nbgrader's meets them.

    :param coursedir: nbgrader's; its ``student_id`` says who is graded.
    :ivar common: what is asked of all of them, beside values of their own.
    """

    def __init__(self, coursedir: CourseDirectory, assignment: str) -> None:
        self._coursedir = coursedir
        self._assignment = assignment
        self.asked = assignment_of(coursedir, assignment)
        self.common = Rules(packages=self.asked.packages) if self.asked is not None else Rules()
        self.release: Release = read_release(
            self._path(coursedir.release_directory, NO_STUDENT), assignment, self.common
        )
        self.marks = Marks(Path(coursedir.root), assignment)
        self._rebuilt: dict[str, Reconstruction] = {}
        self._results: dict[str, SubmissionResult] = {}
        self._faults: dict[str, NoMarkError] = {}
        self._unread: dict[str, NoMarkError] = {}

    def _directories(self) -> tuple[str, ...]:
        return tuple(
            directories(
                self._coursedir, self._coursedir.submitted_directory, self._assignment, self._coursedir.student_id
            )
        )

    def students(self) -> tuple[str, ...]:
        """The ids of those who handed something in and are to be graded."""
        return tuple(filter(is_student_id, self._directories()))

    def odd(self) -> tuple[str, ...]:
        """The names of directories beside them that nobody may be called by: they never come near nbgrader's gradebook."""
        return tuple(name for name in self._directories() if not is_student_id(name))

    def directory(self, student: str) -> Path:
        """``submitted/<student>/<assignment>``."""
        return self._path(self._coursedir.submitted_directory, student)

    def rules(self, student: str) -> Rules:
        """What the student is graded by: the id is that of the directory, never what somebody wrote.

        :raises NoMarkError: each learner has values of their own, and this one has none.
        """
        if self.asked is None:
            return Rules()
        try:
            return self.asked.rules(student)
        except UnlistedError as error:
            raise NoMarkError(f"There is no mark: {error.message}", next_step=error.next_step) from error

    def reconstruction(self, student: str) -> Reconstruction:
        """The student's submission, rebuilt.

        :raises NoMarkError: it could not be read, by no fault of its own that is known.
        """
        if student in self._unread:
            raise self._unread[student]
        if student not in self._rebuilt:
            try:
                handed = read_handed(self.directory(student), self.release)
            except WorkerError as error:
                self._unread[student] = NoMarkError(f"There is no mark: {error.message}", next_step="Autograde again.")
                raise self._unread[student] from error
            self._rebuilt[student] = Reconstruction(self._released(student), handed)
        return self._rebuilt[student]

    def files(self, student: str) -> dict[str, str]:
        """The texts of the student's files, by path; none when they cannot be graded."""
        submission = self.reconstruction(student).handed.submission
        return {} if submission is None else {file.path: file.text for file in (*submission.files, *submission.ignored)}

    @cached_property
    def checked_in(self) -> Mapping[str, str]:
        """The notebook in which each requirement is checked."""
        return {
            requirement: notebook.name
            for notebook in self.release.notebooks
            for check in notebook.checks
            for requirement in check.requirements
        }

    def result(self, student: str, config: RunConfig) -> SubmissionResult:
        """The student's result; the first who asks has the whole class graded.

        :raises NoMarkError: there is none, by a fault of ours.
        """
        if student not in self._results and student not in self._faults:
            self.grade({*self.students(), student}, config)
        if (fault := self._faults.get(student)) is not None:
            raise fault
        return self._results[student]

    def points(self, check: CheckCell, result: SubmissionResult) -> Points:
        """What a check cell earns, from 0 to its points.

        :raises NoMarkError: the result says nothing of one of its requirements.
        """
        rows = {row.id: row for row in result.requirements}
        earned = [rows[id_].earned if id_ in rows else None for id_ in check.requirements]
        total = sum(value for value in earned if value is not None)
        if None in earned or not 0 <= total <= check.points:
            raise NoMarkError(f"The result of {result.id} does not say what {check.id} earns.")
        return total

    def stand(self, student: str, result: SubmissionResult, config: RunConfig) -> None:
        """From now on this result stands for the student."""
        error = result.status is SubmissionStatus.ERROR
        points = {} if error else {check.id: self.points(check, result) for check in self.release.checks}
        rebuilt = self.reconstruction(student)
        self.marks.stand(
            Standing(
                student=student,
                digest=rebuilt.digest,
                status=result.status,
                reason=result.reason,
                depth=config.depth,
                score=None if error else sum(points.values()),
                max_score=sum(check.points for check in self.release.checks),
                points=points,
                rules=self._rules_digest(student),
                remarks=sum(len(rebuilt.remarks(notebook.name)) for notebook in self.release.notebooks),
                notes=rebuilt.notes,
            )
        )

    def stands(self, student: str, standing: Standing) -> bool:
        """Whether what stands for a student was found by what is asked of them now."""
        try:
            return standing.rules == self.rules(student).digest
        except NoMarkError:
            # Nothing is asked of them, so no mark was found by it; that they have none may stand.
            return standing.status is SubmissionStatus.ERROR

    def _released(self, student: str) -> Release:
        """The release, with the student's own values where there are any."""
        if self.asked is None or self.asked.variants is None:
            return self.release
        try:
            return filled(self.release, self.rules(student).lesson)
        except NoMarkError:
            return self.release

    def _rules_digest(self, student: str) -> str | None:
        try:
            return self.rules(student).digest
        except NoMarkError:
            return None

    def grade(self, students: Iterable[str], config: RunConfig, on_event: OnEvent = ignore) -> None:
        """Grade these students, all in one run.

        :param on_event: told of each, as ``graders.batch`` tells it; those of whom nothing is to be graded come first.
        """
        identity = identity_of(config, self.common)
        asked: dict[str, Rules] = {}
        names: dict[str, list[str]] = {}
        keys: dict[str, str] = {}
        wanted: dict[str, HandedIn] = {}
        for student in sorted(students):
            try:
                rules = self.rules(student)
                rebuilt = self.reconstruction(student)
            except NoMarkError as fault:
                self._faults[student] = fault
                on_event(verdict_of(Done(faulty(student, fault, self.common))))
                continue
            submission = rebuilt.handed.submission
            if submission is None:
                self._results[student] = self._refused(student)
                on_event(verdict_of(Done(self._results[student])))
                continue
            key = keys[student] = identity.verdict_key(rebuilt.digest, rules)
            asked[key] = rules
            kept = self.marks.verdicts.verdict(identity, rebuilt.digest, rules)
            if kept is None:
                wanted[key] = HandedIn(self.directory(student), submission.digest)
                names.setdefault(key, []).append(student)
            else:
                self._results[student] = _of(student, kept.result)
                on_event(verdict_of(Done(self._results[student], kept=True)))
        try:
            with self.marks.lock():
                graded = grade_class(
                    wanted, self._whole(config), {key: asked[key] for key in wanted}, partial(_hear, on_event, names)
                )
        except NoMarkError as fault:
            self._faults |= {student: fault for student, key in keys.items() if key in wanted}
            graded = {}
        for student, key in keys.items():
            if key not in graded:
                continue
            self.marks.verdicts.store(identity, self.reconstruction(student).digest, graded[key], rules=asked[key])
            if graded[key].status is SubmissionStatus.ERROR or graded[key].score is None:
                self._faults[student] = NoMarkError(
                    f"There is no mark, by a fault of the grader: {graded[key].reason}", next_step="Autograde again."
                )
            else:
                self._results[student] = _of(student, graded[key])

    def _whole(self, config: RunConfig) -> RunConfig:
        """The settings with what the workers of a cluster have to have ready; what each submission is graded by goes with it."""
        return config.model_copy(update={"assignment": self.asked.for_worker() if self.asked is not None else None})

    def _refused(self, student: str) -> SubmissionResult:
        from graders.rubric import registry
        from graders.verdicts import refused

        rebuilt = self.reconstruction(student)
        if rebuilt.refusal is None:
            raise CourseError(f"The submission of {student} changed while it was graded.", next_step="Autograde again.")
        return refused(student, rebuilt.refusal, registry(self.common), digest=rebuilt.digest)

    def _path(self, step: str, student: str) -> Path:
        return Path(self._coursedir.format_path(step, student, self._assignment))


def _hear(on_event: OnEvent, names: Mapping[str, Sequence[str]], event: Event) -> None:
    """What is told of a submission is told of all who handed it in; the batch grader knows nobody's name."""
    if isinstance(event, Phase | Verdict):
        for student in names.get(event.id, ())[: 1 if isinstance(event, Phase) else None]:
            on_event(replace(event, id=student))
    else:
        on_event(event)


_RUNS: WeakKeyDictionary[Any, dict[str, ClassRun]] = WeakKeyDictionary()
_LESSONS: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()


def run_of(part: LoggingConfigurable, assignment: str) -> ClassRun:
    """The run that a preprocessor or exporter of nbgrader's is part of: as long as the converter lives, the class is read once.

    nbgrader makes its preprocessors again for every notebook, so nothing can be kept in them.
    """
    converter = owner(part)
    runs = _RUNS.setdefault(converter, {})
    if assignment not in runs:
        runs[assignment] = ClassRun(converter.coursedir, assignment)
    return runs[assignment]


def concerns(part: LoggingConfigurable, assignment: str) -> bool:
    """Whether the assignment that a preprocessor or exporter is asked about is the lesson; all others are nbgrader's."""
    converter = owner(part)
    known = _LESSONS.setdefault(converter, {})
    if assignment not in known:
        known[assignment] = is_lesson(converter.coursedir, assignment)
    return known[assignment]


def adopt(converter: Any, assignment: str, run: ClassRun) -> None:
    """Let what belongs to a converter use this run, in which the class is read and graded already."""
    _RUNS.setdefault(converter, {})[assignment] = run


def owner(part: Any) -> Any:
    """The converter or application above a part, which knows the course directory.

    :raises CourseError: the part is used outside of nbgrader.
    """
    while part is not None and getattr(part, "coursedir", None) is None:
        part = part.parent
    if part is None:
        raise CourseError("There is no course directory: this is used outside of nbgrader.", next_step="Use nbgrader.")
    return part


def faulty(student: str, fault: NoMarkError, rules: Rules = Rules()) -> SubmissionResult:
    """The result that says that there is none."""
    from graders.rubric import registry
    from graders.verdicts import refused

    return refused(student, fault, registry(rules))


def _of(student: str, result: SubmissionResult) -> SubmissionResult:
    return result.model_copy(update={"id": student})
