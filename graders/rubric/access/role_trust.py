"""Who may assume the execution role: ECS tasks, and nobody else.

The engine's own AssumeRole is no judge here: it refuses the source-account condition that AWS advises and lets the account's
root assume what it may not. Source: ECS Developer Guide, "task execution IAM role" (trust with aws:SourceAccount and
aws:SourceArn).
"""

from __future__ import annotations

from graders.evidence.deployed import RoleFacts
from graders.evidence.facts import Facts
from graders.evidence.subject import deployed
from lab_env.iam_policy import ECS_TASKS, PolicyKind, ecs_assumes_role, evaluate, grantees, named_policy


def judge_trust(facts: Facts, role: RoleFacts) -> tuple[str | None, str]:
    """What is wrong with the role's trust policy (None: nothing), and the evaluator's explanation."""
    policy = named_policy("the trust policy", role.trust, PolicyKind.TRUST)
    request = ecs_assumes_role(role.arn, region=deployed(facts).region)
    decision = evaluate(request, resource_policy=policy)
    if not decision.allowed:
        return f"ECS tasks may not assume it ({decision.explanation})", decision.explanation
    strangers = [g for g in grantees(policy) if not (g.kind == "Service" and g.value.lower() == ECS_TASKS)]
    if strangers:
        named = ", ".join(sorted({f"{g.value} ({g.where})" for g in strangers}))
        return f"it lets others in too: {named}", decision.explanation
    return None, decision.explanation
