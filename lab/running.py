"""Runs the grader for a verb: progress on standard error, the learners' files for quoting, the reports asked for."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lab import screen
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from graders.batch.events import OnEvent
    from graders.batch.run_config import RunConfig
    from graders.marking.policy import Policy
    from graders.model import Results, SubmissionResult
    from graders.report.sources import Quotes, Sources
    from lab_env.submission import SubmissionRef

_NAMED = 3
"""Files that a line names; of more it says how many."""


@dataclass(frozen=True)
class Reports:
    """The files to write; None is not asked for. ``feedback`` is a directory: a page for each learner goes there."""

    json: Path | None = None
    html: Path | None = None
    csv: Path | None = None
    junit: Path | None = None
    sarif: Path | None = None
    similarity: Path | None = None
    feedback: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Those asked for."""
        all_ = (self.json, self.html, self.csv, self.junit, self.sarif, self.similarity)
        return tuple(path for path in all_ if path is not None)

    def check(self) -> None:
        """Say before the work that a file cannot be written, not after it.

        :raises UsageError: a directory is missing, or two reports are to go to the same file.
        """
        for path in self.files:
            if path.is_dir():
                raise UsageError(f"{path} is a directory.", next_step="Name a file.")
            if not path.absolute().parent.is_dir():
                raise UsageError(f"There is no directory {path.parent}.", next_step="Make it, or name another file.")
        if len({path.absolute() for path in self.files}) < len(self.files):
            raise UsageError("Two reports are to go to the same file.", next_step="Name a file for each.")
        if self.feedback is not None and self.feedback.exists() and not self.feedback.is_dir():
            raise UsageError(f"{self.feedback} is no directory.", next_step="Name a directory for the learners' pages.")

    def write(self, results: Results, refs: Sequence[SubmissionRef]) -> None:
        """Write those asked for."""
        if self.json:
            from graders.report import json_report

            json_report.write(results, self.json)
        if self.csv:
            from graders.report import csv_report

            csv_report.write(results, self.csv)
        if self.junit:
            from graders.report import junit_report

            junit_report.write(results, self.junit)
        if self.sarif:
            from graders.report import sarif_report

            sarif_report.write(results, self.sarif)
        if self.html or self.feedback:
            self._write_pages(results, sources_of(results, refs))
        if self.similarity:
            from graders.similarity import page as similarity_page

            similarity_page.write(similarity_page.of_class(refs), self.similarity)

    def tell(self, console: Console, results: Results) -> None:
        """Print a line for each file that was written, and one about learners' pages that are older than this run."""
        for path in (*self.files, *((self.feedback,) if self.feedback else ())):
            console.print(f"Written: {path}", soft_wrap=True)
        if self.feedback:
            from graders.report.feedback_pages import pages_of_others
            from lab_env.text import counted

            if others := [page.name for page in pages_of_others(results, self.feedback)]:
                more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
                console.print(
                    f"Still there from earlier runs: {counted(len(others), 'page')} of learners who are not in this one "
                    f"({', '.join(others[:_NAMED])}{more}). Remove what you do not want to give back.",
                    soft_wrap=True,
                )

    def _write_pages(self, results: Results, sources: Sources) -> None:
        from graders.report import html_report

        pages: tuple[Path, ...] = ()
        if self.feedback:
            from graders.report import feedback_pages

            pages = feedback_pages.write_feedback(results, self.feedback, sources)
        if self.html:
            html_report.write(results, self.html, sources, feedback=pages)


@dataclass(frozen=True)
class Marking:
    """What is made of a grader's results before anybody sees them: a policy's marks, then pseudonyms.

    :param names: the file that keeps the names; it is made or used again.
    """

    policy: Policy | None = None
    names: Path | None = None

    @classmethod
    def read(cls, policy: Path | None, names: Path | None, refs: Sequence[SubmissionRef]) -> Marking:
        """Read the policy and check the names in it: a typing error is said before the work, not after it."""
        if policy is None:
            return cls(None, names)
        from graders.marking.policy import check_names, read_policy
        from graders.rubric import registry

        rules = read_policy(policy)
        check_names(rules, (ref.id for ref in refs), (one.id for one in registry().requirements))
        return cls(rules, names)

    def results(self, results: Results, refs: Sequence[SubmissionRef]) -> Results:
        """Give the results as they are shown."""
        if self.policy is not None:
            from graders.marking.policy import apply, times_of

            results = apply(self.policy, results, times_of(refs))
        if self.names is not None:
            from graders.marking.anonymous import anonymise

            results = anonymise(results, self.names)
        return results

    def refs(self, refs: Sequence[SubmissionRef]) -> tuple[SubmissionRef, ...]:
        """Give the submissions, called as the results that are shown call them."""
        if self.names is None:
            return tuple(refs)
        from graders.marking.anonymous import read_names

        pseudonyms = read_names(self.names).pseudonyms
        return tuple(replace(ref, id=pseudonyms[ref.id]) for ref in refs)


