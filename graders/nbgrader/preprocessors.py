"""The steps of autograding: rebuild, grade, remark. The course's ``nbgrader_config.py`` names them.

nbgrader has one list of steps for all assignments of a course. So each of these has nbgrader's own for those that are not the
lesson: such a submission is run, as nbgrader does.
"""

from __future__ import annotations

from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    Execute,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
)
from traitlets import Bool, Enum, Integer, List, Unicode, default

from graders.batch.run_config import RunConfig
from graders.model import Depth, SubmissionResult
from graders.nbgrader import checklist, gradebook
from graders.nbgrader.checklist import Shown
from graders.nbgrader.class_run import ClassRun, concerns, faulty, owner, run_of
from graders.nbgrader.errors import CourseError, NoMarkError
from graders.nbgrader.submitted import SECRET, TIMESTAMP, read_secret
from graders.nbgrader.timestamps import is_time
from graders.report.sources import quotes
from lab_env import settings

Resources = dict[str, Any]


class LessonStep(NbGraderPreprocessor):  # type: ignore[misc]
    """A step for the lesson, which gives way to nbgrader's for any other assignment."""

    elsewhere: Any = List([], help="What is done in its place for the course's other assignments, by nbgrader.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """``nb`` after the step.

        :raises NoMarkError: there is no mark.
        """
        if concerns(self, resources["nbgrader"]["assignment"]):
            return self.step(nb, resources)
        for part in self.elsewhere:
            nb, resources = part(parent=self.parent)(nb, resources)
        return nb, resources

    def step(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The same, of the lesson: as it is, where a step says nothing else."""
        return nb, resources


class Reconstruct(LessonStep):
    """Replaces what comes in by the released notebook with the learner's cells in it that are read.

    They are shown in their answers' place, found by nbgrader's ids or by the file that they write, and what has no place is shown
    at the end. All else is the release's: prose, check cells and their points, metadata, kernels, outputs.
    """

    elsewhere = List([ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata]).tag(
        config=True
    )

    def step(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The rebuilt notebook; ``nb`` is not looked at.

        :raises NoMarkError: the submission could not be read, by no fault of its own that is known.
        """
        run, student, name = _place(self, resources)
        try:
            rebuilt = run.reconstruction(student)
        except NoMarkError:
            gradebook.void(owner(self).coursedir, resources["nbgrader"]["assignment"], student)
            raise
        outputs = resources.setdefault("outputs", {})
        # nbgrader copies nothing of a submission here. It compares this time with the next submission's, and the secret names
        # the learner's pages in the exchange.
        if (stamp := rebuilt.handed.timestamp) is not None and is_time(stamp):
            outputs[TIMESTAMP] = stamp
        if (secret := read_secret(run.directory(student))) is not None:
            outputs[SECRET] = secret
        return nbformat.from_dict(rebuilt.document(name)), resources


class GradeOutOfProcess(LessonStep):
    """Writes a number and a checklist into every check cell; the batch grader gives them, in a process of its own.

    The first notebook that comes has the whole class graded; all others are looked up. Where there is no number, the automatic
    marks that the gradebook may still hold are taken back, and nbgrader hears of it by an exception.
    """

    elsewhere = List([Execute, IgnorePattern, ClearMetadataPreprocessor, LimitOutput]).tag(config=True)
    depth = Enum(
        [depth.value for depth in Depth],
        default_value=Depth.FULL.value,
        help="How far to grade: static reads the files, plan plans them too, full deploys them and runs the drills.",
    ).tag(config=True)
    engine = Unicode(help="Where AWS is: embedded, localstack, or an address on this machine.").tag(config=True)
    jobs = Integer(0, min=0, help="Submissions to grade at the same time; 0: chosen by itself.").tag(config=True)
    plain = Bool(False, help="Call Terraform without warm lanes: slower, the same verdicts.").tag(config=True)

    cluster = Unicode(help="The address of a Dask scheduler whose workers grade; empty: this machine.").tag(config=True)

    @default("engine")
    def _engine(self) -> str:
        return settings.ENGINE.read()

    @property
    def run_config(self) -> RunConfig:
        """The traits, as the grader takes them."""
        return RunConfig(
            depth=Depth(self.depth),
            engine=self.engine,
            jobs=self.jobs or None,
            plain=self.plain,
            cluster=self.cluster or None,
        )

    def step(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """``nb`` with the marks of its check cells.

        :raises NoMarkError: there are none.
        """
        run, student, name = _place(self, resources)
        self.log.info("Marks of %s: depth %s", student, self.depth)
        try:
            result = run.result(student, self.run_config)
            run.stand(student, result, self.run_config)
        except NoMarkError as fault:
            gradebook.void(owner(self).coursedir, resources["nbgrader"]["assignment"], student)
            run.stand(student, faulty(student, fault), self.run_config)
            raise
        cited = quotes(result.requirements, run.files(student))
        _fill(nb, run, name, result, Shown(cited, run.reconstruction(student).where, run.checked_in))
        return nb, resources


class SaveRemarks(LessonStep):
    """Comments on answers that were not as they should be: missing, not read, twice. After ``SaveAutoGrades``, which clears them.

    A comment is shown as Markdown without being cleaned, so it holds our words only.
    """

    elsewhere = List([CheckCellMetadata]).tag(config=True)

    def step(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """``nb`` as it is."""
        run, student, name = _place(self, resources)
        remarks = run.reconstruction(student).remarks(name)
        if remarks:
            with Gradebook(resources["nbgrader"]["db_url"]) as book:
                for grade_id, text in remarks.items():
                    comment = book.find_comment(grade_id, name, resources["nbgrader"]["assignment"], student)
                    comment.auto_comment = text
                book.db.commit()
        return nb, resources


def _place(part: NbGraderPreprocessor, resources: Resources) -> tuple[ClassRun, str, str]:
    ours = resources["nbgrader"]
    return run_of(part, ours["assignment"]), ours["student"], ours["notebook"]


def _fill(nb: NotebookNode, run: ClassRun, name: str, result: SubmissionResult, shown: Shown) -> None:
    for check in run.release.notebook(name).checks:
        cell = nb.cells[check.index]
        if cell.metadata.nbgrader.grade_id != check.id:
            raise CourseError(f"{name} is not the released notebook: cell {check.index + 1} is not {check.id}.")
        points = run.points(check, result)
        data = {"text/plain": str(points), "text/html": checklist.html(check.index + 1, check, points, result, shown)}
        cell.outputs = [new_output("execute_result", data=data, execution_count=1)]
        cell.execution_count = 1
