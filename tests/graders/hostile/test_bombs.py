"""What passes the gate and goes off in Terraform: ended by a limit, with the reason, and never a fault of the grader's."""

from __future__ import annotations

import time

import pytest

from graders.grade import grade
from graders.model import Depth
from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from tests.graders.hostile.canaries import ATTACKS, Attack, Canaries

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

LIMIT_S = 900.0
"""Three calls of Terraform, each up to its own limit; a bomb holds its own place for so long, nobody else's."""
BOMBS = [attack for attack in ATTACKS if attack.planned]


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(a, id=a.name, marks=() if a.name in ("count-of-61", "fifty-rsa-keys") else pytest.mark.full)
        for a in BOMBS
    ],
)
def test_ended_by_a_limit(attack: Attack, here: Canaries, engine: Engine, toolchain: Toolchain) -> None:
    """Does the plan end in bounded time with the verdict that was written down, and with the reason?"""
    started = time.monotonic()
    result = grade(attack.write(here), depth=Depth.PLAN, engine=engine, toolchain=toolchain).result
    assert result.status == attack.status, result.reason
    said = "\n".join((result.reason or "", *(row.observed for row in result.requirements[:1])))
    assert attack.reason is None or attack.reason in said, said
    assert result.score == 0 or attack.status == "graded"
    assert here.sang(result.model_dump_json()) == []
    assert time.monotonic() - started < LIMIT_S
