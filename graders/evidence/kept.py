"""Evidence as text: what a grading saw, kept so that verdicts can be made of it again, elsewhere or after a rubric edit.

What can be read again from the submission's files (the gate's report, the module tree) is not kept; it is made again.
"""

from __future__ import annotations

from graders.evidence.deployed import DeployedFacts
from graders.evidence.drills import DrillFacts
from graders.evidence.facts import Facts
from graders.evidence.normalise import Normaliser
from graders.evidence.plan import PlanFacts
from graders.gate import GateReport
from graders.model import Depth, Frozen
from lab_env.lesson import STANDARD, Lesson
from lab_env.submission import Submission


class KeptEvidence(Frozen):
    """The part of :class:`Facts` that took Terraform and an engine to gather, and what makes its texts comparable.

    :param lesson: what was asked of the submission: which secret was rotated, and whose task launched, follows from it.
    """

    depth: Depth
    capabilities: tuple[str, ...]
    plan: PlanFacts | None
    deployed: DeployedFacts | None
    drills: DrillFacts | None
    account: str | None
    folders: tuple[str, ...]
    lesson: Lesson = STANDARD


def keep(facts: Facts, normalise: Normaliser) -> KeptEvidence:
    """Take what is worth keeping out of the facts."""
    return KeptEvidence(
        depth=facts.depth,
        capabilities=tuple(sorted(facts.capabilities)),
        plan=facts.plan,
        deployed=facts.deployed,
        drills=facts.drills,
        account=normalise.account,
        folders=normalise.folders,
        lesson=facts.lesson,
    )


def restore(kept: KeptEvidence, submission: Submission, gate: GateReport) -> tuple[Facts, Normaliser]:
    """The facts as they were gathered, on a submission with the same digest that has been through the gate again."""
    facts = Facts(
        submission=submission,
        depth=kept.depth,
        gate=gate,
        plan=kept.plan,
        deployed=kept.deployed,
        drills=kept.drills,
        capabilities=frozenset(kept.capabilities),
        lesson=kept.lesson,
    )
    return facts, Normaliser(account=kept.account, folders=kept.folders)
