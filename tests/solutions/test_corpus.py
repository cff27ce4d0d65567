"""The corpus: is every case well formed, and does the loader refuse what is not?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from graders.rubric import registry
from lab_env.errors import RubricError
from solutions.corpus import Case, Corpus, load_corpus, materialise

REFERENCE = {"main.tf": 'resource "a" "b" {\n  size = 7\n}\n'}
TEXTS = 'title = "A title"\nwhy = "A reason."\n'


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus()


def write(root: Path, case: str, toml: str, files: dict[str, str] | None = None) -> None:
    (root / case).mkdir(parents=True)
    (root / case / "case.toml").write_text(toml, encoding="utf-8")
    for path, text in (files or {}).items():
        (root / case / path).parent.mkdir(parents=True, exist_ok=True)
        (root / case / path).write_text(text, encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A corpus with a reference of one file."""
    write(tmp_path, "reference", TEXTS, REFERENCE)
    return tmp_path


def test_counts(corpus: Corpus) -> None:
    """Is there a reference, a starter, and at least the number of alternatives and mistakes that the issue asks for?"""
    assert [case.name for case in corpus.cases[:2]] == ["reference", "starter"]
    assert len(corpus.of_kind("alternative")) >= 25
    assert len(corpus.of_kind("mistake")) >= 80


def test_every_case_materialises(corpus: Corpus, tmp_path: Path) -> None:
    """Does each case become a directory with Terraform files and nothing of the corpus's own?"""
    for case in corpus:
        directory = materialise(case, tmp_path)
        files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
        assert files == set(case.files), case.name
        assert "case.toml" not in files
        if case.status == "graded":
            assert any(path.endswith(".tf") for path in files), case.name


def test_no_two_cases_are_the_same(corpus: Corpus) -> None:
    """Is each case another submission than all the others, and is each title its own?"""
    contents = Counter(tuple(case.files.items()) for case in corpus)
    assert [content[0][0] for content, count in contents.items() if count > 1] == []
    titles = Counter(case.title for case in corpus)
    assert [title for title, count in titles.items() if count > 1] == []


def test_a_reason_is_one_sentence(corpus: Corpus) -> None:
    """Does every case say in a sentence why it is right or wrong?"""
    for case in corpus:
        assert case.why.endswith("."), case.name
        assert not case.title.endswith("."), case.name


def test_no_workspace_leftovers(corpus: Corpus) -> None:
    """Are state files, lock files and plans kept out of the right solutions?"""
    for case in corpus:
        if case.kind in ("reference", "starter", "alternative"):
            left = (".tfstate", ".backup", ".tfplan", ".lock.hcl")
            assert not any(path.endswith(left) or ".terraform/" in path for path in case.files), case.name


def test_the_rubric_knows_every_id(corpus: Corpus) -> None:
    """Is every requirement that a case names in the rubric?"""
    corpus.check_ids({requirement.id for requirement in registry().requirements})


def test_the_starter_scores_nothing(corpus: Corpus) -> None:
    """Is every requirement expected to fail or to be blocked in the starter, and none in the reference?"""
    points = {requirement.id: requirement.points for requirement in registry().requirements}
    assert corpus["starter"].score(points) == 0
    assert corpus["reference"].score(points) == registry().max_score


