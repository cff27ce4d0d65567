"""A lesson's resources in an account of the test's own, made by API, each part to be replaced by a wrong one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab_env import engine as engines
from lab_env.ecs_agent import LaunchReport, launch
from lab_env.engine import Account, Engine, sessions
from lab_env.sandbox import Sandbox
from lab_env.terraform import Toolchain

PLACEHOLDER, ROTATED = "CHANGE_ME", "Rotated-by-the-drill-0123456789ab"
ECS = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclass
class Lesson:
    """The lesson as the reference solves it, deployed."""

    engine: Engine
    account: Account
    sandbox: Sandbox
    key_arn: str = field(init=False)
    secret_arn: str = field(init=False)
    role_arn: str = field(init=False)

    def __post_init__(self) -> None:
        self.key_arn = self.api("kms").create_key()["KeyMetadata"]["Arn"]
        secret = self.api("secretsmanager").create_secret(
            Name="dev-database-credentials",
            KmsKeyId=self.key_arn,
            SecretString=json.dumps({"username": "app", "password": PLACEHOLDER}),
        )
        self.secret_arn = secret["ARN"]
        self.role_arn = self.role("execution", ECS)
        self.allow("execution", self.read, self.decrypt)

    def api(self, service: str) -> Any:
        return sessions.client(self.account, service)

    @property
    def read(self) -> dict[str, Any]:
        return {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": self.secret_arn}

    @property
    def decrypt(self) -> dict[str, Any]:
        via = {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}
        return {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": self.key_arn, "Condition": via}

    def role(self, name: str, *trust: dict[str, Any]) -> str:
        created = self.api("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document(*trust))
        return str(created["Role"]["Arn"])

    def trust(self, *statements: dict[str, Any]) -> None:
        self.api("iam").update_assume_role_policy(RoleName="execution", PolicyDocument=document(*statements))

    def allow(self, role: str, *statements: dict[str, Any]) -> None:
        self.api("iam").put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document(*statements))

    def rotate(self, value: str | None = None) -> None:
        text = json.dumps({"username": "app", "password": ROTATED}) if value is None else value
        self.api("secretsmanager").put_secret_value(SecretId=self.secret_arn, SecretString=text)

    def roles(self) -> list[str]:
        return sorted(role["RoleName"] for role in self.api("iam").list_roles()["Roles"])

    def container(self, value_from: str | None = None, **changes: Any) -> dict[str, Any]:
        secret = {"name": "DB_PASSWORD", "valueFrom": value_from or f"{self.secret_arn}:password::"}
        return {"name": "app", "image": "learners/image", "essential": True, "secrets": [secret], **changes}

    def launch(self, *containers: dict[str, Any], **changes: Any) -> LaunchReport:
        registered = self.api("ecs").register_task_definition(
            family="app",
            **{"executionRoleArn": self.role_arn, **changes},
            containerDefinitions=list(containers) or [self.container()],
        )
        return self.launch_of(registered["taskDefinition"]["taskDefinitionArn"])

    def launch_of(self, task_definition: str | dict[str, Any]) -> LaunchReport:
        return launch(self.engine, self.account, task_definition, sandbox=self.sandbox)


@pytest.fixture(scope="package")
def engine() -> Iterator[Engine]:
    # The agent has its own answer to what AWS would not even register, which an engine of somebody else's may have taken.
    with engines.private_engine(refusals=False) as running:
        yield running


@pytest.fixture
def lesson(engine: Engine, toolchain: Toolchain) -> Lesson:
    return Lesson(engine, engines.fresh_account(engine), toolchain.sandbox)


@pytest.fixture
def failure(lesson: Lesson) -> Callable[[LaunchReport], str]:
    """A failed launch's error, after what holds for each of them was checked."""

    def check(report: LaunchReport) -> str:
        assert not report.ok
        assert report.error
        assert report.containers == ()
        assert not report.matches(PLACEHOLDER)
        assert PLACEHOLDER not in repr(report)
        assert not [name for name in lesson.roles() if name.startswith("lab-shadow")]
        return report.error

    return check
