"""What autograding need not do again, and the proof of it.

nbgrader's own step (two conversions and some dozens of transactions for each notebook) writes two things for a student: the
autograded notebooks and the gradebook's rows. Both follow from what goes in. So when a student's step has ended well, a digest is
kept of what went in and one of what came out (``.lab/marks/<assignment>/settled/``). While both are the same, doing it again would
write what is there. Anything else, such as a file that was changed by hand, a mark that was given in formgrader, another due date,
other code of ours or another version of nbgrader, is another digest, and the step is done again. What cannot be read or has no
end has no digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graders.assignment import Rules
from graders.batch.identity import grader_digest
from graders.batch.run_config import RunConfig
from graders.model import SubmissionStatus
from graders.nbgrader import gradebook
from graders.nbgrader.marks import Marks, Settled, identity_of
from graders.nbgrader.submitted import SECRET, TIMESTAMP
from graders.nbgrader.trees import UnknownTreeError, tree_digest
from lab_env import digests

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

_OURS = "GradeOutOfProcess"  # its traits are in the run's settings
_PACKAGES = ("secrets-lab", "nbgrader", "nbconvert", "nbformat")
_WRITERS = ("graders.nbgrader", "graders.report")
"""Write what learners see: checklists, notebooks, pages."""


@dataclass(frozen=True)
class Unchanged:
    """Knows, for one run, whose step need not be done again.

    :param course: a digest of what all students' steps follow from; None: nobody's is known.
    """

    coursedir: CourseDirectory
    assignment: str
    marks: Marks
    course: str | None

    @classmethod
    def of(
        cls, coursedir: CourseDirectory, assignment: str, config: RunConfig, settings: Any, common: Rules = Rules()
    ) -> Unchanged:
        """:param settings: nbgrader's whole configuration (traitlets').

        :param common: what is asked of the whole class: what its packages' requirements are made of counts, too.
        """
        identity = identity_of(config, common)
        root = Path(coursedir.root)
        marks = Marks(root, assignment)
        try:
            parts = [
                assignment,
                *_versions(),
                identity.verdict_key(""),
                _settings(settings),
                _programs(root),
                tree_digest(Path(coursedir.format_path(coursedir.release_directory, ".", assignment))),
                tree_digest(Path(coursedir.format_path(coursedir.source_directory, ".", assignment))),
            ]
        except UnknownTreeError:
            return cls(coursedir, assignment, marks, None)
        return cls(coursedir, assignment, marks, _digest(parts))

    def inputs(self, student: str, asked: str | None) -> str | None:
        """A digest of what the student's step follows from.

        :param asked: digest of what is asked of the student; None: the standard lesson.
        """
        if self.course is None:
            return None
        try:
            handed_in = tree_digest(self._path(self.coursedir.submitted_directory, student))
        except UnknownTreeError:
            return None
        return _digest([self.course, student, asked, handed_in])

    def settled(self, inputs: Mapping[str, str | None]) -> frozenset[str]:
        """Those whose step would write what is there already.

        :param inputs: :meth:`inputs` of each who is asked about.
        """
        wanted = {
            student: kept
            for student, digest in inputs.items()
            if (kept := self.marks.settled(student)) is not None and kept.inputs == digest
        }
        if not wanted:
            return frozenset()
        held = gradebook.held(self.coursedir, self.assignment)
        return frozenset(
            student for student, kept in wanted.items() if kept.outputs == self._outputs(student, held.get(student))
        )

    def settle(self, student: str, before: str | None, now: str | None) -> None:
        """Keep what came of the student's step.

        :param before: :meth:`inputs`, from before anything of the student was read; ``now``, from after it: who hands in again
            meanwhile is not settled.
        """
        outputs = self._outputs(student, gradebook.held(self.coursedir, self.assignment, student).get(student))
        if before is not None and outputs is not None and before == now:
            self.marks.settle(Settled(student=student, inputs=before, outputs=outputs))

    def _outputs(self, student: str, held: gradebook.Held | None) -> str | None:
        """A digest of what is there now; None when it is not what stands for the student."""
        standing = self.marks.standing(student)
        if held is None or standing is None or standing.status is SubmissionStatus.ERROR:
            return None
        if any(held.auto.get(check) != points for check, points in standing.points.items()):
            return None
        try:
            files = tree_digest(self._path(self.coursedir.autograded_directory, student))
        except UnknownTreeError:
            return None
        return _digest([standing.model_dump(mode="json"), held.of_autograding, files])

    def _path(self, step: str, student: str) -> Path:
        return Path(self.coursedir.format_path(step, student, self.assignment))


@dataclass(frozen=True)
class UnchangedPages:
    """Knows, for one run, whose feedback pages would be made as they are: the same proof, from what is autograded to the pages.

    :param course: a digest of what all pages follow from; None: nobody's is known.
    """

    coursedir: CourseDirectory
    assignment: str
    marks: Marks
    course: str | None

    @classmethod
    def of(cls, coursedir: CourseDirectory, assignment: str, settings: Any) -> UnchangedPages:
        """:param settings: nbgrader's whole configuration (traitlets')."""
        root = Path(coursedir.root)
        marks = Marks(root, assignment)
        try:
            parts = [assignment, *_versions(), _settings(settings), _programs(root)]
        except UnknownTreeError:
            return cls(coursedir, assignment, marks, None)
        return cls(coursedir, assignment, marks, _digest(parts))

    def inputs(self, students: Iterable[str]) -> dict[str, str | None]:
        """By student, a digest of what the pages follow from."""
        held = gradebook.held(self.coursedir, self.assignment)
        return {student: self._input(student, held.get(student)) for student in students}

    def settled(self, inputs: Mapping[str, str | None]) -> frozenset[str]:
        """Those whose pages are as they would be made. :param inputs: of each who is asked about."""
        return frozenset(
            student
            for student, digest in inputs.items()
            if digest is not None
            and (kept := self.marks.settled(student, "pages")) is not None
            and kept.inputs == digest
            and kept.outputs == self._output(student)
        )

    def settle(self, before: Mapping[str, str | None]) -> None:
        """Keep what came of the steps that were done. :param before: the inputs as they were before."""
        now = self.inputs(before) if before else {}
        for student, digest in before.items():
            outputs = self._output(student)
            if digest is not None and digest == now[student] and outputs is not None:
                self.marks.settle(Settled(student=student, inputs=digest, outputs=outputs), "pages")

    def _input(self, student: str, held: gradebook.Held | None) -> str | None:
        if held is None or self.course is None:
            return None
        try:
            files = tree_digest(self._path(self.coursedir.autograded_directory, student))
        except UnknownTreeError:
            return None
        return _digest([self.course, student, held.everything, files])

    def _output(self, student: str) -> str | None:
        """A digest of the notebooks' pages and of what releases them; what else lies beside them is not this step's."""
        autograded = self._path(self.coursedir.autograded_directory, student)
        names = {f"{path.stem}.html" for path in autograded.glob("*.ipynb")} | {TIMESTAMP, SECRET}
        try:
            return tree_digest(self._path(self.coursedir.feedback_directory, student), names.__contains__)
        except UnknownTreeError:
            return None

    def _path(self, step: str, student: str) -> Path:
        return Path(self.coursedir.format_path(step, student, self.assignment))


def _versions() -> list[Any]:
    """What all that is written comes from: under one version of ours the code may be another."""
    return [{name: version(name) for name in _PACKAGES}, grader_digest(), *map(digests.of_package, _WRITERS)]


def _settings(settings: Any) -> Any:
    return _plain({name: values for name, values in settings.items() if name != _OURS})


def _programs(root: Path) -> str:
    """Programs that the configuration may use, such as a plug-in for late penalties.

    :raises UnknownTreeError: one of them cannot be read.
    """
    total = hashlib.sha256()
    try:
        for path in sorted(root.glob("*.py")):
            # An editor's lock is a link to nowhere, and a directory may be called so: neither is a program.
            if path.is_file():
                total.update(path.name.encode("utf-8", "surrogateescape") + b"\0" + path.read_bytes() + b"\0")
    except OSError as error:
        raise UnknownTreeError(str(error)) from error
    return total.hexdigest()


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(
        json.dumps(parts, sort_keys=True, default=_plain).encode("utf-8", "surrogateescape")
    ).hexdigest()


def _plain(value: Any) -> Any:
    """A setting as JSON has it, with nothing in it that is another in the next process."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        found = [_plain(one) for one in value]
        return found if isinstance(value, list | tuple) else sorted(found, key=repr)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if hasattr(value, "to_dict"):  # traitlets' note of what is to be added to a setting
        return _plain(value.to_dict())
    kind = value if hasattr(value, "__qualname__") else type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
