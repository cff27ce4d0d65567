"""What the class page shows besides the learners themselves: marks, heat map, charts, items and failing lines."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.model import Points, RequirementResult, Results, Status, SubmissionResult, SubmissionStatus
from graders.report import charts
from graders.report.cards import anchors_of, section_anchor, share
from graders.report.depths import one_maximum, shallow
from graders.report.failing_lines import FailingLine, failing_lines, failing_place, shortened
from graders.report.items import Item, analyse
from graders.report.marks import MARKS, SUBMISSION_MARKS, WITHOUT_A_MARK, Mark, Step, step_title, steps, uniform
from graders.report.sources import Quotes, Sources
from lab_env.text import counted

_LOSSES = 10
NAMED = 40
"""Learners that a failing line names; of more it says how many."""
IN_FULL = 25
"""Learners up to whom the page has everybody's cards; of a larger class it has what each did not meet."""
_DEAREST = 8
_WIDEST = 400  # characters of a message in a large class


@dataclass(frozen=True)
class Cell:
    """One requirement of one learner. ``href`` leads to its card; None where there is nothing to look up."""

    id: str
    status: Status
    mark: Mark
    href: str | None


@dataclass(frozen=True)
class Row:
    """One learner.

    :param href: where the learner's cards are.
    :param cells: a cell a column; None where the learner has no such requirement.
    :param steps: by the step's id.
    """

    result: SubmissionResult
    mark: Mark
    href: str
    share: float
    cells: tuple[Cell | None, ...]
    steps: dict[str, Step]

    @property
    def remarks(self) -> bool:
        """Whether there is something to say besides the marks."""
        return bool(self.result.reason or self.result.adjustments or self.result.notes)


@dataclass(frozen=True)
class Span:
    """A step's columns in the heat map."""

    title: str
    columns: int


@dataclass(frozen=True)
class FailingLearner:
    """A learner with a failing line, and where it is shown."""

    name: str
    href: str


@dataclass(frozen=True)
class Trouble:
    line: FailingLine
    places: tuple[FailingLearner, ...]


@dataclass(frozen=True)
class Loss:
    """A requirement that a learner of a large class did not meet. :param line: the learner's own, with ``where`` it stands."""

    row: RequirementResult
    anchor: str
    where: str
    line: str | None


@dataclass(frozen=True)
class Brief:
    """A learner of a large class, in short.

    :param troubles: what cost most, the dearest first.
    :param others: a sentence each: what else was lost or said.
    :param met: requirements that passed.
    """

    row: Row
    anchor: str
    troubles: tuple[Loss, ...]
    others: tuple[str, ...]
    met: int


@dataclass(frozen=True)
class ClassView:
    """The class page's own part.

    :param depth: ``static`` or ``plan`` where the run was not full.
    :param maximum: what all marks are out of; None where that differs.
    :param marked: the rows in groups, each with what is said above it: those with a mark, and apart those without.
    :param without: how many those are.
    :param rated: whether any item has a difficulty; ``compared`` a discrimination.
    :param unseen_items: items on which nobody was judged.
    :param briefs: the learners in short, where there are too many for their cards.
    :param average: mean score in percent, as ``median``; None when nobody has a score.
    :param counts: submissions by status, those that there are.
    :param bins: the score distribution; ``histogram`` shows it.
    :param losses: the requirements that cost the class most; ``losses_chart`` shows them, None when nothing was lost.
    :param legend: the statuses in the heat map.
    """

    depth: str
    maximum: Points | None
    rows: tuple[Row, ...]
    marked: tuple[tuple[str, tuple[Row, ...]], ...]
    without: int
    spans: tuple[Span, ...]
    step_titles: dict[str, str]
    legend: tuple[tuple[Status, Mark], ...]
    average: float | None
    median: float | None
    full: int
    counts: tuple[tuple[SubmissionStatus, Mark, int], ...]
    bins: tuple[charts.Bar, ...]
    histogram: str
    losses: tuple[Item, ...]
    losses_chart: str | None
    items: tuple[Item, ...]
    rated: bool
    compared: bool
    unseen_items: int
    troubles: tuple[Trouble, ...]
    briefs: tuple[Brief, ...]


