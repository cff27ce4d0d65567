"""Fingerprints of token sequences: hashes of k-grams, thinned by winnowing.

Schleimer, Wilkerson, Aiken: "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003. From every window
of ``WINDOW`` neighbouring k-grams the one with the smallest hash is kept. What two texts share in a run of at least
``GRAM + WINDOW - 1`` tokens is found for certain, and nothing shorter than ``GRAM`` is, but for whole blocks that are.

K-grams of the given files are subtracted before a window chooses, not after: which ones those are depends on the hash
alone, so the guarantee holds for what is left, and a given k-gram never takes the place of an own one.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from hashlib import blake2b

GRAM = 6
WINDOW = 3
_MODULUS = (1 << 61) - 1
_BASE = 1_000_003


class Hasher:
    """Karp-Rabin hashes of k-grams; the same on every machine and in every run."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}

    def grams(self, texts: Sequence[str]) -> tuple[int, ...]:
        """The hash of the k-gram at each position; a short sequence is one k-gram, one of a word or two is none."""
        numbers = [self._number(text) for text in texts]
        if len(numbers) < 3:
            return ()
        size = min(GRAM, len(numbers))
        out = 0
        top = pow(_BASE, size - 1, _MODULUS)
        hashes = []
        for position, number in enumerate(numbers):
            if position >= size:
                out = (out - numbers[position - size] * top) % _MODULUS
            out = (out * _BASE + number) % _MODULUS
            if position >= size - 1:
                hashes.append(out)
        return tuple(hashes)

    def _number(self, text: str) -> int:
        known = self._words.get(text)
        if known is None:
            digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            known = self._words[text] = int.from_bytes(digest, "big") % _MODULUS
        return known


def winnow(grams: Sequence[int], given: Set[int]) -> frozenset[int]:
    """The hashes that the windows choose, none of ``given`` among them."""
    chosen = set()
    for start in range(max(1, len(grams) - WINDOW + 1)):
        own = [gram for gram in grams[start : start + WINDOW] if gram not in given]
        if own:
            chosen.add(min(own))
    return frozenset(chosen)
