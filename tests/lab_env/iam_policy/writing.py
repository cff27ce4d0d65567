"""Short ways to write the lesson's policies and requests down."""

from __future__ import annotations

from typing import Any

from lab_env.iam_policy import (
    Decision,
    NamedPolicy,
    Principal,
    decrypts_for_secret,
    named_policy,
    reads_secret,
)

ACCOUNT, OTHER = "111122223333", "444455556666"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:dev-database-credentials-AbCdEf"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/exec"
ECS = {"Service": "ecs-tasks.amazonaws.com"}
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
EXEC = Principal.session(ROLE, tags={})
READ = reads_secret(EXEC, SECRET)
DECRYPT = decrypts_for_secret(EXEC, KEY, SECRET)


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Effect": effect, **elements}


def policy(*statements: dict[str, Any], kind: str = "identity", name: str | None = None) -> NamedPolicy:
    return named_policy(name or f"the {kind} policy", {"Version": "2012-10-17", "Statement": list(statements)}, kind)


def may(action: str, resource: str = "*", **more: Any) -> NamedPolicy:
    return policy(statement(Action=action, Resource=resource, **more))


def must_not(action: str, resource: str = "*", **more: Any) -> NamedPolicy:
    return policy(statement("Deny", Action=action, Resource=resource, **more), name="the fence")


def on_key(*statements: dict[str, Any]) -> NamedPolicy:
    return policy(*({"Resource": "*", **item} for item in statements), kind="kms")


def trust(principal: Any, **more: Any) -> NamedPolicy:
    return policy(statement(Principal=principal, Action="sts:AssumeRole", **more), kind="trust")


DELEGATED = on_key(statement(Principal={"AWS": ROOT}, Action="kms:*"))


def outcome(decision: Decision) -> str:
    assert decision.possible == (decision.allowed or decision.undetermined)
    assert not (decision.allowed and (decision.undetermined or decision.explicit_deny))
    word = decision.explanation.partition(" ")[0].rstrip(":")
    assert word == ("allowed" if decision.allowed else "undetermined" if decision.undetermined else "denied")
    return word
