"""Fingerprints: what winnowing promises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graders.similarity.fingerprints import GRAM, WINDOW, Hasher, winnow

TEXTS = st.lists(st.sampled_from("abcdefgh"), max_size=60)
LONG_ENOUGH = st.lists(st.sampled_from("abcdefgh"), min_size=GRAM + WINDOW - 1, max_size=20)


@given(TEXTS, TEXTS, LONG_ENOUGH, TEXTS, TEXTS)
def test_a_shared_run_is_always_found(
    a: list[str], b: list[str], shared: list[str], c: list[str], d: list[str]
) -> None:
    """Do two texts that share GRAM + WINDOW - 1 tokens in a row share a fingerprint, whatever stands around them?"""
    hasher = Hasher()
    one, other = hasher.grams([*a, *shared, *b]), hasher.grams([*c, *shared, *d])
    assert winnow(one, frozenset()) & winnow(other, frozenset())


@given(TEXTS, TEXTS, LONG_ENOUGH, TEXTS)
def test_subtraction_leaves_the_promise(a: list[str], b: list[str], shared: list[str], base: list[str]) -> None:
    """Is that so for own runs when given ones are subtracted, and is nothing of the given ones chosen?"""
    hasher = Hasher()
    subtracted = frozenset(hasher.grams(base))
    one, other = winnow(hasher.grams([*a, *shared]), subtracted), winnow(hasher.grams([*shared, *b]), subtracted)
    assert not (one | other) & subtracted
    run = hasher.grams(shared)
    if not any(gram in subtracted for gram in run):
        assert one & other


@given(TEXTS)
def test_a_gram_is_its_tokens(text: list[str]) -> None:
    """Is the rolling hash of a place the hash of the tokens there, and one for each place?"""
    hasher = Hasher()
    grams = hasher.grams(text)
    if len(text) >= GRAM:
        assert grams == tuple(hasher.grams(text[i : i + GRAM])[0] for i in range(len(text) - GRAM + 1))
    else:
        assert len(grams) == (1 if len(text) > 2 else 0)


def test_hashes_are_the_same_in_every_run() -> None:
    """Do fingerprints not depend on the process (Python's own hash of a text does)?"""
    assert Hasher().grams(list("abcdef")) == (KNOWN,)


KNOWN = 2171011226333805812
