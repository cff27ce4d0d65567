"""Where two submissions are alike: blocks side by side, and the words they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from graders.similarity.fingerprints import GRAM
from graders.similarity.material import Material, PlacedUnit, WordKey
from graders.similarity.model import Fragment, Region, SharedWord, Word

MAX_REGIONS = 12
MAX_WORDS_SHOWN = 12
# A k-gram in more blocks than these on one side says nothing about which block belongs to which.
_MAX_BLOCKS = 20

Weigh = Callable[[int], float]
"""The weight of a k-gram in this class; 0 for a given one and a common one."""


def regions(left: Material, right: Material, weigh: Weigh) -> tuple[Region, ...]:
    """Each block with the other side's block that has most in common with it, most telling first."""
    there = _blocks_by_gram(right.units)
    here = _blocks_by_gram(left.units)
    votes: dict[tuple[int, int], float] = defaultdict(float)
    for gram, blocks in here.items():
        others = there.get(gram, ())
        weight = weigh(gram) if others else 0.0
        if weight:
            for block in blocks:
                for other in others:
                    votes[block, other] += weight
    chosen = {*_best(votes, side=0), *_best(votes, side=1)}
    found = sorted(chosen, key=lambda pair: (-votes[pair], pair))[:MAX_REGIONS]
    return tuple(_region(left.units[a], right.units[b], votes[a, b], weigh) for a, b in found)


def shared_words(
    left: Material, right: Material, weigh: Callable[[WordKey], float], holders: Callable[[WordKey], int]
) -> tuple[SharedWord, ...]:
    """The names, texts and sentences that both have, comments first, then the most telling."""
    keys = [key for key in left.words if key in right.words and weigh(key)]
    keys.sort(key=lambda key: (key[0] != "comment", -weigh(key), key))
    return tuple(
        SharedWord(key[0], left.words[key][1].shown, _place(*left.words[key]), _place(*right.words[key]), holders(key))
        for key in keys[:MAX_WORDS_SHOWN]
    )


def _blocks_by_gram(units: Sequence[PlacedUnit]) -> dict[int, list[int]]:
    blocks: dict[int, list[int]] = {}
    for index, placed in enumerate(units):
        for gram in dict.fromkeys(placed.grams):
            held = blocks.setdefault(gram, [])
            if len(held) < _MAX_BLOCKS:
                held.append(index)
    return blocks


def _best(votes: dict[tuple[int, int], float], *, side: int) -> Iterator[tuple[int, int]]:
    best: dict[int, tuple[int, int]] = {}
    for pair in sorted(votes):
        held = best.get(pair[side])
        if held is None or votes[pair] > votes[held]:
            best[pair[side]] = pair
    yield from best.values()


def _region(left: PlacedUnit, right: PlacedUnit, weight: float, weigh: Weigh) -> Region:
    common = {gram for gram in set(left.grams) & set(right.grams) if weigh(gram)}
    return Region(_matched(left, common), _matched(right, common), weight)


def _matched(placed: PlacedUnit, grams: set[int]) -> Fragment:
    tokens = placed.unit.tokens
    size = min(GRAM, len(tokens))
    lines: set[int] = set()
    for position, gram in enumerate(placed.grams):
        if gram in grams:
            for token in tokens[position : position + size]:
                lines.update((token.line, token.end_line))
    return Fragment(placed.path, min(lines), max(lines), frozenset(lines), placed.unit.title)


def _place(path: str, word: Word) -> Fragment:
    return Fragment(path, word.line, word.end_line, frozenset(range(word.line, word.end_line + 1)))
