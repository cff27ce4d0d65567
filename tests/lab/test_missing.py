"""Who handed in nothing, by the class list: who gets the 0, and what if the list calls somebody otherwise?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.conftest import Ran

Lab = Callable[..., Ran]


def hand_in(group: Path, *names: str) -> Path:
    for name in names:
        (group / name).mkdir(parents=True)
        (group / name / "main.tf").write_text(f'variable "environment" {{}}\nlocals {{\n  a = "{name}"\n}}\n')
    return group


def reasons(results: Path) -> dict[str, str]:
    return {one["id"]: one["reason"] or "" for one in json.loads(results.read_text())["submissions"]}


NOTHING = "Nothing was handed in."


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text("missing: 0\n")
    return path


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "class.csv"
    path.write_text("Login,Directory\naokafor,aokafor\nbkeller,ben.keller\ncrossi,crossi\n")
    return path


def test_somebody_who_is_called_otherwise_gets_no_zero(lab: Lab, tmp_path: Path, policy: Path, roster: Path) -> None:
    """Is a list refused in which a submission is not found while somebody else would get 0, before anything is graded?"""
    group, results = hand_in(tmp_path / "class", "aokafor", "ben.keller"), tmp_path / "results.json"
    roster.write_text("Login\naokafor\nbkeller\n")
    words = ("grade", group, "--depth", "static", "--json", results, "--policy", policy, "--roster", roster)
    ran = lab(*words)
    assert ran.code == 2
    assert "class.csv does not have ben.keller, and for bkeller, who would get 0, there is no submission" in ran.err
    assert "--match" in ran.err
    assert not results.exists()
    # Where nobody would get a 0, whoever is not in the list does no harm.
    roster.write_text("Login\naokafor\n")
    assert lab(*words).code == 0
    assert list(reasons(results)) == ["aokafor", "ben.keller"]


def test_the_column_is_named(lab: Lab, tmp_path: Path, policy: Path, roster: Path) -> None:
    """Does --match say which column holds the ids, so that only those who are missing get 0?"""
    group, results = hand_in(tmp_path / "class", "aokafor", "ben.keller"), tmp_path / "results.json"
    words = ("grade", group, "--depth", "static", "--json", results, "--policy", policy)
    assert lab(*words, "--roster", roster, "--match", "Login").code == 2
    assert lab(*words, "--roster", roster, "--match", "Directory").code == 0
    assert [id for id, why in reasons(results).items() if why == NOTHING] == ["crossi"]
    ran = lab(*words, "--match", "Directory")
    assert (ran.code, "Give the list with --roster." in ran.err) == (2, True)
