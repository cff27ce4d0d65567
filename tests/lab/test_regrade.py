"""`lab regrade`: what lies beside the results that it writes, and who is still missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.conftest import Ran
from tests.lab.test_missing import NOTHING, hand_in, reasons


def test_its_results_have_a_ledger(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Does a regrading with --json leave a ledger, against which `lab verify` holds the marks, and without one nothing?"""
    group = tmp_path / "class"
    for name in ("ann", "ben"):
        (group / name).mkdir(parents=True)
        (group / name / "main.tf").write_text(f'variable "environment" {{}}\nlocals {{\n  a = "{name}"\n}}\n')
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    assert lab("grade", group, "--depth", "static", "--json", old).code == 0
    ran = lab("regrade", old, group, "--depth", "static", "--diff", "--json", new)
    assert ran.code == 0
    assert "Nobody moved." in ran.out
    assert (tmp_path / "new.json.ledger").read_text().count('"entry"') == 2
    verified = lab("verify", new, group)
    assert verified.code == 0, verified.out
    new.write_text(new.read_text().replace('"score": 0', '"score": 9'))
    assert lab("verify", new, group).code == 1
    before = sorted(tmp_path.iterdir())
    assert lab("regrade", old, group, "--depth", "static").code == 0
    assert sorted(tmp_path.iterdir()) == before


@pytest.fixture
def missed(lab: Callable[..., Ran], tmp_path: Path) -> tuple[Path, Path, Path]:
    """Results in which ben and cleo handed in nothing, their class and their policy, which has a word for ben."""
    group, old, policy = hand_in(tmp_path / "class", "ann"), tmp_path / "old.json", tmp_path / "policy.yaml"
    policy.write_text("missing: 0\ncomments:\n  ben: Come and see me.\n")
    (tmp_path / "class.csv").write_text("Login\nann\nben\ncleo\n")
    words = ("--policy", policy, "--roster", tmp_path / "class.csv")
    assert lab("grade", group, "--depth", "static", "--json", old, *words).code == 0
    return old, group, policy


def test_who_was_missing_is_missing_again(
    lab: Callable[..., Ran], missed: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    """Do those who handed in nothing keep their rows without the class list, but for who handed in since?"""
    old, group, policy = missed
    new = tmp_path / "new.json"
    ran = lab("regrade", old, group, "--depth", "static", "--policy", policy, "--diff", "--json", new)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "Nobody moved."), ran.err
    assert reasons(new) == reasons(old)
    hand_in(group, "cleo")
    ran = lab("regrade", old, group, "--depth", "static", "--policy", policy, "--diff", "--json", new)
    assert ran.code == 0, ran.err
    assert [id for id, why in reasons(new).items() if why == NOTHING] == ["ben"]


def test_who_may_be_one_of_the_missing_is_asked_for(
    lab: Callable[..., Ran], missed: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    """Is a submission that was not there then refused while somebody is missing, and told apart by the class list?"""
    old, group, policy = missed
    hand_in(group, "cleo.rossi")
    words = ("regrade", old, group, "--depth", "static", "--policy", policy, "--json", tmp_path / "new.json")
    ran = lab(*words)
    assert ran.code == 2
    assert "does not have cleo.rossi, and for ben and cleo" in ran.err
    assert "--roster" in ran.err
    (tmp_path / "class.csv").write_text("Login,Directory\nann,ann\nben,ben\ncleo,cleo.rossi\n")
    assert lab(*words, "--roster", tmp_path / "class.csv", "--match", "Directory").code == 0
    assert list(reasons(tmp_path / "new.json")) == ["ann", "cleo.rossi", "ben"]


def test_without_the_policy_nobody_is_missing(lab: Callable[..., Ran], missed: tuple[Path, Path, Path]) -> None:
    """Does it say why somebody's 0 is gone where no policy asks for it?"""
    old, group, _ = missed
    ran = lab("regrade", old, group, "--depth", "static", "--diff")
    assert "ben as a whole: ungradable 0/" in ran.out
    assert "Nothing was handed in, and neither policy nor class list asks for it now." in ran.out


def test_an_assignment_is_not_left_out_in_silence(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is a class that was graded by an instructor's file not graded again by the standard lesson, for want of --assignment?"""
    (tmp_path / "class" / "ann").mkdir(parents=True)
    (tmp_path / "class" / "ann" / "main.tf").write_text('variable "environment" {}\n')
    asked, old = tmp_path / "assignment.toml", tmp_path / "old.json"
    asked.write_text("[windows]\nkey = 14\n")
    static = ("--depth", "static")
    assert lab("grade", tmp_path / "class", *static, "--assignment", asked, "--json", old).code == 0
    refused = lab("regrade", old, tmp_path / "class", *static)
    assert refused.code == 2
    assert "old.json was graded by assignment.toml" in refused.err
    assert "--assignment" in refused.err
    assert lab("regrade", old, tmp_path / "class", *static, "--assignment", asked, "--diff").code == 0
