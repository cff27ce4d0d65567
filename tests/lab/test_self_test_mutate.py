"""`lab self-test --mutate`: exit codes and words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graders.model import Depth, Status
from graders.quality.mutation.judging import Figures, Judged
from graders.quality.mutation.model import Mutant
from graders.quality.mutation.mutants import MUTATORS
from tests.lab.conftest import Ran

pytestmark = pytest.mark.slow

ONE_OF_EACH = ("--only", "drop-lifecycle", "--only", "reorder-blocks")


def test_a_small_sample(lab: Callable[..., Ran]) -> None:
    """Does it grade mutants and equivalents of some mutators, say its seed and its figures with denominators, and end with 0?"""
    ran = lab("self-test", "--mutate", "--depth", "static", "--seed", "7", *ONE_OF_EACH)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == "Seed 7."
    assert "static: 5 mutants, 9 equivalents; killed 5 of 5 (100.0%); false fails 0 of " in ran.out
    assert "Every mutant that had to fail did, or is explained; nothing right lost a point." in ran.out
    assert ran.err == ""  # no line for each mutant in a log


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.full
def test_as_deep_as_it_is_asked(lab: Callable[..., Ran]) -> None:
    """Is the sample planned, and some of it deployed, with figures for each depth?"""
    ran = lab("self-test", "--mutate", "--seed", "7", *ONE_OF_EACH)
    assert ran.code == 0, ran.out
    assert [line.partition(":")[0] for line in ran.out.splitlines()[1:4]] == ["static", "plan", "full"]
    assert "full: 1 mutants, 1 equivalents; killed 2 of 2 (100.0%)" in ran.out


def test_a_survivor_is_one(lab: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """Does it end with 1 and name the mutant, the requirement and the next step when something survives or is taken away?"""
    mutator = next(m for m in MUTATORS if m.name == "drop-key-tags")
    judged = Judged(
        Mutant(mutator, "reference", {}),
        Depth.PLAN,
        survived={"kms.tags": Status.PASS},
        false_fails={"kms.alias": Status.FAIL},
    )
    monkeypatch.setattr("graders.quality.mutation.run.run", lambda *_, **__: Figures((judged,), 3, {}))
    ran = lab("self-test", "--mutate")
    assert ran.code == 1
    assert "✗ drop-key-tags--reference at plan: kms.tags is pass, must be fail; no explanation is committed" in ran.out
    assert "✗ drop-key-tags--reference at plan: kms.alias is fail, must be pass" in ran.out
    assert "✗ the kill rate at plan is 0 of 1, below 99%" in ran.out
    assert ran.out.splitlines()[-1].endswith("lab self-test --mutate --seed 3")


@pytest.mark.parametrize(
    "words",
    [
        ("--mutate", "--json", "x.json"),
        ("--mutate", "--page", "x.md", "--only", "drop-lifecycle"),
        ("--mutate", "--only", "drop-lifecycles"),
        ("--seed", "1"),
        ("--mutate", "--assignment", "assignment.toml"),
        ("--assignment", "assignment.toml", "--json", "x.json"),
        ("--assignment", "assignment.toml", "--only", "reference"),
    ],
)
def test_wrong_words_are_usage(
    lab: Callable[..., Ran], words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is a combination that makes no sense exit code 2, with what to do, before anything is graded?"""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "assignment.toml").write_text("[windows]\nkey = 14\n")
    ran = lab("self-test", *words)
    assert ran.code == 2
    assert "Next: " in ran.err
    assert "names no package" not in ran.err
    assert not (tmp_path / "x.json").exists()