def class_view(results: Results, sources: Sources, links: Sequence[str] | None = None) -> ClassView:
    """The view of a class.

    :param links: an address a submission, of the page that shows it; None when this page shows them all.
    """
    submissions = results.submissions
    items = analyse(submissions)
    spans = list(dict.fromkeys(item.step for item in items))
    items = tuple(sorted(items, key=lambda item: spans.index(item.step)))  # a step's columns stand side by side
    in_short = links is None and len(submissions) > IN_FULL
    rows = tuple(
        _row(
            number,
            submission,
            [item.id for item in items],
            links[number - 1] if links is not None else None,
            shown=_dearest(submission) if in_short else None,
        )
        for number, submission in enumerate(submissions, start=1)
    )
    shares = [100 * share(one) for one in submissions if one.score is not None and one.max_score > 0]
    bins = score_bins(submissions)
    losses = tuple(
        sorted((one for one in items if one.lost + one.lost_unseen), key=lambda one: -(one.lost + one.lost_unseen))
    )[:_LOSSES]
    scored = tuple(row for row in rows if row.result.score is not None)
    without = tuple(row for row in rows if row.result.score is None)
    depth, maximum = shallow(results), one_maximum(results)
    return ClassView(
        depth=depth,
        maximum=maximum,
        rows=rows,
        marked=(("", scored), (WITHOUT_A_MARK, without)),
        without=len(without),
        spans=tuple(Span(step_title(step), sum(1 for item in items if item.step == step)) for step in spans),
        step_titles={step: step_title(step) for step in spans},
        legend=tuple(
            (status, mark)
            for status, mark in MARKS.items()
            if any(cell is not None and cell.status is status for row in rows for cell in row.cells)
        ),
        average=round(statistics.fmean(shares), 1) if shares else None,
        median=round(statistics.median(shares), 1) if shares else None,
        full=sum(1 for one in submissions if one.score is not None and one.score >= one.max_score > 0),
        counts=tuple(
            (status, mark, count)
            for status, mark in SUBMISSION_MARKS.items()
            if (count := sum(1 for one in submissions if one.status is status))
        ),
        bins=bins,
        histogram=charts.columns(bins, under=_under(depth, maximum), label=_told(bins, depth)),
        losses=losses,
        losses_chart=_losses_chart(losses) if losses else None,
        items=items,
        rated=any(item.difficulty is not None for item in items),
        compared=any(item.discrimination is not None for item in items),
        unseen_items=sum(not item.looked_at for item in items),
        troubles=tuple(
            Trouble(line, tuple(_place(rows[position], line.id) for position in line.where))
            for line in failing_lines(submissions, sources)
        ),
        briefs=tuple(
            _brief(number, row, sources.get(row.result.id, Quotes())) for number, row in enumerate(rows, start=1)
        )
        if in_short
        else (),
    )


