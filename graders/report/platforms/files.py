"""One file a submission for a platform: which submissions, in which format, and under which names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from graders.model import Results, SubmissionResult
from graders.report import sarif_report
from graders.report.feedback_pages import file_names
from graders.report.platforms import classroom50, github, gradescope, prairielearn
from graders.report.platforms.outcome import line, outcome_of
from lab_env.errors import LabError, UsageError
from lab_env.files import PRIVATE, PRIVATE_DIRECTORY, write_output
from lab_env.text import counted, listed

_NAMED = 5


class Platform(StrEnum):
    """A format, as ``lab export`` calls it."""

    GRADESCOPE = "gradescope"
    CLASSROOM50 = "classroom50"
    PRAIRIELEARN = "prairielearn"
    GITHUB_ANNOTATIONS = "github-annotations"
    GITHUB_SARIF = "github-sarif"
    GITHUB_SUMMARY = "github-summary"


_SUFFIXES = {Platform.GITHUB_ANNOTATIONS: ".txt", Platform.GITHUB_SARIF: ".sarif", Platform.GITHUB_SUMMARY: ".md"}
_OF_ONE_PUSH = (Platform.CLASSROOM50,)


@dataclass(frozen=True)
class Wanted:
    """What is exported.

    :param visibility: Gradescope's, of all tests.
    :param environ: where Classroom 50's runner says which push it is.
    """

    platform: Platform
    visibility: gradescope.Visibility = gradescope.Visibility.VISIBLE
    environ: Mapping[str, str] | None = None

    def text(self, results: Results, submission: SubmissionResult) -> str:
        """The file of one submission.

        :raises LabError: it has no score, so there is none.
        """
        if self.platform is Platform.GITHUB_ANNOTATIONS:
            return github.workflow_commands(submission)
        if self.platform is Platform.GITHUB_SUMMARY:
            return github.summary(results, submission)
        if self.platform is Platform.GITHUB_SARIF:
            return sarif_report.dumps(results.model_copy(update={"submissions": (submission,)}), alone=True)
        outcome = outcome_of(results, submission)
        if self.platform is Platform.GRADESCOPE:
            document = gradescope.document(outcome, self.visibility)
        elif self.platform is Platform.PRAIRIELEARN:
            document = prairielearn.document(outcome)
        else:
            document = classroom50.document(outcome, classroom50.Push.of(self.environ or {}), results.created)
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def chosen(results: Results, id_: str | None) -> tuple[SubmissionResult, ...]:
    """The submission of that id, or all of them.

    :raises UsageError: there is none of that id, or none at all.
    """
    if id_ is None:
        if not results.submissions:
            raise UsageError("There is no submission in these results.", next_step="Grade one first.")
        return results.submissions
    found = tuple(one for one in results.submissions if one.id == id_)
    if not found:
        raise UsageError(
            f"There is no submission {line(id_)} in these results.", next_step=f"There are: {_some(results)}."
        )
    return found


def write_files(
    wanted: Wanted, results: Results, submissions: tuple[SubmissionResult, ...], out: Path
) -> tuple[Path, ...]:
    """Writes a file each into ``out``, which is made when it is missing; what else is there stays.

    :raises UsageError: the directory cannot be made or written to, or the platform's file is about one push.
    :raises LabError: some have no score, so no file; the others' files are written.
    """
    if wanted.platform in _OF_ONE_PUSH and len(submissions) > 1:
        raise UsageError(
            f"{wanted.platform.value} takes the result of one push, and these are {counted(len(submissions), 'submission')}.",
            next_step="Choose one with --submission ID.",
        )
    try:
        out.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"Cannot make the directory {out}: {error.strerror}.",
            next_step="Name a directory, or a new one inside a directory that exists.",
        ) from error
    suffix = _SUFFIXES.get(wanted.platform, ".json")
    written: list[Path] = []
    left_out: list[LabError] = []
    # A name says whose it is, so that it is the same whoever else is exported.
    for name, submission in zip(file_names(one.id for one in submissions), submissions, strict=True):
        path = out / Path(name).with_suffix(suffix)
        try:
            text = wanted.text(results, submission)
        except LabError as error:
            # An older file would be taken for this submission's mark.
            path.unlink(missing_ok=True)
            left_out.append(error)
        else:
            write_output(path, text, mode=PRIVATE)
            written.append(path)
    if left_out:
        first = next((one for one in left_out if not isinstance(one, UsageError)), left_out[0])
        more = f" So it is with {counted(len(left_out) - 1, 'more submission')}." if len(left_out) > 1 else ""
        others = f"{counted(len(written), 'file')} of others written to {out}."
        raise type(first)(f"{first.message}{more} {others}", next_step=first.next_step)
    return tuple(written)


def one_of(submissions: tuple[SubmissionResult, ...], results: Results) -> SubmissionResult:
    """The only submission.

    :raises UsageError: there are several, and a file is about one.
    """
    if len(submissions) == 1:
        return submissions[0]
    raise UsageError(
        f"These are {counted(len(submissions), 'submission')}, and a file is about one.",
        next_step=f"Choose one with --submission ID ({_some(results)}), or name a directory with --out.",
    )


def _some(results: Results) -> str:
    ids = [line(one.id) for one in results.submissions]
    return listed(ids) if len(ids) <= _NAMED else f"{', '.join(ids[:_NAMED])} and {len(ids) - _NAMED} more"
