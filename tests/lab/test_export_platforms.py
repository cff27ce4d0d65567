"""``lab export`` for platforms that run graders: which submission, where the file goes, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.marking.anonymous import anonymise
from graders.model import SubmissionStatus
from graders.report import json_report
from tests.graders.report import samples
from tests.graders.report.platforms.test_outcomes import RUNNER
from tests.lab.conftest import Ran


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A class with every status."""
    json_report.write(samples.results(), tmp_path / "results.json")
    return tmp_path / "results.json"


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """Results of one submission, as a platform's own run has them."""
    json_report.write(samples.results(samples.every_status()[0]), tmp_path / "one.json")
    return tmp_path / "one.json"


@pytest.mark.parametrize("platform", ["gradescope", "prairielearn"])
def test_one_submission_needs_no_name(lab: Callable[..., Ran], one: Path, platform: str) -> None:
    """Is the file on standard output and nothing else there, and the same with --out?"""
    shown = lab("export", platform, one)
    written = lab("export", platform, one, "--out", one.with_name("out.json"))
    assert (shown.code, written.code, written.out) == (0, 0, "")
    assert json.loads(shown.out)["score"] in (76, 76 / 98)
    assert one.with_name("out.json").read_text(encoding="utf-8") == shown.out


def test_one_of_a_class(lab: Callable[..., Ran], results: Path) -> None:
    """Does --submission choose one, and is a class without it refused with the names that there are?"""
    assert json.loads(lab("export", "gradescope", results, "--submission", "bruno-keller").out)["score"] == 100
    refused = lab("export", "gradescope", results)
    assert (refused.code, refused.out) == (2, "")
    assert "These are 6 submissions, and a file is about one." in refused.err
    assert "amara-okafor, bruno-keller" in refused.err


def test_a_class_in_a_directory(lab: Callable[..., Ran], results: Path, tmp_path: Path) -> None:
    """Has each submission with a score a file, the one without none, and does the exit code say that there was one?"""
    ran = lab("export", "gradescope", results, "--out", tmp_path / "marks")
    assert ran.code == 4
    assert "emi-tanaka has no score, by a fault of the grader" in ran.err
    assert "5 files of others written" in ran.err
    scores = {path.name[:5]: json.loads(path.read_text("utf-8"))["score"] for path in (tmp_path / "marks").iterdir()}
    assert scores == {"amara": 76, "bruno": 100, "chiar": 0, "dmitr": 0, "scrip": 4}


def test_an_older_mark_is_none(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is the file of an earlier run gone when the newer one has no score, and what else lies there still there?"""
    good = samples.submission("emi", samples.rows())
    json_report.write(samples.results(good, samples.every_status()[0]), tmp_path / "first.json")
    assert lab("export", "prairielearn", tmp_path / "first.json", "--out", tmp_path / "marks").code == 0
    (tmp_path / "marks" / "notes.txt").write_text("mine")
    broken = samples.submission("emi", samples.rows(), status=SubmissionStatus.ERROR, reason="engine")
    json_report.write(samples.results(broken, samples.every_status()[0]), tmp_path / "second.json")
    assert lab("export", "prairielearn", tmp_path / "second.json", "--out", tmp_path / "marks").code == 4
    assert sorted(path.name[:5] for path in (tmp_path / "marks").iterdir()) == ["amara", "notes"]


@pytest.mark.parametrize("platform", ["gradescope", "classroom50", "prairielearn"])
def test_no_score_no_file(
    lab: Callable[..., Ran], results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    """Does a submission without a score end with code 4, one sentence, and no file?"""
    for name, value in RUNNER.items():
        monkeypatch.setenv(name, value)
    ran = lab("export", platform, results, "--submission", "emi-tanaka", "--out", tmp_path / "mark.json")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.splitlines()[0].startswith("emi-tanaka has no score, by a fault of the grader")
    assert not (tmp_path / "mark.json").exists()


def test_classroom50_from_its_runner(lab: Callable[..., Ran], one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the push the one that Classroom 50's runner names in the environment?"""
    for name, value in RUNNER.items():
        monkeypatch.setenv(name, value)
    document = json.loads(lab("export", "classroom50", one).out)
    assert (document["classroom"], document["owner"], document["score"]) == ("clouds-2026", "amara", 76)


def test_names_come_back(lab: Callable[..., Ran], one: Path, tmp_path: Path) -> None:
    """Is a submission of an anonymous grading found by its own name, with the names file?"""
    plain = lab("export", "gradescope", one).out
    anonymous = anonymise(json_report.load(one), tmp_path / "names.csv")
    json_report.write(anonymous, tmp_path / "anonymous.json")
    ran = lab("export", "gradescope", tmp_path / "anonymous.json", "--names", tmp_path / "names.csv",
              "--submission", "amara-okafor")  # fmt: skip
    assert (ran.code, ran.out) == (0, plain)


@pytest.mark.parametrize("kind", ["github-annotations", "github-sarif", "github-summary"])
def test_github(lab: Callable[..., Ran], one: Path, kind: str) -> None:
    """Is what GitHub shows on standard output, so that a workflow can pass it on?"""
    ran = lab("export", kind, one)
    assert ran.code == 0
    assert "modules/secrets/kms.tf" in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gradescope", "nowhere.json"), "Cannot read nowhere.json"),
        (("gradescope", "{results}", "--submission", "nobody"), "There is no submission nobody"),
        (("gradescope", "{results}", "--roster", "list.csv"), "are for class lists"),
        (("gradescope", "{results}", "--visibility", "never"), "never"),
        (("prairielearn", "{one}", "--visibility", "hidden"), "--visibility is Gradescope's"),
        (("canvas", "{results}", "--submission", "bruno-keller"), "for platforms that run graders"),
        (("classroom50", "{one}"), "Classroom 50's result file names the push"),
        (("classroom50", "{results}", "--out", "{tmp}/marks"), "takes the result of one push"),
        (("gradescope", "{one}", "--out", "/nowhere/mark.json"), "Cannot write"),
        (("gradescope", "{results}", "--out", "{one}"), "Cannot make the directory"),
    ],
)
def test_mistakes_are_usage(
    lab: Callable[..., Ran], results: Path, one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    """Does each mistake in the call end with code 2, a sentence, and no file?"""
    for name in RUNNER:
        monkeypatch.delenv(name, raising=False)
    ran = lab("export", *(word.format(results=results, one=one, tmp=tmp_path) for word in words))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not (tmp_path / "marks").exists()
