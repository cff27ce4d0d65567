"""What the comparison says besides the score: where, in which direction, in which groups, and what it left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.similarity import Similarity, compare, course_files, load_class
from graders.similarity.clusters import clusters
from graders.similarity.material import Reader
from graders.similarity.overlap import count_holders, overlap, rarity
from lab_env.submission import SourceFile, Submission, SubmissionRef, load_submission
from solutions.corpus import load_corpus, materialise
from tests.graders.similarity.planting import everything, files_of, merged, renamed, seeded, submission

CORPUS = load_corpus()
GIVEN = [submission(name, files_of(CORPUS[name])) for name in ("starter", "reference")]
KEY = """\
# Only the night shift knows why this vault needs two doors, so ask them before you touch it.
resource "aws_kms_key" "vault" {
  description = "Vault of the night shift"
}
"""
SAME_COMMENT = """\
variable "environment" {
  type = string
}

/* only the Night Shift knows why this vault needs
   two doors; so ask them before you touch it! */
resource "aws_kms_alias" "other" {
  name = "x"
}
"""


def class_of(*names: str) -> Similarity:
    """Some right designs of the corpus, with a renamed and reordered copy of the first."""
    copy = everything(files_of(CORPUS[names[0]]), seeded("x"))
    return compare([*(submission(n, files_of(CORPUS[n])) for n in names), submission("zoe", copy)], GIVEN)


def test_regions_stand_where_they_say() -> None:
    """Do both sides of a region name lines that hold the same block, and lie its hits within them?"""
    found = class_of("policy-attached", "heredocs", "count-and-index")
    (pair,) = found.pairs
    assert len(pair.regions) >= 5
    assert [region.weight for region in pair.regions] == sorted((r.weight for r in pair.regions), reverse=True)
    for region in pair.regions:
        for id, place in ((pair.left, region.left), (pair.right, region.right)):
            lines = found.texts[id][place.path].split("\n")
            assert min(place.hits) == place.line
            assert max(place.hits) == place.end_line <= len(lines)
        left, right = region.left.title.split("."), region.right.title.split(".")
        assert left[:-1] == right[:-1], "the same type under another name"
        assert left[-1] != right[-1]


def test_shared_sentences_are_a_signal_of_their_own() -> None:
    """Are two listed that share nothing but a rare comment, however it is broken into lines, with both places?"""
    found = compare([submission("a", {"k.tf": KEY}), submission("b", {"o.tf": SAME_COMMENT})], GIVEN)
    (pair,) = found.pairs
    assert (pair.structure, pair.words) == (0, 0)
    assert pair.comments == pair.score
    assert [(w.kind, w.left.path, w.left.line, w.right.line, w.right.end_line) for w in pair.shared] == [
        ("comment", "k.tf", 1, 5, 6)
    ]


def test_a_comment_of_the_starter_is_nobodys() -> None:
    """Is a comment that everybody was given no signal?"""
    starter = submission("starter", {"k.tf": KEY})
    found = compare([submission("a", {"k.tf": KEY}), submission("b", {"o.tf": SAME_COMMENT})], [starter], threshold=0)
    assert found.pairs == ()


def test_the_same_files_under_other_names() -> None:
    """Are files the same when only their names differ, and is nobody identical who handed in what was given?"""
    files = files_of(CORPUS["single-file"])
    moved = {f"other-{Path(path).name}": text for path, text in files.items()}
    reference = files_of(CORPUS["reference"])
    everybody = [submission(id, f) for id, f in (("a", files), ("b", moved), ("c", reference), ("d", reference))]
    found = compare(everybody, GIVEN)
    assert [(p.left, p.right, p.identical, p.score, p.left_in_right) for p in found.pairs] == [("a", "b", True, 1, 1)]
    assert found.small == ("c", "d")


def test_groups_of_three_and_more() -> None:
    """Do three copies make a group, two none, and does a group say how many of its pairs are listed?"""
    assert clusters([("a", "b"), ("c", "d")]) == ()
    (chain,) = clusters([("d", "c"), ("a", "b"), ("b", "c")])
    assert (chain.members, chain.pairs, chain.possible) == (("a", "b", "c", "d"), 3, 6)
    files = files_of(CORPUS["dynamic-blocks"])
    found = compare(
        [
            submission("ann", files),
            submission("ben", renamed(files, seeded(1))),
            submission("cleo", everything(files, seeded(2))),
            submission("dora", files_of(CORPUS["heredocs"])),
        ],
        GIVEN,
    )
    assert [(c.members, c.pairs) for c in found.clusters] == [(("ann", "ben", "cleo"), 3)]


def test_what_was_compared_is_told() -> None:
    """Are the pairs counted, the subtracted named, and what was left out and only partly read?"""
    broken = submission("b", {"a.tf": 'resource "x" {{{ "y"\n'})
    found = compare([submission("a", {"k.tf": KEY}), broken], GIVEN, left_out=[("c", "It is no archive.")])
    assert found.compared == ("a", "b")
    assert (found.pair_count, found.touching, found.listed) == (1, 0, 0)
    assert found.subtracted == ("starter", "reference")
    assert found.left_out == (("c", "It is no archive."),)
    assert [(id, "a.tf" in note) for id, note in found.notes] == [("b", True)]


def test_the_order_of_the_class_changes_no_score() -> None:
    """Are the scores and the pairs the same when the class is read the other way round?"""
    names = ("policy-attached", "heredocs", "nested-modules", "counted-submodules", "resource-as-an-output")
    everybody = [submission(n, files_of(CORPUS[n])) for n in names]
    one = compare(everybody, GIVEN, threshold=0)
    other = compare(everybody[::-1], GIVEN, threshold=0)
    assert {(frozenset((p.left, p.right)), p.score) for p in one.pairs} == {
        (frozenset((p.left, p.right)), p.score) for p in other.pairs
    }


def test_an_empty_class() -> None:
    """Is there an answer for nobody and for one?"""
    assert compare([], GIVEN).pairs == ()
    assert compare([submission("a", {"k.tf": KEY})], GIVEN).pair_count == 0


@pytest.mark.parametrize(
    "text",
    [
        "\n" * (1 << 20),
        "{" * (1 << 20),
        '"' * (1 << 20),
        "/*" + "*" * (1 << 20),
        "# a b c d e f g. " * (1 << 16),
        "# a b c d e f g.\n" * (1 << 16),
        "resource\n" * (1 << 16),
        'resource "a" "b" {}\n' * (1 << 15),
        f"a = {'[' * 500}{']' * 500}\n",
        f"a = [{'1,' * 5000}]\n",
        'x = "' + "y" * (1 << 20) + '"',
        "x = <<EOT\n" + '"a" ' * (1 << 18),
        'x = "# no comment"\n',
        "\r" * 1000 + "\u2028\u202e\x00",
    ],
    ids=range(14),
)
def test_hostile_files_stop_nobody(text: str) -> None:
    """Is a file that is huge, deep or nonsense survived, twice the same one found, and everybody else compared?"""
    copy = files_of(CORPUS["policy-attached"])
    found = compare(
        [
            submission("evil", {"a.tf": text}),
            submission("twin", {"b.tf": text}),
            submission("ann", copy),
            submission("ben", merged(copy, seeded(1))),
        ],
        GIVEN,
    )
    assert {("evil", "twin"), ("ann", "ben")} == {(p.left, p.right) for p in found.pairs}


def test_too_much_text_is_left_out_with_a_note() -> None:
    """Is a submission of many large files read up to a bound, with the names of what was not?"""
    files = {f"{number:03}.tf": f"x{number} = 1\n" * 50_000 for number in range(10)}
    found = compare([submission("big", files), submission("ann", {"k.tf": KEY})], GIVEN)
    assert "009.tf is left out" in " ".join(note for _, note in found.notes)


def test_what_cannot_be_loaded_is_left_out(tmp_path: Path) -> None:
    """Does a broken archive leave the others alone, and is its reason kept?"""
    (tmp_path / "bad.zip").write_bytes(b"PK no archive")
    refs = [
        SubmissionRef("good", materialise(CORPUS["heredocs"], tmp_path)),
        SubmissionRef("bad", tmp_path / "bad.zip"),
    ]
    loaded, left_out = load_class(refs)
    assert [s.id for s in loaded] == ["good"]
    assert [id for id, _ in left_out] == ["bad"]
    assert "archive" in left_out[0][1]


def test_the_lesson_is_subtracted(tmp_path: Path) -> None:
    """Are the starter and the reference there without being named, and a further one when it is?"""
    assert [s.id for s in course_files()] == ["the starter", "the reference"]
    further = load_submission(materialise(CORPUS["heredocs"], tmp_path))
    assert [s.id for s in course_files([further])][2:] == ["heredocs"]


def test_rarity() -> None:
    """Does a feature of two count fully, one of more than half nothing, and is a tiny class taken for a larger one?"""
    assert rarity(2, 300) == 1
    assert 0 < rarity(150, 300) < rarity(30, 300) < 1
    assert rarity(151, 300) == 0
    assert rarity(3, 3) > 0.7


def test_overlap_adds_up() -> None:
    """Are own and shared weights those of a plain comparison of each two?"""
    features = [{"a": 1.0, "b": 2.0}, {"b": 2.0, "c": 1.0}, {"a": 1.0, "b": 2.0, "c": 1.0}, {}]
    holders = count_holders(features)
    found = overlap([dict(f) for f in features], holders)
    for i, one in enumerate(features):
        assert found.own[i] == pytest.approx(sum(size * rarity(holders[k], 4) for k, size in one.items()))
        for j in range(i + 1, len(features)):
            both = sum(size * rarity(holders[k], 4) for k, size in one.items() if k in features[j])
            assert found.shared.get((i, j), 0.0) == pytest.approx(both)


def test_what_is_read_is_compared_too() -> None:
    """Are a template's words the submission's own when the module names it, and those of a file that nobody reads not?"""
    call = 'locals {\n  c = templatefile("${path.module}/ledger.tftpl", {})\n}\n'
    text = '[{ "name": "ledger", "image": "registry.example/night-shift-ledger-of-the-vault:stable" }]\n'
    found = {}
    for main in (call, "locals {}\n"):
        files = (SourceFile("main.tf", main.encode()),)
        handed = Submission("ann", "sha256:ann", files, ".", (SourceFile("ledger.tftpl", text.encode()),))
        material = Reader().read(handed)
        found[main] = ("vault" in repr(material.words), material.notes, material.bytes_digest)
    assert [(seen, notes) for seen, notes, _ in found.values()] == [(True, ()), (False, ())]
