"""Are copies found among honest work, and honest work left alone? Measured on the corpus with copies planted in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from graders.similarity import THRESHOLD, Pair, Similarity, compare
from lab_env.submission import Submission, load_submission
from solutions.corpus import Corpus, load_corpus, materialise
from tests.graders.similarity.planting import DISGUISES, files_of, merged, renamed, seeded, submission

pytestmark = pytest.mark.slow

# Right designs that differ from the reference by enough lines of their own to be told from others.
OWN_DESIGN = (
    "aws-execution-policy-and-logs",
    "cluster-and-service",
    "combined-policy-documents",
    "count-and-index",
    "dynamic-blocks",
    "for-each-over-a-map",
    "heredocs",
    "inline-policy-block",
    "locals-and-merge",
    "many-small-files",
    "module-at-root",
    "nested-modules",
    "policy-attached",
    "second-key-for-logs",
    "settings-in-the-open",
    "sibling-modules",
    "sidecar-and-log-router",
    "write-only-value",
)
# Right designs that are the reference but for names, comments or a line: a renamed copy of one is what anybody writes.
LIKE_THE_REFERENCE = ("names-in-every-script", "one-key-by-environment", "single-file", "windows-line-endings")
COPY = "copy-of-"


# Cases of one kind share what their kind needs (a second role, a policy of its own), as no two learners would: the class is made of
# those that share nothing but the reference.
CLASS = frozenset(Path(__file__).with_name("class.txt").read_text("utf-8").split())


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The solutions of the class."""
    whole = load_corpus()
    return Corpus(tuple(case for case in whole if case.name in CLASS or case.kind in ("reference", "starter")))


def honest(corpus: Corpus, *, every: int = 4) -> list[Submission]:
    """Every right design and each so-many-th mistake."""
    cases = (*corpus.of_kind("alternative"), *corpus.of_kind("mistake")[::every])
    return [submission(case.name, files_of(case)) for case in cases]


def given(corpus: Corpus) -> list[Submission]:
    """What the class was given."""
    return [submission(name, files_of(corpus[name])) for name in ("starter", "reference")]


def copies(corpus: Corpus, disguise: str, names: Iterable[str]) -> list[Submission]:
    """One copy of each in this disguise."""
    return [submission(f"{COPY}{name}", DISGUISES[disguise](files_of(corpus[name]), seeded(name))) for name in names]


def origin(corpus: Corpus, id: str) -> str:
    """What a submission was made from: itself, unless it is a copy or a variation of an alternative."""
    name = id.removeprefix(COPY)
    base = corpus[name].base
    return base.name if base is not None and base.kind == "alternative" else name


def unrelated(corpus: Corpus, similarity: Similarity) -> list[Pair]:
    """The listed pairs whose two have nothing to do with each other."""
    return [p for p in similarity.pairs if origin(corpus, p.left) != origin(corpus, p.right)]


@pytest.mark.parametrize("disguise", DISGUISES)
def test_precision_and_recall(corpus: Corpus, disguise: str) -> None:
    """Of 22 copies in this disguise among 110 others, how many are found, and is anything else reported?

    Recall at least 0.8 of all and 1.0 of those with a design of their own; precision 1.0.
    """
    names = (*OWN_DESIGN, *LIKE_THE_REFERENCE)
    found = compare([*honest(corpus), *copies(corpus, disguise, names)], given(corpus))
    pairs = {(pair.left, pair.right) for pair in found.pairs}
    recalled = {name for name in names if (name, f"{COPY}{name}") in pairs}
    assert set(OWN_DESIGN) - recalled == set()
    assert len(recalled) / len(names) >= 0.8
    assert [(p.left, p.right, p.score) for p in unrelated(corpus, found)] == []


def test_highest_score_of_honest_work(corpus: Corpus) -> None:
    """Does no pair of different origin in the whole corpus reach 0.42, as the page says?"""
    found = compare(honest(corpus, every=1), given(corpus), threshold=0.3)
    assert found.listed == len(found.pairs)
    assert max(pair.score for pair in unrelated(corpus, found)) < 0.42 < THRESHOLD


