"""A block that is judged by itself, before there is a module: by the grader that judges the learner's own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lab.demos.module import DemoBench, DemoError
from lab.output.cards import Card, Cell, Lines, Mark, Table

if TYPE_CHECKING:
    from graders.assignment import Rules
    from graders.model import RequirementResult

BLOCK = """resource "aws_kms_key" "first" {{
  description         = "My first key"
  enable_key_rotation = {rotation}
}}
"""
"""The block that the first notebook shows."""
IDS = ("kms.key", "kms.rotation")
_VARIABLE = 'variable "environment" {\n  type = string\n}\n'
_MODULE = Path("modules", "secrets")


def judged(bench: DemoBench, text: str, ids: Sequence[str], rules: Rules) -> tuple[RequirementResult, ...]:
    """Deploy a block in an account of its own and judge it by these requirements, in the rubric's order.

    :raises UsageError: an id is none of the rubric's.
    :raises DemoError: it cannot be judged; the reason, and where.
    """
    from graders.grade import grade
    from graders.model import Depth, SubmissionStatus
    from lab.rubric import requirement

    wanted = {requirement(id_, rules).id for id_ in ids}
    with tempfile.TemporaryDirectory(prefix="lab-demo-") as name:
        module = Path(name) / _MODULE
        module.mkdir(parents=True)
        (module / "variables.tf").write_text(_VARIABLE, encoding="utf-8")
        (module / "block.tf").write_text(text, encoding="utf-8")
        result = grade(
            Path(name), depth=Depth.FULL, engine=bench.engine, toolchain=bench.toolchain, lane=bench.lane, rules=rules
        ).result
    if result.status is not SubmissionStatus.GRADED:
        raise DemoError(f"The block cannot be judged: {result.reason}", next_step="Correct it and run this again.")
    return tuple(row for row in result.requirements if row.id in wanted)


def card(rows: Sequence[RequirementResult]) -> Card:
    """Show each verdict with what was seen, and what to do about one that failed."""
    passed = sum(row.status.value == "pass" for row in rows)
    whole = Mark("✓", "pass", "pass") if passed == len(rows) else Mark("✗", "fail", "fail")
    table = Table(
        "What was asked for, and what was seen",
        ("Check", "Verdict", "Seen"),
        tuple((Cell(row.title), Cell(mark=_mark(row)), Cell(row.observed)) for row in rows),
    )
    told = tuple(f"{row.title}: {row.message}" for row in rows if row.status.value != "pass")
    return Card(
        "This block by itself",
        f"{passed} of {len(rows)} pass. Nothing of it is kept, and it earns no points.",
        whole,
        (table, Lines(told)) if told else (table,),
    )


def _mark(row: RequirementResult) -> Mark:
    return Mark("✓", "pass", "pass") if row.status.value == "pass" else Mark("✗", "fail", "fail")
