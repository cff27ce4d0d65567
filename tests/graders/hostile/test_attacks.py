"""Every attack, graded from its files: refused or borne, with the reason and the place, and no canary sings."""

from __future__ import annotations

import time

import pytest

from graders.grade import grade
from graders.model import Depth, Status, SubmissionResult, SubmissionStatus
from solutions.corpus import Case, load_corpus, materialise
from tests.graders.hostile.canaries import ATTACKS, Attack, Canaries

pytestmark = pytest.mark.slow

LIMIT_S = 10.0
"""Processor seconds of the grader for one attack; the machine may be busy, so no more than an order of magnitude."""


def place_of(result: SubmissionResult, attack: Attack) -> bool:
    """Whether the result gives the reason that the attack must be refused for, with its file and line."""
    assert attack.reason is not None
    if attack.status == "rejected":
        valid = next(row for row in result.requirements if row.id == "module.valid")
        return any(
            attack.reason in seen.detail and (seen.path, seen.line) == (attack.path, attack.line)
            for seen in valid.evidence
        )
    said = result.reason or ""
    where = attack.line is None or f"line {attack.line}" in said or f":{attack.line}" in said
    return attack.reason in said and (attack.path is None or attack.path in said) and where


def test_there_are_enough() -> None:
    """Are there sixty attacks at least, each with a name of its own, and all but a few refused?"""
    assert len(ATTACKS) >= 60
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert sum(attack.status != "graded" for attack in ATTACKS) >= 100


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_refused_or_borne(attack: Attack, here: Canaries) -> None:
    """Is the attack's verdict the one that was written down, with reason, file and line, in bounded time, and nothing run?"""
    handed = attack.write(here)
    started = time.process_time()
    result = grade(handed, depth=Depth.STATIC).result
    spent = time.process_time() - started
    status = "graded" if attack.planned else attack.status
    assert result.status == status, result.reason
    if status == "graded":
        assert result.status is SubmissionStatus.GRADED
    else:
        assert result.score == 0
        assert place_of(result, attack), (result.reason, [row.evidence for row in result.requirements[:1]])
    if isinstance(attack.source, Case):
        statuses = {row.id: row.status.value for row in result.requirements}
        unseen = {row.id for row in result.requirements if row.status is Status.NOT_RUN}
        assert attack.source.disagreements(statuses, unseen=unseen) == ()
    assert here.sang(result.model_dump_json()) == []
    assert spent < LIMIT_S


def test_what_lies_beside_changes_no_verdict(here: Canaries) -> None:
    """Does the reference keep its verdicts among programs, folders of Terraform's, and under a strange name?"""
    attacks = [
        attack
        for attack in ATTACKS
        if attack.name in ("terraform-folder", "programs-beside", "notebook-with-programs")
        or "-as-an-id" in attack.name
    ]
    assert len(attacks) == 7
    plain = grade(materialise(load_corpus()["reference"], here.root), depth=Depth.STATIC).result
    for attack in attacks:
        result = grade(attack.write(here), depth=Depth.STATIC).result
        found = [(row.id, row.status, row.earned) for row in result.requirements]
        assert found == [(row.id, row.status, row.earned) for row in plain.requirements], attack.name
