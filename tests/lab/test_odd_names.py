"""Names on the disk that are not UTF-8: shown in every report, and nobody's run ended by them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from solutions.corpus import load_corpus, materialise

pytestmark = pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no such names")
ODD = b"caf\xe9"
REPORTS = ("--json", "r.json", "--html", "r.html", "--csv", "r.csv", "--junit", "r.xml", "--sarif", "r.sarif",
           "--similarity", "s.html", "--feedback", "pages")  # fmt: skip


def lab(directory: Path, *words: str | bytes) -> subprocess.CompletedProcess[str]:
    """The console script, in a terminal of somebody who has UTF-8."""
    environment = {**os.environ, "LAB_STATE_DIR": str(directory / "state"), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-m", "lab.cli", *words], cwd=directory, env=environment, text=True, capture_output=True
    )


def test_in_a_class(tmp_path: Path) -> None:
    """Do a directory, an archive and a file with such names have rows, reports and a second run, beside everybody else?"""
    case = load_corpus()["reference"]
    group = tmp_path / "class"
    ann = materialise(case, group).rename(group / "ann")
    named = materialise(case, tmp_path / "made")
    os.rename(os.fsencode(named), os.fsencode(group) + b"/" + ODD)  # noqa: PTH104 - bytes are no Path
    inside = materialise(case, group).rename(group / "inside")
    (inside / "modules/secrets" / os.fsdecode(ODD + b".tf")).write_text("locals {}\n")
    (group / os.fsdecode(ODD + b".zip")).write_bytes(b"no archive")
    done = lab(tmp_path, "grade", "class", "--depth", "static", *REPORTS)
    assert done.returncode == 0, done.stderr
    rows = {one["id"]: one for one in json.loads((tmp_path / "r.json").read_text())["submissions"]}
    shown = "caf\\xe9"
    # The directory and the archive would have one id, so they are called by their names.
    assert {id: one["status"] for id, one in rows.items()} == {
        "ann": "graded",
        shown: "graded",
        f"{shown}.zip": "ungradable",
        "inside": "ungradable",
    }
    assert rows[shown]["score"] == rows["ann"]["score"]
    assert "not UTF-8" in rows["inside"]["reason"]
    assert f"{shown}.zip cannot be read" in rows[f"{shown}.zip"]["reason"]
    assert len(list((tmp_path / "pages").iterdir())) == len(rows)
    for name in ("r.html", "r.csv", "r.xml", "r.sarif", "s.html"):
        assert "caf" in (tmp_path / name).read_bytes().decode("utf-8"), name
    again = lab(tmp_path, "regrade", "r.json", "class", "--depth", "static", "--diff")
    assert (again.returncode, "Nobody moved" in again.stdout) == (0, True), again.stderr
    assert lab(tmp_path, "verify", "r.json", "class").returncode == 0
    assert ann.is_dir()


def test_named_alone(tmp_path: Path) -> None:
    """Is it so for one that is named on the command line, and is one that is not there said in words?"""
    named = materialise(load_corpus()["reference"], tmp_path / "made")
    os.rename(os.fsencode(named), os.fsencode(tmp_path) + b"/" + ODD)  # noqa: PTH104 - bytes are no Path
    done = lab(tmp_path, "grade", ODD, "--depth", "static", "--json", "r.json")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "r.json").read_text())["submissions"][0]["id"] == "caf\\xe9"
    loose = tmp_path / "loose"
    loose.mkdir()
    for name in (b"annlee_1_11_main.tf", b"doejohn_5_111_m\xff.ipynb", b"doejane_6_112_m\xff.tf"):
        (loose / os.fsdecode(name)).write_text('variable "environment" {}\n')
    (tmp_path / os.fsdecode(b"eve\xff.ipynb")).write_text("x")
    for words in (["loose"], [b"eve\xff.ipynb", "loose/annlee_1_11_main.tf"]):
        done = lab(tmp_path, "grade", *words, "--depth", "static", "--json", "r.json")
        assert done.returncode == 0, done.stderr
        rows = json.loads((tmp_path / "r.json").read_text())["submissions"]
        odd = [one for one in rows if not one["id"].startswith("annlee")]
        assert {one["status"] for one in odd} == {"ungradable"}
        assert all("not UTF-8" in one["reason"] for one in odd)
    gone = lab(tmp_path, "grade", ODD + b"-gone")
    assert (gone.returncode, "does not exist" in gone.stderr) == (2, True)


def test_a_name_that_is_an_option(tmp_path: Path) -> None:
    """Is a directory that is called like an option a submission in its class, and behind the end of the options?"""
    case = load_corpus()["reference"]
    group = tmp_path / "class"
    for name in ("ann", "--policy=eve.yaml"):
        materialise(case, group).rename(group / name)
    for where, words in ((tmp_path, ("class",)), (group, ("--", "--policy=eve.yaml", "ann"))):
        done = lab(where, "grade", "--depth", "static", "--json", "r.json", *words)
        assert done.returncode == 0, done.stderr
        rows = json.loads((where / "r.json").read_text())["submissions"]
        assert {(one["id"], one["status"]) for one in rows} == {("ann", "graded"), ("--policy=eve.yaml", "graded")}