def test_order_is_base_delete_files_edits(root: Path) -> None:
    """Are the base's files taken, some deleted, the case's own laid over them, and edits made last?"""
    write(
        root / "mistakes",
        "smaller",
        TEXTS + 'base = "wider"\ndelete = ["extra.tf"]\nfail = ["a.b"]\n'
        '[[edit]]\nfile = "new.tf"\nfind = "size = 8"\nreplace = "size = 9"\n',
        {"new.tf": "size = 8\n"},
    )
    write(root / "alternatives", "wider", TEXTS + 'base = "reference"\n', {"extra.tf": "# more\n"})
    case = load_corpus(root)["smaller"]
    assert case.base is not None
    assert case.base.name == "wider"
    assert case.files == {"main.tf": REFERENCE["main.tf"].encode(), "new.tf": b"size = 9\n"}


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("why = 'w'", "title: it is missing"),
        ("title = 't'\nwhy = ''", "why: it is empty"),
        (TEXTS + "points = 3", "points: this key is not known"),
        (TEXTS + "fail = [7]", "fail[1]: write plain text"),
        (TEXTS + "fail = 'kms.key'", "fail: write a list"),
        (TEXTS + "fail = ['kms.key', 'kms.key']", "fail: something is named twice"),
        (TEXTS + "fail = ['a.b']\nblocked = ['a.b']", "names an id as failed and also as blocked"),
        (TEXTS, "is a mistake and names nothing that must fail"),
        (TEXTS + "fail = ['a.b']\nstatus = 'lost'", "status: write 'graded', 'rejected' or 'ungradable'"),
        (TEXTS + "fail = ['a.b']\nbase = 'nobody'", 'has base = "nobody"'),
        (TEXTS + "fail = ['a.b']\nbase = 'wrong'", 'has base = "wrong"'),
        (TEXTS + "fail = ['a.b']\ndelete = ['main.tf']", "edits or deletes files but has no base"),
        (
            TEXTS + "fail = ['a.b']\nbase = 'reference'\ndelete = ['../x']",
            "delete[1]: the path ../x is not a plain relative one",
        ),
        (TEXTS + "fail = ['a.b']\nedit = 3", "edit: write a list"),
        (
            TEXTS + "fail = ['a.b']\nbase = 'reference'\n[[edit]]\nfile = 'main.tf'\nfind = '7'",
            "edit[1].replace: it is missing",
        ),
        (
            TEXTS + "fail = ['a.b']\nbase = 'reference'\n[[edit]]\nfile = 'main.tf'\nfind = '7'\nreplace = '7'",
            "edit[1]: the edit of main.tf changes nothing",
        ),
        ("title = ", "this is not TOML"),
    ],
)
def test_a_malformed_case_is_named(root: Path, toml: str, said: str) -> None:
    """Does the loader refuse a malformed case, and say which one and what is wrong with it?"""
    write(root / "mistakes", "wrong", toml)
    with pytest.raises(RubricError) as caught:
        load_corpus(root)
    assert "corpus case wrong" in caught.value.message
    assert said in caught.value.message
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("toml", "files", "said"),
    [
        ("[[edit]]\nfile = 'main.tf'\nfind = 'size = 8'\nreplace = ''", {}, "occurs 0 times"),
        ("[[edit]]\nfile = 'main.tf'\nfind = '\"'\nreplace = ''", {}, "occurs 4 times"),
        ("[[edit]]\nfile = 'other.tf'\nfind = 'x'\nreplace = ''", {}, "edits other.tf, which is not there"),
        ("delete = ['other.tf']", {}, "deletes other.tf, which its base does not have"),
        ("", REFERENCE, "has a main.tf that is the same as its base's"),
    ],
)
def test_a_change_without_effect_is_refused(root: Path, toml: str, files: dict[str, str], said: str) -> None:
    """Is an edit that does not find its place exactly once, a deletion or an overlay that changes nothing refused?"""
    write(root / "mistakes", "vain", TEXTS + "fail = ['a.b']\nbase = 'reference'\n" + toml, files)
    case = load_corpus(root)["vain"]
    with pytest.raises(RubricError) as caught:
        materialise(case, root / "out")
    assert "corpus case vain" in caught.value.message
    assert said in caught.value.message


def test_a_base_may_not_go_in_circles(root: Path) -> None:
    """Are two alternatives that start from each other refused?"""
    write(root / "alternatives", "one", TEXTS + "base = 'two'")
    write(root / "alternatives", "two", TEXTS + "base = 'one'")
    with pytest.raises(RubricError, match="is its own base"):
        load_corpus(root)


def test_names_are_unique_and_in_kebab_case(root: Path) -> None:
    """Are two cases of one name, and a name that is not in kebab-case, refused?"""
    write(root / "alternatives", "same", TEXTS, REFERENCE)
    write(root / "mistakes", "same", TEXTS + "fail = ['a.b']", REFERENCE)
    with pytest.raises(RubricError, match="has the name of another case"):
        load_corpus(root)
    (root / "mistakes" / "same").rename(root / "mistakes" / "Not_Kebab")
    with pytest.raises(RubricError, match="Not_Kebab has a name that is not in kebab-case"):
        load_corpus(root)


def test_a_right_solution_expects_nothing_else(root: Path) -> None:
    """Is an alternative that names a failing requirement refused?"""
    write(root / "alternatives", "right", TEXTS + "fail = ['a.b']", REFERENCE)
    with pytest.raises(RubricError, match="is a right solution and still expects"):
        load_corpus(root)


def test_a_directory_without_a_case_file_is_refused(root: Path) -> None:
    """Does a forgotten case.toml show?"""
    (root / "mistakes" / "forgotten").mkdir(parents=True)
    with pytest.raises(RubricError, match=r"forgotten has no case\.toml"):
        load_corpus(root)


