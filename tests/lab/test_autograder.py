"""``lab autograder``: a file for each platform, and mistakes in the call that end before anything is written."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.conftest import Ran


@pytest.mark.parametrize(
    ("platform", "begins"),
    [
        ("gradescope", b"PK"),
        ("prairielearn", b"PK"),
        ("github", b"# Grades each push"),
        ("classroom50", b'"""Grades a push'),
    ],
)
def test_each_platform_gets_its_file(lab: Callable[..., Ran], tmp_path: Path, platform: str, begins: bytes) -> None:
    """Is the file written, and said, and nothing on standard output?"""
    ran = lab("autograder", platform, "--out", tmp_path / "made")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"Written: {tmp_path / 'made'}\n"
    assert (tmp_path / "made").read_bytes().startswith(begins)


def test_the_settings_are_the_calls(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Do depth, visibility, policy and version reach the zip?"""
    (tmp_path / "weights.yaml").write_text("weights:\n  kms.rotation: 8\n")
    words = ("--depth", "plan", "--visibility", "hidden", "--policy", tmp_path / "weights.yaml",
             "--requirement", "secrets-lab==9.9")  # fmt: skip
    assert lab("autograder", "gradescope", "--out", tmp_path / "made.zip", *words).code == 0
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        settings = archive.read("settings.sh").decode().splitlines()
        assert archive.read("requirements.txt") == b"secrets-lab==9.9\n"
        assert archive.read("policy.yaml") == b"weights:\n  kms.rotation: 8\n"
    assert {"DEPTH=plan", "VISIBILITY=hidden", "POLICY=policy.yaml"} <= set(settings)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gradescope",), "--out"),
        (("canvas", "--out", "{out}"), "canvas"),
        (("github", "--out", "{out}", "--visibility", "hidden"), "--visibility is Gradescope's"),
        (("classroom50", "--out", "{out}", "--policy", "p.yaml"), "A policy goes with gradescope and prairielearn"),
        (("gradescope", "--out", "{out}", "--policy", "nowhere.yaml"), "nowhere.yaml"),
        (("gradescope", "--out", "{out}", "--wheel", "nowhere.whl"), "not called as a wheel"),
        (("github", "--out", "{out}", "--requirement", "secrets-lab"), "names no version"),
        (("gradescope", "--out", "/nowhere/a.zip"), "Cannot write"),
    ],
)
def test_mistakes_are_usage(lab: Callable[..., Ran], tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """Does each mistake in the call end with code 2, a sentence, and no file?"""
    ran = lab("autograder", *(word.format(out=tmp_path / "made") for word in words))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not (tmp_path / "made").exists()


def test_one_hand_in_by_name(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is what a platform hands over one submission of the id given, also where it would be a class or nothing?"""
    from graders.report import json_report

    for name in ("one", "two"):
        (tmp_path / "handed" / name / "modules" / "secrets").mkdir(parents=True)
        (tmp_path / "handed" / name / "modules" / "secrets" / "main.tf").write_text("locals {}\n")
    written = tmp_path / "results.json"
    ran = lab("grade", tmp_path / "handed", "--as", "ann/repo", "--depth", "static", "--json", written)
    assert ran.code == 0
    (graded,) = json_report.load(written).submissions
    assert (graded.id, graded.status.value) == ("ann/repo", "ungradable")
    assert lab("grade", tmp_path / "nowhere", "--as", "ann", "--depth", "static").code == 2
    assert lab("grade", tmp_path, tmp_path, "--as", "ann", "--depth", "static").code == 2
    refused = lab("grade", tmp_path / "handed", "--as", "a\x1b[31m", "--depth", "static")
    assert refused.code == 2
    assert "--as gives no id that can be shown" in refused.err