def test_mistakes_are_no_copies_of_each_other(corpus: Corpus) -> None:
    """Are mistakes, which share nothing but the reference, never reported?"""
    mistakes = [submission(case.name, files_of(case)) for case in corpus.of_kind("mistake")]
    assert compare(mistakes, given(corpus)).pairs == ()


def test_without_subtraction_everybody_is_alike(corpus: Corpus) -> None:
    """Is it really the subtraction that clears the mistakes?"""
    mistakes = [submission(case.name, files_of(case)) for case in corpus.of_kind("mistake")[:2]]
    assert [pair.score >= THRESHOLD for pair in compare(mistakes).pairs] == [True]


@pytest.mark.parametrize("size", [2, 3, 6, 10])
def test_small_classes_of_honest_work(corpus: Corpus, size: int) -> None:
    """Do different designs score low where the class is too small to tell what is common?"""
    for seed in range(6):
        names = sorted(seeded(seed).sample(OWN_DESIGN, size))
        found = compare([submission(n, files_of(corpus[n])) for n in names], given(corpus), threshold=0.25)
        assert [(p.left, p.right, p.score) for p in found.pairs] == []


@pytest.mark.parametrize("size", [2, 3, 12])
def test_small_classes_with_a_copy(corpus: Corpus, size: int) -> None:
    """Is a copy found in a class of two and three as well?"""
    others = [submission(n, files_of(corpus[n])) for n in OWN_DESIGN[: size - 1]]
    found = compare([*others, *copies(corpus, "everything", OWN_DESIGN[:1])], given(corpus))
    assert [(p.left, p.right) for p in found.pairs] == [(OWN_DESIGN[0], f"{COPY}{OWN_DESIGN[0]}")]


def test_padding_hides_nothing(corpus: Corpus) -> None:
    """Is a renamed copy found when another whole design is put around it, and do the containments say which way?"""
    padded = {f"b/{p}": t for p, t in files_of(corpus["settings-in-the-open"]).items()}
    padded |= merged(renamed(files_of(corpus["policy-attached"]), seeded(1)), seeded(1))
    class_ = [*(s for s in honest(corpus) if s.id != "settings-in-the-open"), submission("padded", padded)]
    pair = next(p for p in compare(class_, given(corpus)).pairs if p.right == "padded")
    assert pair.left == "policy-attached"
    assert pair.left_in_right > 0.95
    assert pair.right_in_left < 0.5


def test_half_a_copy_is_a_reason_to_look(corpus: Corpus) -> None:
    """Is somebody found who took over one half of a large design and wrote the other?"""
    taken = {p: t for p, t in files_of(corpus["dynamic-blocks"]).items() if "iam" in t or "statement" in t}
    own = {f"own-{p}": t for p, t in files_of(corpus["many-small-files"]).items() if "iam" not in t}
    copy = submission("half", own | renamed(taken, seeded(2)))
    class_ = [s for s in honest(corpus) if s.id != "many-small-files"]
    assert ("dynamic-blocks", "half") in {(p.left, p.right) for p in compare([*class_, copy], given(corpus)).pairs}


def test_a_copy_that_no_longer_parses(corpus: Corpus) -> None:
    """Does a brace that is taken away from one block hide the others?"""
    files = renamed(merged(files_of(corpus["locals-and-merge"]), seeded(3)), seeded(3))
    broken = {path: text.rstrip().removesuffix("}") for path, text in files.items()}
    found = compare([*honest(corpus), submission("broken", broken)], given(corpus))
    assert ("locals-and-merge", "broken") in {(p.left, p.right) for p in found.pairs}
    assert "broken" in {id for id, _ in found.notes}


def test_copies_from_disk(corpus: Corpus, tmp_path: Path) -> None:
    """Does the same hold for submissions that were loaded from a directory?"""
    loaded = [load_submission(materialise(corpus[name], tmp_path)) for name in ("heredocs", "policy-attached")]
    again = load_submission(tmp_path / "heredocs", id="zoe")
    subtracted = [load_submission(materialise(corpus[name], tmp_path)) for name in ("starter", "reference")]
    found = compare([*loaded, again], subtracted)
    assert [(p.left, p.right, p.identical, p.score) for p in found.pairs] == [("heredocs", "zoe", True, 1.0)]
