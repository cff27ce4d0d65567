"""What is aimed at the engine that a class shares: nobody waits for it, and nobody loses the engine by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.grade import grade
from graders.model import Status, SubmissionStatus
from lab_env.engine import Engine, embedded, state
from lab_env.submission import SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import Case, load_corpus, materialise
from tests.graders.everywhere import SAMPLE
from tests.graders.hostile.test_neighbours import among, neighbours, of_neighbours

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

AIMED = (
    "wildcards-in-a-role-policy",
    "wildcards-in-a-key-policy",
    "wildcards-in-a-secret-policy",
    "wildcards-in-a-condition",
    "service-of-a-thousand-million-tasks",
)
# 900 ARNs of 400 characters: past every quota of AWS's for a policy, and past what the engine reads.
_LONG = (
    '[for i in range(900) : "arn:aws:secretsmanager:*:*:secret:${i}-${join("", [for k in range(40) : "0123456789"])}"]'
)
_STATEMENT = f'{{ Effect = "Deny", Principal = "*", Action = "secretsmanager:GetSecretValue", Resource = {_LONG} }}'
_POLICY = f'jsonencode({{ Version = "2012-10-17", Statement = [{_STATEMENT}] }})'
TOO_LONG = {
    "role": f'resource "aws_iam_policy" "long" {{\n  policy = {_POLICY}\n}}\n',
    "key": f'resource "aws_kms_key" "long" {{\n  policy = {_POLICY}\n}}\n',
    "secret": (
        'resource "aws_secretsmanager_secret_policy" "long" {\n'
        f"  secret_arn = aws_secretsmanager_secret.database.arn\n  policy     = {_POLICY}\n}}\n"
    ),
}


def process() -> tuple[int, float]:
    """The engine's process, and when it began."""
    found = state.read(embedded.KIND.own()) or pytest.fail("nothing is written down")
    return found.pid, found.created


@pytest.mark.full
def test_neighbours_are_the_same(engine: Engine, toolchain: Toolchain, tmp_path: Path) -> None:
    """Does a class with each of these in it come to its end with the verdicts that were written down, the others' results the
    same bytes, on the same engine from its beginning to its end?"""
    before = process()
    corpus = load_corpus()
    alone = grade_many(neighbours(tmp_path / "alone"), RunConfig(jobs=2))
    assert len(alone.submissions) == len(SAMPLE)
    cases: dict[str, Case] = {name: corpus[name] for name in AIMED}
    aimed = [SubmissionRef(name, materialise(case, tmp_path / "aimed")) for name, case in cases.items()]
    results = grade_many(among(neighbours(tmp_path / "again"), aimed), RunConfig(jobs=2))
    assert of_neighbours(results) == of_neighbours(alone)
    for one in results.submissions:
        if one.id in cases:
            assert one.status is SubmissionStatus.GRADED, (one.id, one.reason)
            statuses = {row.id: row.status.value for row in one.requirements}
            assert cases[one.id].disagreements(statuses, unseen=()) == (), one.id
    assert process() == before


@pytest.mark.full
@pytest.mark.parametrize("kind", list(TOO_LONG))
def test_what_is_too_long_is_refused_once(kind: str, engine: Engine, toolchain: Toolchain, tmp_path: Path) -> None:
    """Does Terraform end at the engine's first refusal of a policy that AWS would not take, and is that the learner's failure?"""
    handed = materialise(load_corpus()["reference"], tmp_path)
    (handed / "modules/secrets/long.tf").write_text(TOO_LONG[kind], encoding="utf-8")
    result = grade(handed, engine=engine, toolchain=toolchain).result
    assert result.status is SubmissionStatus.GRADED, result.reason
    rows = {row.id: row for row in result.requirements}
    assert Status.ERROR not in {row.status for row in rows.values()}
    said = rows["rotation.survives_apply"]
    assert said.status is Status.FAIL
    assert "StatusCode: 413" in said.observed
    assert "exceeded maximum number of attempts" not in said.observed
