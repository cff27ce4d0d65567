"""The mutants: are they what their names say, whole, and labelled by nothing but their mutator?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from graders.gate import check
from graders.model import Depth
from graders.quality.mutation import sampling
from graders.quality.mutation.model import Kind, Mutant
from graders.quality.mutation.mutants import MUTATORS, check_ids, make, solutions, source_of, write
from graders.quality.mutation.source import Mutation, Splice
from graders.rubric import registry
from lab_env.errors import RubricError
from lab_env.hcl import parse
from lab_env.submission import load_submission

pytestmark = pytest.mark.slow

REFERENCE = next(case for case in solutions() if case.kind == "reference")


@pytest.fixture(scope="module")
def every() -> tuple[Mutant, ...]:
    return make()


def test_there_are_enough_of_each_kind(every: tuple[Mutant, ...]) -> None:
    """Is every kind of mutation there, and does a run in CI reach the numbers it promises with a label that a plan shows?"""
    assert {m.mutator.kind for m in every} == set(Kind)
    planned = sampling.at_plan(every, seed=1)
    seen = {r.id for r in registry().requirements if r.layer in Depth.PLAN.layers}
    assert sum(bool(m.mutator.fail & seen) for m in planned) >= sampling.MUTANTS_IN_CI
    assert sum(m.mutator.equivalent for m in planned) >= sampling.EQUIVALENTS_IN_CI


def test_every_mutator_finds_a_place(every: tuple[Mutant, ...]) -> None:
    """Does each mutator change at least one solution?"""
    assert {m.mutator.name for m in every} == {mutator.name for mutator in MUTATORS}


@pytest.mark.parametrize("which", ["today's", pytest.param("all", marks=pytest.mark.full)])
def test_every_mutant_can_be_read(every: tuple[Mutant, ...], which: str) -> None:
    """Is each file of each mutant that is graded today still HCL, so that none fails for a slip of the mutator's?"""
    read = every if which == "all" else sampling.at_plan(every, sampling.seed_of_today())
    for text in {(path, data) for m in read for path, data in m.files.items() if path.endswith(".tf")}:
        parse(text[0], text[1].decode())


def test_no_two_mutants_are_the_same(every: tuple[Mutant, ...]) -> None:
    """Is each mutant another submission than every other one and than every right solution?"""
    texts = [tuple(m.files.items()) for m in every]
    texts += [tuple(source_of(case).result_of_nothing().items()) for case in solutions()]
    assert len(set(texts)) == len(texts)


def test_every_requirement_but_one_is_mutated() -> None:
    """Does a mutator say of each requirement that it must fail, the audit excepted, which no module can break by itself?"""
    named = {id for mutator in MUTATORS for id in mutator.fail}
    assert {r.id for r in registry().requirements} - named == {"runtime.audit"}


def test_the_gate_lets_rewrites_through(tmp_path: Path) -> None:
    """Does the gate accept every equivalent rewrite of the reference?"""
    rewrites = [m for m in MUTATORS if m.equivalent]
    for mutant in make([REFERENCE], rewrites):
        assert check(load_submission(write(mutant, tmp_path))).accepted, mutant.name


def test_a_mutant_differs_in_one_place(tmp_path: Path) -> None:
    """Does dropping rotation take one line off the reference and leave every other byte as it is?"""
    (mutant,) = make([REFERENCE], [m for m in MUTATORS if m.name == "drop-key-enable-key-rotation"])
    path = "modules/secrets/kms.tf"
    before, after = REFERENCE.files[path].decode(), mutant.files[path].decode()
    assert after == re.sub(r"  enable_key_rotation.*\n", "", before)
    assert {p: d for p, d in mutant.files.items() if p != path} == {
        p: d for p, d in REFERENCE.files.items() if p != path
    }


def test_a_right_label_moves_with_what_refers_to_it() -> None:
    """Does renaming the labels leave no reference behind?"""
    (mutant,) = make([REFERENCE], [m for m in MUTATORS if m.name == "rename-labels"])
    text = "\n".join(data.decode() for data in mutant.files.values())
    assert "aws_kms_key.secrets_renamed.arn" in text
    assert not re.search(r"aws_kms_key\.secrets\b(?!_)", text)


def test_a_splice_that_overlaps_is_refused() -> None:
    """Is a mutator that changes a place twice told apart from one that does its work?"""
    path = "modules/secrets/kms.tf"
    with pytest.raises(RubricError, match="twice"):
        source_of(REFERENCE).result_of(Mutation((Splice(path, 0, 5, "a"), Splice(path, 3, 8, "b"))))


@pytest.mark.parametrize(
    ("base", "name"),
    [
        # The provider wants enable_key_rotation where there is a rotation_period_in_days.
        ("combined-policy-documents", "drop-key-enable-key-rotation"),
        ("combined-policy-documents", "move-key-enable-key-rotation-to-a-spare"),
        # Its own postcondition refuses a key without rotation.
        ("moved-removed-and-check", "flip-key-enable-key-rotation"),
        ("moved-removed-and-check", "flip-key-spec"),
    ],
)
def test_a_solution_without_a_place_is_left_alone(base: str, name: str) -> None:
    """Is no mutant made where the change would mean something else than its label says?"""
    case = next(case for case in solutions() if case.name == base)
    assert make([case], [m for m in MUTATORS if m.name == name]) == ()


def test_a_type_is_no_object() -> None:
    """Do the keys of a variable's object type stay as they are when keys get quotes?"""
    case = next(case for case in solutions() if case.name == "dynamic-blocks")
    (mutant,) = make([case], [m for m in MUTATORS if m.name == "quote-keys"])
    before, after = (files["modules/secrets/variables.tf"].decode() for files in (case.files, mutant.files))
    assert "object({" in before
    assert after == before


def test_an_unknown_id_is_refused() -> None:
    """Is a label that names no requirement found before anything is graded?"""
    with pytest.raises(RubricError, match=r"kms\.nothing"):
        check_ids([replace(MUTATORS[0], fail=frozenset({"kms.nothing"}))], registry())


def test_the_sample_rotates(every: tuple[Mutant, ...]) -> None:
    """Is the deployed sample the same for the same seed, another for another, and does it cover what only it can see?"""
    rubric = registry()
    one, again, other = (sampling.deployed(every, seed, rubric) for seed in (1, 1, 2))
    assert one == again != other
    for sample in (one, other):
        assert sum(not m.mutator.equivalent for m in sample) >= sampling.CI.deployed
        shown = {id for m in sample for id in m.mutator.fail}
        only_here = {r.id for r in rubric.requirements if r.layer not in Depth.PLAN.layers}
        assert only_here - shown == {"runtime.audit"}
