"""Verdicts on a terminal: the class table, a submission's cards; plain lines where the output is no terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graders.model import NOT_CREATED, Evidence, RequirementResult, Results, Status, SubmissionResult
from graders.report.cards import says_again
from graders.report.depths import depth_line, shallow
from graders.report.isolation import isolation_line
from graders.report.marks import (
    MARKS,
    SUBMISSION_MARKS,
    WITHOUT_A_MARK,
    Step,
    apart,
    first_to_do,
    step_title,
    steps,
    uniform,
    unmet,
)
from graders.report.sources import Quotes
from lab_env.text import one_line, spans, visible

_WIDE = 132  # columns of the table with its steps
_ROW = 22  # where a row's id begins

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.table import Table
    from rich.text import Text


def print_class(console: Console, results: Results) -> None:
    """One row a submission: score, status, points by step, what fails; and first how deep, where that was not full."""
    if (line := depth_line(results)) is not None:
        console.print(line, style="bold", markup=False, highlight=False, soft_wrap=True)
    if console.is_terminal:
        console.print(class_table(results, with_steps=console.width >= _WIDE))
    else:
        for line in class_lines(results):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    for remark in results.versions.remarks:
        console.print(one_line(remark), style="dim", markup=False, highlight=False, soft_wrap=True)
    console.print(isolation_line(results.isolation), style="dim", markup=False, highlight=False, soft_wrap=True)


def print_cards(console: Console, submission: SubmissionResult, quotes: Quotes, only: Collection[str] = ()) -> None:
    """Every requirement of the submission (of ``only``, steps and ids, when it names any), and what fails in full.

    :param quotes: the learner's lines that the evidence names.
    """
    from rich.text import Text

    if uniform(submission):
        # Nothing was looked at: the reason says it all, 25 times would not say it better.
        mark = SUBMISSION_MARKS[submission.status]
        reason = one_line(submission.reason or submission.requirements[0].message)
        console.print(Text.assemble((f"{mark.symbol} {mark.word}  ", mark.style), reason), soft_wrap=True)
        _print_notes(console, submission)
        return
    errors = [note for note in submission.notes if note.startswith(NOT_CREATED)]
    for error in errors:
        # It explains more than any verdict does.
        console.print(_Wrapped(Text(f"✗ {one_line(error)}", style="bold red"), 0, 2), soft_wrap=not console.is_terminal)
        console.print()
    for step in steps(_of(submission, only)):
        console.print(Text.assemble((step.title, "bold"), f"  {step.score}"))
        for row in step.rows:
            if row.status in (Status.NOT_RUN, Status.BLOCKED):
                continue
            console.print(_Wrapped(_row_line(row), 0, _ROW), soft_wrap=not console.is_terminal)
            if row.status in (Status.FAIL, Status.ERROR, Status.UNGRADABLE):
                for line in _body(row, quotes):
                    console.print(line, soft_wrap=not console.is_terminal)
        for line in _not_looked_at(step):
            console.print(_Wrapped(line, 0, 6), soft_wrap=not console.is_terminal)
        console.print()
    _print_notes(console, submission, but=errors)


def _of(submission: SubmissionResult, only: Collection[str]) -> SubmissionResult:
    if not only:
        return submission
    rows = tuple(row for row in submission.requirements if row.id in only or row.step in only)
    return submission.model_copy(update={"requirements": rows})


def _print_notes(console: Console, submission: SubmissionResult, but: Collection[str] = ()) -> None:
    from rich.text import Text

    for note in submission.notes:
        if note not in but:
            console.print(_Wrapped(Text(f"Note: {one_line(note)}"), 0, 2), soft_wrap=not console.is_terminal)


@dataclass(frozen=True)
class _Wrapped:
    """A line of text: on a terminal on as many of its own as it takes, no word parted; in a pipe one."""

    text: Text
    indent: int
    hanging: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        from rich.text import Text

        pieces, own = [(0, len(self.text))], 0
        if console.is_terminal:
            own = len(self.text.plain) - len(self.text.plain.lstrip())
            pieces = spans(
                self.text.plain,
                options.max_width,
                indent=self.indent + own,
                hanging=max(self.hanging, self.indent + own),
            )
        for number, (start, end) in enumerate(pieces):
            before = max(self.hanging, self.indent + own) if number else self.indent + own
            yield Text(" " * before) + self.text[start:end]


def class_table(results: Results, *, with_steps: bool = True) -> Table:
    """The class as a Rich table; without the columns of the steps it fits a narrow terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False)
    table.add_column("Submission", overflow="fold")
    table.add_column(f"Score, {word}" if (word := shallow(results)) else "Score", justify="right", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    ids = _step_ids(results) if with_steps else ()
    for id_ in ids:
        table.add_column(step_title(id_), justify="right", no_wrap=True)
    table.add_column("To fix", overflow="fold")
    scored, without = apart(results.submissions)
    for submission in (*scored, *without):
        if scored and without and submission is without[0]:
            table.add_section()
            table.add_row(Text(WITHOUT_A_MARK, style="dim"))
        mark = SUBMISSION_MARKS[submission.status]
        by_id = {step.id: step for step in steps(submission)}
        cells: list[RenderableType] = [
            Text(one_line(submission.id), style="bold"),
            Text(score(submission), style="bold"),
            Text(f"{mark.symbol} {mark.word}", style=mark.style),
            *(_step_cell(by_id.get(id_)) for id_ in ids),
            Text(_to_fix(submission)),
        ]
        table.add_row(*cells)
    return table


def class_lines(results: Results) -> Iterator[str]:
    """The class as plain lines, one a submission."""
    width = max((len(one_line(submission.id)) for submission in results.submissions), default=0)
    scored, without = apart(results.submissions)
    for submission in (*scored, *without):
        if scored and without and submission is without[0]:
            yield f"{WITHOUT_A_MARK}:"
        by_step = " ".join(f"{step.id} {step.score}" for step in steps(submission))
        line = f"{one_line(submission.id):{width}}  {score(submission):>7}  {submission.status.value:10}  {by_step}"
        to_fix = _to_fix(submission)
        yield f"{line}  {to_fix}" if to_fix else line


def score(submission: SubmissionResult) -> str:
    """``87/100``; a dash for a submission that has no score."""
    return f"{'–' if submission.score is None else submission.score}/{submission.max_score}"


def next_step(submission: SubmissionResult) -> str | None:
    """The one thing to do next, or None when nothing fails."""
    row = first_to_do(submission)
    return None if row is None else step_to(row)


def step_to(row: RequirementResult) -> str:
    """What to do about a requirement that fails."""
    return f"{row.id}: {one_line(row.message)} (`lab hint {row.id}` says more.)"


def _step_ids(results: Results) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.step for one in results.submissions for row in one.requirements))


