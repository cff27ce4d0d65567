"""Runs the grader for a verb: progress on standard error, the learners' files for quoting, the reports asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab import screen
from lab_env.errors import SubmissionError, UsageError

if TYPE_CHECKING:
    from graders.batch import Progress as Event
    from graders.model import Results, SubmissionResult
    from lab_env.submission import SubmissionRef


@dataclass(frozen=True)
class Reports:
    """The files to write; None is not asked for."""

    json: Path | None = None
    html: Path | None = None
    csv: Path | None = None

    def check(self) -> None:
        """Says before the work that a file cannot be written, not after it.

        :raises UsageError: a directory is missing, or two reports are to go to the same file.
        """
        named = [path for path in (self.json, self.html, self.csv) if path is not None]
        for path in named:
            if path.is_dir():
                raise UsageError(f"{path} is a directory.", next_step="Name a file.")
            if not path.absolute().parent.is_dir():
                raise UsageError(f"There is no directory {path.parent}.", next_step="Make it, or name another file.")
        if len({path.absolute() for path in named}) < len(named):
            raise UsageError("Two reports are to go to the same file.", next_step="Name a file for each.")

    def write(self, results: Results, refs: Sequence[SubmissionRef]) -> None:
        """Writes those asked for."""
        if self.json:
            from graders.report import json_report

            json_report.write(results, self.json)
        if self.csv:
            from graders.report import csv_report

            csv_report.write(results, self.csv)
        if self.html:
            from graders.report import html_report

            html_report.write(results, self.html, sources_of(results, refs))


@dataclass(frozen=True)
class Told:
    """The grader's two callbacks."""

    progress: Callable[[Event], None]
    notice: Callable[[str], None]


@contextmanager
def shown(total: int | None = None) -> Iterator[Told]:
    """Shows on standard error what the grader tells.

    :param total: how many submissions there are, when that is known beforehand.
    """
    from graders.report.progress import Progress

    with Progress(screen.errors(), total) as progress:

        def on_progress(event: Event) -> None:
            if event.result is None:
                progress.phase(event.id, event.phase)
                return
            result = event.result
            score = "no score" if result.score is None else f"{result.score}/{result.max_score}"
            progress.done(event.id, f"{result.status.value}, {score}")

        yield Told(on_progress, progress.note)


def grade(
    refs: Sequence[SubmissionRef], *, depth: str, engine: str, jobs: int | None = None, plain: bool = False
) -> Results:
    """Grades with progress on standard error."""
    from graders.batch import grade_many
    from graders.model import Depth

    with shown(len(refs)) as told:
        return grade_many(
            refs,
            engine_spec=engine,
            depth=Depth(depth),
            jobs=jobs,
            plain=plain,
            on_progress=told.progress,
            on_notice=told.notice,
        )


def sources_of(results: Results, refs: Sequence[SubmissionRef]) -> dict[str, dict[str, str]]:
    """The files that the evidence names, by submission and path."""
    by_id = {ref.id: ref for ref in refs}
    return {one.id: files_of(one, by_id[one.id]) for one in results.submissions if one.id in by_id}


def files_of(submission: SubmissionResult, ref: SubmissionRef) -> dict[str, str]:
    """The files of one submission that its evidence names, by path; none when they cannot be read any more."""
    from graders.report.sources import cited
    from lab_env.submission import load_submission

    wanted = cited(submission.requirements)
    if not wanted:
        return {}
    try:
        loaded = load_submission(ref.path, id=ref.id)
    except (SubmissionError, UsageError):
        return {}
    return {file.path: file.text for file in (*loaded.files, *loaded.ignored) if file.path in wanted}


def exit_code(results: Results) -> int:
    """0: every submission has a verdict; 4: at least one is an ``error``."""
    return 4 if any(one.status.value == "error" for one in results.submissions) else 0


def one_of_each(refs: Sequence[SubmissionRef]) -> tuple[SubmissionRef, ...]:
    """``refs`` in path order, each path once, and with ids that tell them apart."""
    from lab_env.submission import SubmissionRef

    by_path: Mapping[Path, SubmissionRef] = {ref.path.resolve(): ref for ref in refs}
    ordered = [by_path[path] for path in sorted(by_path)]
    ids = [ref.id for ref in ordered]
    return tuple(ref if ids.count(ref.id) == 1 else SubmissionRef(str(ref.path), ref.path) for ref in ordered)
