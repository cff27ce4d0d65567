"""The rubric as it stands: what is promised, and how it reads."""

from __future__ import annotations

import re

import pytest

from graders.model import Layer
from graders.rubric import registry
from graders.rubric.judge import check_graph
from graders.rubric.requirement import Requirement
from lab_env.errors import UsageError
from tests.graders.rubric.promise import PROMISED

EVERY = pytest.mark.parametrize("rule", registry().requirements, ids=lambda r: r.id)


def test_promise() -> None:
    """Are ids, points and order those of the promise, and the points 100?"""
    rubric = registry()
    assert tuple((r.id, r.points) for r in rubric.requirements) == PROMISED
    assert rubric.max_score == 100
    check_graph(rubric.requirements)


def test_steps() -> None:
    """Are the steps the ids' first words, each in one piece?"""
    assert registry().steps == ("module", "kms", "secret", "rotation", "ecs", "iam", "runtime")
    steps = [r.step for r in registry().requirements]
    assert steps == sorted(steps, key=registry().steps.index)


@EVERY
def test_title(rule: Requirement) -> None:
    """Is the title one short sentence for people: capital letter, no full stop, no word of the program?"""
    assert re.fullmatch(r"[A-Z][^\n]{10,119}", rule.title)
    assert not rule.title.endswith(".")
    assert not re.search(r"facts|evidence|outcome|check\b|None|True|False|:param|``|_drill", rule.title)


@EVERY
def test_hints(rule: Requirement) -> None:
    """Are there three distinct hints that are sentences of different depth, none of them the program's words?"""
    assert len(rule.hints) == 3
    assert len({hint.strip().lower() for hint in rule.hints}) == 3
    assert all(len(hint.strip()) >= 15 for hint in rule.hints)
    assert not any(re.search(r"facts\.|Outcome|None\b|:param|TODO", hint) for hint in rule.hints)


def test_answers_differ() -> None:
    """Is the last hint, nearly the answer, no other requirement's hint?"""
    everybody = [hint for r in registry().requirements for hint in set(r.hints)]
    assert [r.id for r in registry().requirements if everybody.count(r.hints[2]) > 1] == []


@EVERY
def test_needs(rule: Requirement) -> None:
    """Does every requirement wait for a valid module, name each need once, and need nothing deeper than itself runs?"""
    assert len(set(rule.needs)) == len(rule.needs)
    assert ("module.valid" in rule.needs) is (rule.id != "module.valid")


def test_layers() -> None:
    """Are all layers used, and are exactly the drills proved by behaviour?"""
    layers = {r.id: r.layer for r in registry().requirements}
    assert set(layers.values()) == set(Layer)
    behaviour = {id for id, layer in layers.items() if layer is Layer.BEHAVIOUR}
    assert {"rotation.survives_apply", "rotation.state_clean", "runtime.launch", "runtime.audit"} <= behaviour


def test_label() -> None:
    """Does the label carry a digest of the rubric that stays the same while nothing is edited?"""
    assert re.fullmatch(r"secrets-management@[0-9a-f]{16}", registry().label)
    assert registry().label == registry().label


def test_get() -> None:
    """Is a requirement found by its id, and an unknown id answered with the ids there are?"""
    assert registry().get("kms.key").points == dict(PROMISED)["kms.key"]
    with pytest.raises(UsageError, match=r"kms\.keys") as refused:
        registry().get("kms.keys")
    assert "kms.rotation" in str(refused.value.next_step)