def _step_cell(step: Step | None) -> Text:
    from rich.text import Text

    if step is None:
        return Text("–", style="dim")
    marks = "".join(MARKS[row.status].symbol for row in step.rows)
    style = "green" if step.complete else "" if step.points else "dim"
    return Text(f"{step.score}\n{marks}", style=style)


def _to_fix(submission: SubmissionResult) -> str:
    """The ids that fail, or why there is no verdict on them."""
    if submission.status.value != "graded" and submission.reason:
        return one_line(submission.reason)
    return " ".join(row.id for row in unmet(submission))


def _row_line(row: RequirementResult) -> Text:
    from rich.text import Text

    mark = MARKS[row.status]
    points = f"{'–' if row.earned is None else row.earned}/{row.points}"
    return Text.assemble(
        "  ", (f"{mark.symbol} {mark.word:10}", mark.style), f" {points:>5}  {row.id:24} ", (one_line(row.title), "")
    )


def _not_looked_at(step: Step) -> Iterator[Text]:
    """What could not be looked at, a line for each reason: they are many, and there is nothing to do about them yet."""
    from rich.text import Text

    for by in dict.fromkeys(row.blocked_by for row in step.rows if row.status is Status.BLOCKED):
        ids = " ".join(row.id for row in step.rows if row.status is Status.BLOCKED and row.blocked_by == by)
        mark = MARKS[Status.BLOCKED]
        yield Text(f"  {mark.symbol} {mark.word} until {one_line(by or '?')} is met: {ids}", style=mark.style)
        for row in step.rows:  # what the files show of it all the same
            if row.status is Status.BLOCKED and row.blocked_by == by and row.evidence:
                yield Text(f"      {row.id}: {one_line(row.message)}")
    if ids := " ".join(row.id for row in step.rows if row.status is Status.NOT_RUN):
        mark = MARKS[Status.NOT_RUN]
        yield Text(f"  {mark.symbol} {mark.word}: {ids}", style=mark.style)


def _body(row: RequirementResult, quotes: Quotes) -> Iterator[RenderableType]:
    from rich.text import Text

    def indented(*parts: str | tuple[str, str]) -> RenderableType:
        return _Wrapped(Text.assemble(*parts), 6, 16)

    yield indented((one_line(row.message), "bold"))
    if row.advice is not None:
        yield indented(("means     ", "dim"), one_line(row.advice.means))
        for number, line in enumerate((row.advice.line or "").split("\n") if row.advice.line else ()):
            yield indented(("put right " if number == 0 else "          ", "dim"), visible(line).replace("\t", "  "))
    if row.observed and not says_again(row, row.observed):
        yield indented(("observed  ", "dim"), one_line(row.observed))
    if row.expected:
        yield indented(("expected  ", "dim"), one_line(row.expected))
    for seen in row.evidence:
        where = _where(seen)
        detail = "" if where and says_again(row, seen.detail) else one_line(seen.detail)
        yield indented(("seen      ", "dim"), (where, "cyan"), detail)
        yield from (indented(*line) for line in _quoted(seen, quotes))


def _where(seen: Evidence) -> str:
    if seen.path is not None:
        cell = "" if seen.cell is None else f" (cell {seen.cell + 1})"
        return f"{one_line(seen.path)}{'' if seen.line is None else f':{seen.line}'}{cell}  "
    return "" if seen.address is None else f"{one_line(seen.address)}  "


def _quoted(seen: Evidence, quotes: Quotes) -> Iterator[tuple[str | tuple[str, str], ...]]:
    """The cited lines themselves, without their surroundings."""
    found = quotes.excerpt(seen)
    for line in found.lines if found else ():
        if line.hit:
            yield (f"{line.number:>8} | ", "dim"), "".join(piece.text for piece in line.pieces).replace("\t", "  ")
    if found and found.hidden:
        yield ((f"         | … {found.hidden} more", "dim"),)
