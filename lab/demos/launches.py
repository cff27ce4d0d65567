"""Which rights a task needs to get its secret: one task with two roles, launched under one set of rights after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.demos.keys import disabled
from lab.demos.module import DemoBench, canary

if TYPE_CHECKING:
    from lab_env.engine import Account

READ, DECRYPT = "secretsmanager:GetSecretValue", "kms:Decrypt"


@dataclass(frozen=True)
class Rights:
    """What the two roles of a task may do. ``told`` says it for people; ``disabled``: the key is, at the launch."""

    told: str
    task: Sequence[str] = ()
    execution: Sequence[str] = ()
    disabled: bool = False


WHICH_ROLE = (
    Rights("The task role may read and decrypt, the execution role may do nothing", task=(READ, DECRYPT)),
    Rights("The execution role may read and decrypt, the task role may do nothing", execution=(READ, DECRYPT)),
)
DECRYPT_NEEDED = (
    Rights("The execution role may read the secret, and nothing else", execution=(READ,)),
    Rights("The execution role may read the secret and decrypt with its key", execution=(READ, DECRYPT)),
    Rights("The same, while the key is disabled", execution=(READ, DECRYPT), disabled=True),
)


@dataclass(frozen=True)
class Trial:
    """One launch. ``stopped``: the stopped reason, None when the task started; account numbers are left out."""

    rights: Rights
    stopped: str | None


def try_rights(bench: DemoBench, account: Account, trials: Sequence[Rights]) -> tuple[Trial, ...]:
    """Launch a task as ECS would, under each set of rights; everything is made in ``account``, under names of its own."""
    from lab_env import ecs_agent
    from lab_env.engine import sessions

    iam = sessions.client(account, "iam")
    name = f"lab-demo-{canary(12).lower()}"
    kms = sessions.client(account, "kms")
    key = kms.create_key(Description="Made for a demonstration")["KeyMetadata"]["Arn"]
    secret = sessions.client(account, "secretsmanager").create_secret(
        Name=name, KmsKeyId=key, SecretString=json.dumps({"password": canary()})
    )["ARN"]
    roles = {kind: _role(iam, f"{name}-{kind}") for kind in ("task", "execution")}
    task = sessions.client(account, "ecs").register_task_definition(**_definition(name, roles, secret))
    found = []
    for rights in trials:
        for kind, actions in (("task", rights.task), ("execution", rights.execution)):
            _grant(iam, f"{name}-{kind}", actions, {READ: secret, DECRYPT: key})
        arn = task["taskDefinition"]["taskDefinitionArn"]
        with disabled(kms, key) if rights.disabled else nullcontext():
            report = ecs_agent.launch(bench.engine, account, arn, sandbox=bench.toolchain.sandbox)
        found.append(Trial(rights, None if report.ok else (report.error or "").replace(account.id, "<account>")))
    return tuple(found)


def _role(iam: Any, name: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document([trust]))["Role"]["Arn"]
    return arn


def _grant(iam: Any, role: str, actions: Sequence[str], resources: dict[str, str]) -> None:
    """Let a role do just these actions, each on its resource."""
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=policy)
    if actions:
        allowed = [{"Effect": "Allow", "Action": action, "Resource": resources[action]} for action in actions]
        iam.put_role_policy(RoleName=role, PolicyName="demo", PolicyDocument=_document(allowed))


def _definition(name: str, roles: dict[str, str], secret: str) -> dict[str, Any]:
    return {
        "family": name,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "taskRoleArn": roles["task"],
        "executionRoleArn": roles["execution"],
        "containerDefinitions": [
            {
                "name": "app",
                "image": "public.ecr.aws/docker/library/busybox:stable",
                "essential": True,
                "secrets": [{"name": "DB_PASSWORD", "valueFrom": f"{secret}:password::"}],
            }
        ],
    }


def _document(statements: Sequence[Mapping[str, object]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
