"""What "the secret", "its key", "the task" and "the execution role" are, by relation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graders.evidence.deployed import DeployedFacts, KeyFacts, RoleFacts, SecretFacts, TaskFacts
from graders.evidence.subject import key_in, role_of, secret_in, task_in
from lab_env.lesson import STANDARD

ECS = "ecs-tasks.amazonaws.com"


def secret(name: str, key: str | None = None) -> SecretFacts:
    return SecretFacts(
        address=f"module.secrets.aws_secretsmanager_secret.{name.replace('-', '_')}",
        name=name,
        arn=f"arn:aws:secretsmanager:us-east-1:111122223333:secret:{name}-AbCdEf",
        kms_key_id=key,
        key_arn=key,
        key_manager="CUSTOMER" if key else None,
        tags={},
        policy=None,
        initial=None,
    )


def key(arn: str) -> KeyFacts:
    return KeyFacts(
        address=f"module.secrets.aws_kms_key.{arn}",
        key_id=arn,
        arn=arn,
        enabled=True,
        state="Enabled",
        spec="SYMMETRIC_DEFAULT",
        usage="ENCRYPT_DECRYPT",
        manager="CUSTOMER",
        rotation=True,
        tags={},
        policy="",
    )


def role(name: str, *services: str) -> RoleFacts:
    trusted = {"Effect": "Allow", "Principal": {"Service": [*services]}, "Action": "sts:AssumeRole"}
    return RoleFacts(
        address=f"module.secrets.aws_iam_role.{name}",
        name=name,
        arn=f"arn:aws:iam::111122223333:role/{name}",
        trust=json.dumps({"Version": "2012-10-17", "Statement": [trusted]}),
        inline=(),
        attached=(),
        boundary=None,
        tags={},
    )


def task(name: str, *entries: tuple[str, str], essential: bool = True, role: RoleFacts | None = None) -> TaskFacts:
    container: dict[str, Any] = {
        "name": name,
        "essential": essential,
        "secrets": [{"name": variable, "valueFrom": value} for variable, value in entries],
    }
    return TaskFacts(
        address=f"module.secrets.aws_ecs_task_definition.{name}",
        arn=name,
        family=name,
        execution_role_arn=role.arn if role else None,
        task_role_arn=None,
        containers=(container,),
    )


def deployed(**found: Any) -> DeployedFacts:
    empty: dict[str, Any] = dict.fromkeys(("errors", "keys", "aliases", "secrets", "roles", "tasks", "versions"), ())
    return DeployedFacts(account="111122223333", region="us-east-1", **{**empty, **found})


RIGHT, OTHER, MISNAMED = secret("dev-database-credentials", "k1"), secret("dev-api", "k2"), secret("dev-databse", "k1")


def injects(one: SecretFacts, suffix: str = ":password::") -> tuple[str, str]:
    return "DB_PASSWORD", one.arn + suffix


@pytest.mark.parametrize(
    ("secrets", "tasks", "found"),
    [
        ((OTHER, RIGHT), (task("api", injects(OTHER)),), RIGHT),
        ((OTHER, MISNAMED), (task("app", injects(MISNAMED)),), MISNAMED),
        ((OTHER, MISNAMED), (task("app", injects(MISNAMED, "")),), MISNAMED),
        ((MISNAMED,), (), MISNAMED),
        ((OTHER, MISNAMED), (), None),
        ((OTHER, MISNAMED), (task("app", ("OTHER", OTHER.arn)),), None),
        ((), (), None),
    ],
)
def test_secret(secrets: tuple[SecretFacts, ...], tasks: tuple[TaskFacts, ...], found: SecretFacts | None) -> None:
    """Is the secret the one of the right name, else the one whose password a task gets, else the only one?"""
    assert secret_in(deployed(secrets=secrets, tasks=tasks), "dev", STANDARD) == found


def test_key() -> None:
    """Is its key the one that encrypts it, else the only one, and none where several could be?"""
    both = deployed(keys=(key("k2"), key("k1")))
    assert key_in(both, RIGHT) == key("k1")
    assert key_in(both, secret("dev-database-credentials")) is None
    assert key_in(deployed(keys=(key("k9"),)), RIGHT) == key("k9")


def test_task() -> None:
    """Is the task the one that injects this secret into an essential container, whatever else injects a DB_PASSWORD?"""
    api, app, helper = (
        task("api", injects(OTHER)),
        task("app", injects(RIGHT)),
        task("w", injects(RIGHT), essential=False),
    )
    assert task_in(deployed(tasks=(api, app)), RIGHT, STANDARD) == app
    assert task_in(deployed(tasks=(helper, app)), RIGHT, STANDARD) == app
    assert task_in(deployed(tasks=(api, task("plain"))), RIGHT, STANDARD) == api
    assert task_in(deployed(tasks=(task("plain"),)), RIGHT, STANDARD) == task("plain")
    assert task_in(deployed(tasks=(task("plain"), task("other"))), RIGHT, STANDARD) is None


def test_execution_role() -> None:
    """Is the role the one that the task names, else the only one for ECS tasks alone, and never another one than is named?"""
    ecs, wide, second = role("exec", ECS), role("wide", ECS, "ec2.amazonaws.com"), role("second", ECS)
    named = task("app", injects(RIGHT), role=wide)
    assert role_of(deployed(roles=(ecs, wide), tasks=(named,)), named) == wide
    unnamed = task("app", injects(RIGHT))
    assert role_of(deployed(roles=(ecs, wide), tasks=(unnamed,)), unnamed) == ecs
    assert role_of(deployed(roles=(ecs, second), tasks=(unnamed,)), unnamed) is None
    assert role_of(deployed(roles=(ecs,)), None) == ecs
    foreign = task("app", injects(RIGHT), role=role("elsewhere", ECS))
    assert role_of(deployed(roles=(ecs,), tasks=(foreign,)), foreign) is None