@contextmanager
def shown(total: int | None = None) -> Iterator[OnEvent]:
    """Show on standard error what the grader tells the function that this gives.

    :param total: how many submissions there are, when that is known beforehand.
    """
    from graders.report.progress import ProgressDisplay

    with ProgressDisplay(screen.errors(), total) as progress:
        yield progress.hear


def grade(
    refs: Sequence[SubmissionRef],
    config: RunConfig,
    *,
    marking: Marking | None = None,
    ledger: Path | None = None,
    write: Callable[[Results], None] | None = None,
) -> Results:
    """Grade with progress on standard error; the results are marked once, whoever sees them.

    :param ledger: where the run writes down what is done, so that the same command resumes it.
    :param write: puts the results away; a run whose results could not be written is resumed by the same command.
    """
    from graders.batch.grade_many import grade_many
    from graders.batch.ledger import Ledger

    def finish(results: Results) -> Results:
        results = marking.results(results, refs) if marking is not None else results
        if write is not None:
            write(results)
        return results

    with ExitStack() as stack:
        on_event = stack.enter_context(shown(len(refs)))
        opened = stack.enter_context(Ledger(ledger)) if ledger is not None else None
        return grade_many(refs, config, ledger=opened, on_event=on_event, finish=finish)


def found(paths: Sequence[Path]) -> tuple[SubmissionRef, ...]:
    """Find the submissions at the paths, in path order.

    :raises UsageError: a path does not exist.
    """
    from lab_env.submission import find_submissions

    return one_of_each([ref for path in paths for ref in find_submissions(path, alone=len(paths) == 1)])


def one_hand_in(paths: Sequence[Path], id_: str) -> tuple[SubmissionRef, ...]:
    """Take what is at the path as one submission of this id: a platform hands over one, and whose it is is known there.

    What looks like several is read as one all the same, and its verdict says what cannot be read.

    :raises UsageError: several paths, one that does not exist, or an id that is none.
    """
    from lab_env.submission import SubmissionRef, find_submissions
    from lab_env.text import one_line

    if len(paths) != 1:
        raise UsageError("--as is for one path, and there are several.", next_step="Name one path, or leave out --as.")
    if not id_ or id_ != one_line(id_):
        raise UsageError("--as gives no id that can be shown.", next_step="Use letters, digits and signs on one line.")
    (path,) = paths
    try:
        refs = find_submissions(path)
    except UsageError:
        if not path.is_symlink() and not path.exists():
            raise
        refs = ()
    return (SubmissionRef(id_, refs[0].path if len(refs) == 1 else path),)


def ledger_path(refs: Sequence[SubmissionRef], depth: str, json: Path | None) -> Path:
    """Put it beside the result JSON, where that is asked for; else in the user's state, by what is graded and how deep."""
    if json is not None:
        return ledger_beside(json)
    from lab_env.engine import state

    named = "\0".join([depth, *(str(ref.path.absolute()) for ref in refs)])
    directory = state.directory() / "runs"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory / f"{hashlib.sha256(named.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.ledger"


def ledger_beside(json: Path) -> Path:
    """Find where the ledger of a run lies that writes its results there."""
    return json.with_name(f"{json.name}.ledger")


def sources_of(results: Results, refs: Sequence[SubmissionRef]) -> dict[str, Quotes]:
    """Quote the lines that the evidence names, by submission."""
    by_id = {ref.id: ref for ref in refs}
    return {one.id: quotes_of(one, by_id[one.id]) for one in results.submissions if one.id in by_id}


def quotes_of(submission: SubmissionResult, ref: SubmissionRef) -> Quotes:
    """Quote the lines of one submission that its evidence names; none when its files cannot be read any more."""
    from graders.report.quoting import read_quotes
    from lab_env.processes import shared_workers

    return read_quotes(submission, ref, shared_workers())


def exit_code(results: Results) -> int:
    """Choose 0: every submission has a verdict; or 4: at least one is an ``error``."""
    return 4 if any(one.status.value == "error" for one in results.submissions) else 0


def one_of_each(refs: Sequence[SubmissionRef]) -> tuple[SubmissionRef, ...]:
    """Put ``refs`` in path order, each path once, and with ids that tell them apart.

    By the paths' own words: two that a link makes one on the disk are two, and the link is refused when it is read. So is a
    student's directory that is a link, where ``submitted/*/assignment`` has named what is in it.
    """
    from lab_env.submission import SubmissionRef
    from lab_env.submission.find import with_ids_of_their_own
    from lab_env.submission.model import shown_name

    above = Counter(ref.path.absolute().parent.parent for ref in refs)
    by_path: dict[str, SubmissionRef] = {}
    for ref in refs:
        student = ref.path.absolute().parent
        if above[student.parent] > 1 and student.is_symlink():
            ref = replace(ref, path=student)
        by_path[os.path.abspath(ref.path)] = ref  # noqa: PTH100 - unlike resolve() it follows no link
    ordered = [by_path[path] for path in sorted(by_path, key=Path)]
    count = Counter(ref.id for ref in ordered)
    return with_ids_of_their_own(
        ref if count[ref.id] == 1 else SubmissionRef(shown_name(str(ref.path)), ref.path) for ref in ordered
    )
