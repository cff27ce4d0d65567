"""`lab regrade`: what lies beside the results that it writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.lab.conftest import Ran


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