def score_bins(submissions: Sequence[SubmissionResult]) -> tuple[charts.Bar, ...]:
    """How many scored 0 to 9 percent, 10 to 19 and so on, and 100; below 0 counts as 0, no score as nothing."""
    counts = [0] * 11
    for one in submissions:
        if one.score is not None and one.max_score > 0:
            counts[min(10, max(0, int(one.score * 10 // one.max_score)))] += 1
    return tuple(charts.Bar(str(10 * index), count) for index, count in enumerate(counts))


def _dearest(submission: SubmissionResult) -> tuple[str, ...]:
    """The ids of what cost a learner most; of equals the earlier in the rubric."""
    if uniform(submission):
        return ()
    lost = [row for row in submission.requirements if row.status in (Status.FAIL, Status.ERROR, Status.UNGRADABLE)]
    return tuple(row.id for row in sorted(lost, key=lambda row: -row.points)[:_DEAREST])


def _brief(number: int, row: Row, quotes: Quotes) -> Brief:
    anchors = anchors_of(number, row.result)
    by_id = {one.id: one for one in row.result.requirements}
    dearest = _dearest(row.result)
    return Brief(
        row=row,
        anchor=section_anchor(number),
        troubles=tuple(_loss(by_id[id_], anchors[id_], quotes) for id_ in dearest),
        others=tuple(_others(row.result, dearest)),
        met=sum(one.status is Status.PASS for one in row.result.requirements),
    )


def _loss(row: RequirementResult, anchor: str, quotes: Quotes) -> Loss:
    short = row.model_copy(update={"message": shortened(row.message, _WIDEST)})
    found = failing_place(row, quotes)
    return Loss(short, anchor, *(found or ("", None)))


def _others(result: SubmissionResult, shown: Sequence[str]) -> Iterator[str]:
    if result.reason:
        yield result.reason
    for words, status in (("Not met, too", Status.FAIL), ("Could not be looked at before that", Status.BLOCKED)):
        ids = [row.id for row in result.requirements if row.status is status and row.id not in shown]
        if ids:
            yield f"{words}: {', '.join(ids)}."


def _row(
    number: int, submission: SubmissionResult, ids: Sequence[str], link: str | None, shown: Sequence[str] | None
) -> Row:
    """:param shown: the requirements that the page has something to lead to for; None: all."""
    # On a page of its own a learner is number 1.
    anchors = anchors_of(number if link is None else 1, submission)
    by_id = {row.id: row for row in submission.requirements}
    bare = uniform(submission)  # then there are no cards to lead to
    page = link or ""

    def cell(row: RequirementResult | None) -> Cell | None:
        if row is None:
            return None
        # Links on what passed would be a thousand stops for somebody who goes through the page by keyboard.
        nothing = bare or row.status in (Status.PASS, Status.NOT_RUN) or (shown is not None and row.id not in shown)
        href = None if nothing else f"{page}#{anchors[row.id]}"
        return Cell(row.id, row.status, MARKS[row.status], href)

    return Row(
        result=submission,
        mark=SUBMISSION_MARKS[submission.status],
        href=f"#{section_anchor(number)}" if link is None else link,
        share=share(submission),
        cells=tuple(cell(by_id.get(id_)) for id_ in ids),
        steps={step.id: step for step in steps(submission)},
    )


def _place(row: Row, id_: str) -> FailingLearner:
    cell = next((cell for cell in row.cells if cell is not None and cell.id == id_), None)
    return FailingLearner(row.result.id, cell.href if cell is not None and cell.href is not None else row.href)


def _losses_chart(losses: Sequence[Item]) -> str:
    bars = [charts.Bar(item.id, item.lost, item.lost_unseen) for item in losses]
    worst = losses[0]
    label = (
        f"Points lost by requirement, over the whole class: most by {worst.id}, "
        f"{counted(worst.lost + worst.lost_unseen, 'point')}. The table below has the numbers."
    )
    return charts.rows(bars, solid="failed", hollow="never looked at", label=label)


def _under(depth: str, maximum: Points | None) -> str:
    if not depth:
        return "score in percent: bars of ten, 100 by itself"
    return f"percent of {counted(maximum, 'point') if maximum is not None else 'the points'}, {depth}: bars of ten"


def _told(bins: Sequence[charts.Bar], depth: str) -> str:
    scored = sum(one.solid for one in bins)
    fullest = max(bins, key=lambda one: one.solid)
    if not scored:
        return "Score distribution: nobody has a score."
    at = f", depth {depth}" if depth else ""
    span = "100" if fullest is bins[-1] else f"{fullest.name} to {int(fullest.name) + 9}"
    return (
        f"Score distribution of {counted(scored, 'submission')}{at}: the largest group, {fullest.solid}, "
        f"has {span} percent. The table below has the numbers."
    )
