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
from lab.guard import keeping
from lab_env.errors import UsageError
from lab_env.text import counted

if TYPE_CHECKING:
    from rich.console import Console

    from graders.assignment import Assignment
    from graders.batch.events import OnEvent
    from graders.batch.ledger import Ledger
    from graders.batch.run_config import RunConfig
    from graders.marking.policy import Policy
    from graders.model import Results, SubmissionResult
    from graders.report.sources import Quotes, Sources
    from lab_env.submission import SubmissionRef

_NAMED = 3
"""Files that a line names; of more it says how many."""
_PASSED = 10
"""The same, of those beside a class that are nobody's."""


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

        :raises UsageError: a directory is missing, two reports are to go to the same file, or submissions are to be compared and
            the reference, whose text is nobody's copy, is not here.
        """
        if self.similarity is not None:
            from solutions.corpus import require_solutions

            require_solutions()
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
            from notebooks.given import given

            variants = {one.id: one.variant for one in results.submissions if one.variant is not None}
            similarity_page.write(similarity_page.of_class(refs, given(), variants), self.similarity)

    def tell(self, console: Console, results: Results) -> None:
        """Print a line for each file that was written, and one about learners' pages that are older than this run."""
        for path in (*self.files, *((self.feedback,) if self.feedback else ())):
            console.print(f"Written: {path}", soft_wrap=True)
        if self.feedback:
            from graders.report.feedback_pages import pages_of_others

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
class ClassList:
    """From what it is known who handed in nothing.

    :param path: the class list; None: there is none.
    :param match: its column with the submissions' ids, when it shall not be guessed.
    :param before: an earlier grading of the class, which tells it where there is no list.
    """

    path: Path | None = None
    match: str | None = None
    before: Results | None = None

    def check(self, policy: Path | None, *, missing: bool) -> None:
        """Say before the work that nothing would be made of a list.

        :param missing: whether the policy says what those get.
        :raises UsageError: there is a list for nothing, or a column of none.
        """
        if self.match is not None and self.path is None:
            raise UsageError(
                "--match names a column of a roster, and there is none.", next_step="Give the list with --roster."
            )
        if self.path is not None and not missing:
            where = "there is no policy" if policy is None else f"{policy} says nothing of that"
            raise UsageError(
                f"--roster is for a policy that gives 0 to who handed in nothing, and {where}.",
                next_step="Write `missing: 0` into a policy file and name it with --policy; `lab export` has a --roster of "
                "its own.",
            )

    def absent(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Tell who handed in nothing.

        :raises UsageError: somebody did, but nobody knows who: one person would get a mark and a 0.
        """
        from graders.marking import regrade, roster

        if self.path is not None:
            found = roster.absent(roster.read_roster(self.path), ids, column=self.match)
            where = self.path.name
            next_step = (
                "Name the column that holds the submissions' ids with --match, or write those ids into the list; who is not "
                "in the class has no place in its directory."
            )
        elif self.before is not None:
            found = regrade.absent(self.before, ids)
            where = "The earlier grading"
            next_step = "Name the class list with --roster: by it one can tell."
        else:
            return ()
        if found.names and found.strangers:
            raise UsageError(
                f"{where} does not have {_some(found.strangers)}, and for {_some(found.names)}, who would get 0, there is no "
                "submission: one may be the other.",
                next_step=next_step,
            )
        return found.names


@dataclass(frozen=True)
class Marking:
    """What is made of a grader's results before anybody sees them: a policy's marks, then pseudonyms.

    :param names: the file that keeps the names; it is made or used again.
    :param absent: who is in the class list and handed in nothing.
    """

    policy: Policy | None = None
    names: Path | None = None
    absent: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        policy: Path | None,
        names: Path | None,
        refs: Sequence[SubmissionRef],
        config: RunConfig | None = None,
        class_list: ClassList | None = None,
    ) -> Marking:
        """Read the policy and check the names in it: a typing error is said before the work, not after it.

        :param config: names the packages that add requirements.
        :param class_list: for a policy that says what those get who handed in nothing.
        """
        class_list = class_list or ClassList()
        if policy is None:
            class_list.check(None, missing=False)
            return cls(None, names)
        from graders.assignment import Rules
        from graders.marking.policy import check_names, read_policy
        from graders.rubric import registry

        rules = read_policy(policy)
        missing = rules.rules.missing is not None
        class_list.check(policy, missing=missing)
        ids = [ref.id for ref in refs]
        nothing = class_list.absent(ids) if missing else ()
        requirements = registry(Rules(packages=config.packages if config is not None else ())).requirements
        check_names(rules, (*ids, *nothing), (one.id for one in requirements))
        return cls(rules, names, nothing)

    def results(self, results: Results, refs: Sequence[SubmissionRef]) -> Results:
        """Give the results as they are shown."""
        if self.policy is not None:
            from graders.marking.policy import apply, times_of, with_missing

            results = apply(self.policy, with_missing(results, self.absent), times_of(refs))
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


def named(refs: Sequence[SubmissionRef], asked: Assignment | None) -> tuple[SubmissionRef, ...]:
    """Call a submission that lies in nbgrader's ``submitted/<student>/<assignment>`` by its student where each has own values."""
    if asked is None or asked.variants is None:
        return tuple(refs)
    from lab_env.submission.find import with_ids_of_their_own
    from lab_env.submission.model import shown_name

    students = [_nbgraders_student(ref.path) for ref in refs]
    count = Counter(students)
    return with_ids_of_their_own(
        ref
        if student is None
        else replace(ref, id=student if count[student] == 1 else f"{student}/{shown_name(ref.path.name)}")
        for ref, student in zip(refs, students, strict=True)
    )


def settings(
    *,
    depth: str,
    engine: str,
    jobs: int | None,
    plain: bool,
    cluster: str | None,
    no_cache: bool,
    asked: Path | None,
) -> RunConfig:
    """Put together how a class is graded, from the options of a verb that grades one.

    :param asked: the instructor's file that says what was asked for.
    :raises UsageError: one of them cannot be.
    """
    from graders.batch.run_config import RunConfig

    return RunConfig.of(
        depth=depth,
        engine=engine,
        jobs=jobs,
        plain=plain,
        cluster=cluster,
        cache=not no_cache,
        assignment=assignment(asked),
    )


def _nbgraders_student(path: Path) -> str | None:
    from lab_env.submission.model import shown_name

    student = path.absolute().parent
    return shown_name(student.name) if student.parent.name == "submitted" else None


def assignment(path: Path | None) -> Assignment | None:
    """Read an instructor's file; None: the standard lesson is asked for.

    :raises UsageError: it is not there, or not understood.
    """
    from graders.assignment import read_assignment

    return None if path is None else read_assignment(path)


def _some(names: Sequence[str]) -> str:
    from lab_env.text import listed, one_line

    first = [one_line(name) for name in names[:_NAMED]]
    return listed(first if len(names) <= _NAMED else [*first, f"{len(names) - _NAMED} more"])


@contextmanager
def shown(total: int | None = None, what: str = "done") -> Iterator[OnEvent]:
    """Show on standard error what the grader tells the function that this gives.

    :param total: how many submissions there are, when that is known beforehand.
    :param what: what they are then.
    """
    from graders.report.progress import ProgressDisplay

    with ProgressDisplay(screen.errors(), total, what) as progress:
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
        opened = stack.enter_context(Ledger(ledger)) if ledger is not None else None
        stack.enter_context(keeping(lambda: _kept(opened, len(refs))))
        on_event = stack.enter_context(shown(len(refs), "graded"))
        return grade_many(refs, config, ledger=opened, on_event=on_event, finish=finish)


def _kept(ledger: Ledger | None, total: int) -> str:
    """What an interrupted run leaves, and how to go on."""
    if ledger is None or not ledger.holds:
        return ""
    verdicts = f"the verdicts of {ledger.holds} of {counted(total, 'submission')}"
    return f"{verdicts} are kept in {ledger.writing}; run the same command to go on from there."


def found(paths: Sequence[Path]) -> tuple[SubmissionRef, ...]:
    """Find the submissions at the paths, in path order.

    :raises UsageError: a path does not exist.
    """
    from lab.guard import say
    from lab_env.submission.find import look_through
    from lab_env.text import listed

    looked = [look_through(path, alone=len(paths) == 1) for path in paths]
    if passed_over := [name for one in looked for name in one.passed_over]:
        more = f" and {len(passed_over) - _PASSED} more" if len(passed_over) > _PASSED else ""
        say(
            f"Not a submission, so passed over: {listed(passed_over) if not more else ', '.join(passed_over[:_PASSED]) + more}."
        )
    refs = one_of_each([ref for one in looked for ref in one.refs])
    if not refs:
        raise UsageError(
            "There is no submission.", next_step="Name a directory, a .zip or .tar.gz archive, or an .ipynb file."
        )
    return refs


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
    named = "\0".join([depth, *(str(ref.path.absolute()) for ref in refs)])
    directory = ledgers()
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory / f"{hashlib.sha256(named.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.ledger"


def ledgers() -> Path:
    """Find where the ledgers lie of runs that write no result JSON."""
    from lab_env.engine import state

    return state.directory() / "runs"


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
