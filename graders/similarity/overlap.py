"""What each two of a class share, by an inverted index: time grows with what is shared, not with the number of pairs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

# In a smaller class nobody can say what is common, so it is treated as one of this size.
SMALLEST_CLASS = 12


def rarity(holders: int, members: int) -> float:
    """How much it says that two share a feature which ``holders`` of ``members`` submissions have.

    The inverse document frequency of information retrieval (Spärck Jones, 1972), scaled: 1 when only these two have it,
    0 when more than half of the class does.
    """
    members = max(members, SMALLEST_CLASS)
    if 2 * holders > members:
        return 0.0
    return min(1.0, math.log(members / holders) / math.log(members / 2))


@dataclass(frozen=True)
class Overlap:
    """Weights by position in the class.

    :ivar own: of everything each submission has.
    :ivar shared: of what two have in common, for ``(i, j)`` with ``i < j``; pairs that share nothing are not there.
    """

    own: tuple[float, ...]
    shared: Mapping[tuple[int, int], float]

    def containments(self, i: int, j: int) -> tuple[float, float]:
        """How much of what ``i`` has ``j`` has too, and the other way round; 0 to 1."""
        common = self.shared.get((i, j), 0.0)
        return _share(common, self.own[i]), _share(common, self.own[j])

    def likeness(self, i: int, j: int, doubt: float) -> float:
        """The higher containment, less the less there is in common: 0 to 1.

        :param doubt: with this much in common the containment counts half. Two who have only three lines of their own
            have the same three by chance.
        """
        common = self.shared.get((i, j), 0.0)
        return max(self.containments(i, j)) * common / (common + doubt)


def overlap(features: Sequence[Mapping[Hashable, float]], holders: Mapping[Hashable, int]) -> Overlap:
    """Compare everybody with everybody.

    :param features: for each submission its features with their sizes; a feature has the same size everywhere.
    :param holders: how many submissions of the class have each feature.
    """
    members = len(features)
    own = [0.0] * members
    postings: dict[Hashable, list[int]] = {}
    weights: dict[Hashable, float] = {}
    for position, sizes in enumerate(features):
        for feature, size in sizes.items():
            if feature not in weights:
                weights[feature] = size * rarity(holders[feature], members)
            if weights[feature]:
                own[position] += weights[feature]
                postings.setdefault(feature, []).append(position)
    # Features that the same people have are added up first: a class of copies costs no more than any other.
    groups: dict[tuple[int, ...], float] = {}
    for feature, positions in postings.items():
        if len(positions) > 1:
            key = tuple(positions)
            groups[key] = groups.get(key, 0.0) + weights[feature]
    shared: dict[tuple[int, int], float] = {}
    for together, weight in groups.items():
        for index, left in enumerate(together):
            for right in together[index + 1 :]:
                shared[left, right] = shared.get((left, right), 0.0) + weight
    return Overlap(tuple(own), shared)


def count_holders(features: Iterable[Iterable[Hashable]]) -> Counter[Hashable]:
    """How many of the given collections, each without repetitions, hold each feature."""
    return Counter(feature for collection in features for feature in collection)


def _share(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole else 0.0