def test_an_unknown_id_or_name_is_refused(root: Path) -> None:
    """Is an id that the rubric does not have reported with the case's name, and an unknown case by its own?"""
    write(root / "mistakes", "typo", TEXTS + "fail = ['kms.roation']", REFERENCE)
    corpus = load_corpus(root)
    with pytest.raises(RubricError, match=r"typo names kms\.roation"):
        corpus.check_ids({"kms.rotation"})
    with pytest.raises(RubricError, match="no case named nobody"):
        corpus["nobody"]


@pytest.mark.parametrize(
    ("kind", "toml", "said"),
    [
        ("mistakes", "fail = ['a.b']\nreason = 'x'", "reason: this key is not known"),
        ("hostile", "status = 'rejected'", "needs a reason exactly when it is refused"),
        ("hostile", "reason = 'x'", "needs a reason exactly when it is refused"),
        ("hostile", "status = 'rejected'\nreason = 'x'\nline = 3", "names a line and no path"),
        ("hostile", "status = 'rejected'\nreason = 'x'\npath = 'a.tf'\nline = 0", "line: the number is too small"),
        (
            "hostile",
            "status = 'rejected'\nreason = 'x'\npath = '../a.tf'",
            "path: the path ../a.tf is not a plain relative one",
        ),
        ("hostile", "status = 'rejected'\nreason = 'x'\nfires = 'plan'", "fires: write 'apply' or 'destroy'"),
    ],
)
def test_a_hostile_case_says_what_it_comes_to(root: Path, kind: str, toml: str, said: str) -> None:
    """Must an attack that is refused name the reason, and is a place or a command that cannot be refused itself?"""
    write(root / kind, "wrong", TEXTS + toml, {"a.tf": "x {}\n"})
    with pytest.raises(RubricError) as caught:
        load_corpus(root)
    assert said in caught.value.message


def test_disagreements() -> None:
    """Does a verdict other than the committed one show, in either direction?"""
    here = Path()
    mistake = Case("m", "mistake", "t", "w", here, fail=("a.x",), blocked=("a.y",), not_run=("a.z",))
    agreed = {"a.x": "fail", "a.y": "blocked", "a.z": "not_run", "b.x": "pass"}
    assert mistake.disagreements(agreed) == ()
    assert mistake.disagreements({**agreed, "a.y": "pass", "a.z": "pass"}) == ()
    assert mistake.disagreements({**agreed, "a.x": "pass"}) == ("a.x is pass, expected fail",)
    assert mistake.disagreements({**agreed, "b.x": "blocked"}) == ("b.x is blocked, expected pass",)
    every = Case("m", "mistake", "t", "w", here, fail=("a.x",), blocked=("*",))
    assert every.disagreements({"a.x": "fail", "b.x": "blocked"}) == ()
    assert every.disagreements({"a.x": "blocked"}) == ("a.x is blocked, expected fail",)
    assert mistake.disagreements({**agreed, "a.y": "fail"}) == ("a.y is fail, expected blocked or pass",)
    assert mistake.disagreements({**agreed, "b.x": "not_run"}, unseen={"b.x"}) == ()
    assert mistake.disagreements({"b.x": "pass"}) == ("a.x has no verdict, expected fail",)
    refused = Case("r", "hostile", "t", "w", here, fail=("a.x",), status="rejected")
    assert refused.disagreements({"a.x": "fail", "b.x": "blocked"}) == ()
    assert refused.disagreements({"a.x": "fail", "b.x": "pass"}) == ("b.x is pass, expected blocked",)
    unreadable = Case("u", "hostile", "t", "w", here, status="ungradable")
    assert unreadable.disagreements({"a.x": "ungradable"}) == ()
    assert unreadable.disagreements({"a.x": "fail"}) == ("a.x is fail, expected ungradable",)


def test_score() -> None:
    """Is the expected score what is left without the failed and blocked requirements, and 0 for a refused one?"""
    points = {"a.x": 10, "a.y": 20, "b.x": 70}
    here = Path()
    assert Case("m", "mistake", "t", "w", here, fail=("a.x",), blocked=("a.y",)).score(points) == 70
    assert Case("m", "mistake", "t", "w", here, fail=("a.x",), blocked=("*",)).score(points) == 0
    assert Case("h", "hostile", "t", "w", here, fail=("a.x",), status="rejected").score(points) == 0
