"""Compare a class: who is suspiciously like whom, beyond what was given and what half the class writes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from graders.similarity.clusters import clusters
from graders.similarity.material import Given, Material, Reader, WordKey, all_grams, fingerprints, given
from graders.similarity.model import Pair, Similarity
from graders.similarity.overlap import Overlap, count_holders, overlap, rarity
from graders.similarity.regions import regions, shared_words
from graders.similarity.words import size
from lab_env.submission import Submission

THRESHOLD = 0.45
# With this much in common a signal reaches half of what its containment says (Overlap.likeness).
STRUCTURE_DOUBT = 20.0  # fingerprints
WORDS_DOUBT = 20.0  # words of names and texts
COMMENTS_DOUBT = 18.0  # words of sentences
# A submission with less of its own than this many fingerprints cannot be told from any other that is right.
SMALL = 5.0
MAX_PAIRS = 100


@dataclass(frozen=True)
class _Signals:
    structure: float
    words: float
    comments: float
    identical: bool

    @property
    def score(self) -> float:
        """Each signal takes away its part of the doubt that the others leave."""
        if self.identical:
            return 1.0
        return 1.0 - (1.0 - self.structure) * (1.0 - self.words) * (1.0 - self.comments)


@dataclass(frozen=True)
class _Class:
    """A class, and what is known of each two of its members.

    :ivar gram_holders: how many have each k-gram; ``word_holders`` how many each word.
    :ivar identical: positions of two whose files are the same.
    """

    materials: Sequence[Material]
    without: Given
    gram_holders: Mapping[Hashable, int]
    word_holders: Mapping[Hashable, int]
    structure: Overlap
    words: Overlap
    comments: Overlap
    identical: frozenset[tuple[int, int]]

    def touching(self) -> list[tuple[int, int]]:
        """The pairs that share anything at all."""
        return sorted({*self.structure.shared, *self.words.shared, *self.comments.shared, *self.identical})

    def signals(self, i: int, j: int) -> _Signals:
        said = self.comments.shared.get((i, j), 0.0)
        return _Signals(
            structure=self.structure.likeness(i, j, STRUCTURE_DOUBT),
            words=self.words.likeness(i, j, WORDS_DOUBT),
            # No containment here: one rare sentence in two files is odd however much else they say.
            comments=said / (said + COMMENTS_DOUBT),
            identical=(i, j) in self.identical,
        )

    def pair(self, i: int, j: int) -> Pair:
        left, right, signals = self.materials[i], self.materials[j], self.signals(i, j)
        in_right, in_left = (1.0, 1.0) if signals.identical else self.structure.containments(i, j)
        return Pair(
            left=left.id,
            right=right.id,
            score=round(signals.score, 4),
            structure=round(signals.structure, 4),
            words=round(signals.words, 4),
            comments=round(signals.comments, 4),
            left_in_right=round(in_right, 4),
            right_in_left=round(in_left, 4),
            identical=signals.identical,
            regions=regions(left, right, self._gram_weight),
            shared=shared_words(left, right, self._word_weight, lambda key: self.word_holders[key]),
        )

    def _gram_weight(self, gram: int) -> float:
        return 0.0 if gram in self.without.grams else rarity(self.gram_holders[gram], len(self.materials))

    def _word_weight(self, key: WordKey) -> float:
        return 0.0 if key in self.without.words else size(*key) * rarity(self.word_holders[key], len(self.materials))


def compare(
    submissions: Sequence[Submission],
    subtract: Sequence[Submission] = (),
    *,
    threshold: float = THRESHOLD,
    left_out: Sequence[tuple[str, str]] = (),
) -> Similarity:
    """Compare each two submissions of a class.

    :param submissions: the class; ids are all different.
    :param subtract: the starter, the reference and whatever else the class was given.
    :param threshold: the lowest score that is listed, 0 to 1.
    :param left_out: id and reason of what could not be loaded, to be told on the page.
    """
    reader = Reader()
    without = given(reader.read(submission) for submission in subtract)
    known = _class([reader.read(submission) for submission in submissions], without)
    touching = known.touching()
    scores = {pair: score for pair in touching if (score := known.signals(*pair).score) >= threshold}
    listed = sorted(scores, key=lambda pair: (-round(scores[pair], 4), pair))
    ids = tuple(material.id for material in known.materials)
    shown = listed[:MAX_PAIRS]
    quoted = sorted({position for pair in shown for position in pair})
    return Similarity(
        pairs=tuple(known.pair(i, j) for i, j in shown),
        listed=len(listed),
        clusters=clusters((ids[i], ids[j]) for i, j in listed),
        compared=ids,
        pair_count=len(ids) * (len(ids) - 1) // 2,
        touching=len(touching),
        threshold=threshold,
        subtracted=without.names,
        small=tuple(id_ for id_, own in zip(ids, known.structure.own, strict=True) if own < SMALL),
        left_out=tuple(left_out),
        notes=tuple((material.id, note) for material in known.materials for note in material.notes),
        texts={submissions[i].id: {file.path: file.text for file in submissions[i].files} for i in quoted},
    )


def _class(materials: Sequence[Material], without: Given) -> _Class:
    gram_holders = count_holders(all_grams(material, without) for material in materials)
    word_holders = count_holders(material.words for material in materials)
    return _Class(
        materials=materials,
        without=without,
        gram_holders=gram_holders,
        word_holders=word_holders,
        structure=overlap([fingerprints(material, without) for material in materials], gram_holders),
        words=overlap([_sizes(m, without, ("name", "text")) for m in materials], word_holders),
        comments=overlap([_sizes(m, without, ("comment",)) for m in materials], word_holders),
        identical=frozenset(_identical(materials, without)),
    )


def _sizes(material: Material, without: Given, kinds: Sequence[str]) -> dict[Hashable, float]:
    return {key: size(*key) for key in material.words if key[0] in kinds and key not in without.words}


def _identical(materials: Sequence[Material], without: Given) -> Iterable[tuple[int, int]]:
    same: dict[str, list[int]] = {}
    for position, material in enumerate(materials):
        if material.bytes_digest is not None and material.bytes_digest not in without.digests:
            same.setdefault(material.bytes_digest, []).append(position)
    for positions in same.values():
        yield from combinations(positions, 2)
