"""The similarity page: pairs of a class that are suspiciously alike, side by side, and what that does not prove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from graders.report.pages import fill
from graders.similarity import (
    THRESHOLD,
    Fragment,
    Pair,
    Region,
    SharedWord,
    Similarity,
    compare,
    course_files,
    load_class,
)
from graders.similarity.values import put_back
from lab_env.files import PRIVATE, write_output
from lab_env.lesson import Lesson
from lab_env.submission import Submission, SubmissionRef
from lab_env.text import counted, listed, one_line, visible

_CONTEXT = 1  # lines around a matched one
_LONGEST = 24  # lines of one side of a region
_WIDEST = 160  # characters of a line
_OPEN = 3  # pairs that are unfolded
_KINDS = {"comment": "Comment", "text": "Text", "name": "Name"}


@dataclass(frozen=True)
class FragmentLine:
    """A line of a file. ``gap``: lines before it are not shown."""

    number: int
    text: str
    hit: bool
    gap: bool


@dataclass(frozen=True)
class Side:
    """One submission's half of a region. ``hidden``: matched lines that are left out because there are too many."""

    id: str
    title: str
    where: str
    lines: tuple[FragmentLine, ...]
    hidden: int


@dataclass(frozen=True)
class Quote:
    """A name, a text or a sentence of a comment, and where both have it."""

    kind: str
    shown: str
    left: str
    right: str
    holders: int


@dataclass(frozen=True)
class PairView:
    """One pair of the page."""

    pair: Pair
    number: int
    anchor: str
    reasons: tuple[str, ...]
    quotes: tuple[Quote, ...]
    regions: tuple[tuple[Side, Side], ...]
    open: bool


@dataclass(frozen=True)
class ClusterView:
    members: str
    size: int
    said: str


def render(similarity: Similarity) -> str:
    """The page's text."""
    pairs = [pair_view(number, pair, similarity.texts) for number, pair in enumerate(similarity.pairs, start=1)]
    return fill(
        "similarity.html.j2",
        styles=("page.css", "similarity.css"),
        packages=("graders.similarity",),
        similarity=similarity,
        pairs=pairs,
        clusters=[
            ClusterView(
                listed(one.members), len(one.members), f"{one.pairs} of its {counted(one.possible, 'pair')} are listed"
            )
            for one in similarity.clusters
        ],
        usual=THRESHOLD,
        subtracted=listed(similarity.subtracted),
        small=listed(similarity.small),
    )


def of_class(
    refs: Iterable[SubmissionRef], further: Iterable[Submission] = (), variants: Mapping[str, Lesson] | None = None
) -> Similarity:
    """Load a class and compare it; the lesson's starter and reference are subtracted.

    :param variants: what was asked of each learner, by id, where it was not the same; it is put back before they are compared.
    :param further: what else the class was given, to be subtracted too.
    """
    submissions, left_out = load_class(refs)
    compared, foreign = put_back(submissions, variants or {})
    found = compare(compared, course_files(further), left_out=left_out)
    return replace(found, notes=(*foreign, *found.notes))


def write(similarity: Similarity, path: Path) -> None:
    """Writes the page to ``path``, whole or not at all.

    :raises UsageError: the directory is missing or may not be written to.
    """
    write_output(path, render(similarity), mode=PRIVATE)


def pair_view(number: int, pair: Pair, texts: Mapping[str, Mapping[str, str]]) -> PairView:
    """A pair as the page shows it.

    :param number: its place on the page, from 1.
    :param texts: files by id, then by path.
    """
    left, right = texts.get(pair.left, {}), texts.get(pair.right, {})
    return PairView(
        pair=pair,
        number=number,
        anchor=f"p{number}",
        reasons=tuple(_reasons(pair)),
        quotes=tuple(_quotes(pair.shared)),
        regions=tuple(_sides(pair, region, left, right) for region in pair.regions),
        open=number <= _OPEN,
    )


def _reasons(pair: Pair) -> Iterator[str]:
    if pair.identical:
        yield "Their .tf files are the same, byte for byte, whatever the files are called."
    elif pair.regions:
        yield (
            f"Of what is {pair.left}'s own in structure, {_percent(pair.left_in_right)} stands in {pair.right}'s files too; "
            f"the other way round it is {_percent(pair.right_in_left)}."
        )
    comments = sum(1 for word in pair.shared if word.kind == "comment")
    if comments:
        yield f"They share {counted(comments, 'sentence')} in comments that hardly anybody else has."


def _quotes(shared: Iterable[SharedWord]) -> Iterator[Quote]:
    for word in shared:
        yield Quote(_KINDS[word.kind], _cut(one_line(word.shown)), _where(word.left), _where(word.right), word.holders)


def _sides(pair: Pair, region: Region, left: Mapping[str, str], right: Mapping[str, str]) -> tuple[Side, Side]:
    return _side(pair.left, region.left, left), _side(pair.right, region.right, right)


def _side(id: str, place: Fragment, files: Mapping[str, str]) -> Side:
    lines = files.get(place.path, "").split("\n")
    wanted = sorted(
        {near for hit in place.hits for near in range(hit - _CONTEXT, hit + _CONTEXT + 1) if 1 <= near <= len(lines)}
    )
    shown: list[FragmentLine] = []
    for number in wanted[:_LONGEST]:
        gap = bool(shown) and number > shown[-1].number + 1
        shown.append(
            FragmentLine(number, _cut(visible(lines[number - 1].removesuffix("\r"))), number in place.hits, gap)
        )
    hidden = sum(1 for number in wanted[_LONGEST:] if number in place.hits)
    return Side(id, place.title, _where(place), tuple(shown), hidden)


def _where(place: Fragment) -> str:
    """``modules/secrets/kms.tf:3-5``."""
    span = f"{place.line}" if place.end_line <= place.line else f"{place.line}-{place.end_line}"
    return f"{place.path}:{span}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[:_WIDEST] + "…"
