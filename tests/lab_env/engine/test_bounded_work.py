"""Do a learner's numbers and policies of the wrong shape cost the engine nothing, and are they nobody's error?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab_env.engine import Account, Engine, bounded_work, fresh_account, sessions
from lab_env.engine.sessions import Credentials

pytestmark = pytest.mark.engine

TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
DENY = {"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
DEEP = "[" * 3000 + "]" * 3000


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def account(ministack: Engine) -> Account:
    return fresh_account(ministack)


def test_a_service_has_few_tasks(account: Account) -> None:
    """Is a service of a thousand million tasks made, and changed, with what it asks for and a hundred tasks?"""
    ecs = sessions.client(account, "ecs")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "x", "memory": 64}])
    made = ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=10**9)["service"]
    assert (made["desiredCount"], made["runningCount"]) == (10**9, bounded_work.TASKS)
    small = ecs.create_service(cluster="c", serviceName="t", taskDefinition="f", desiredCount=3)["service"]
    assert (small["desiredCount"], small["runningCount"]) == (3, 3)
    changed = ecs.update_service(cluster="c", service="t", desiredCount=10**9)["service"]
    assert changed["desiredCount"] == 10**9


@pytest.fixture
def keys(account: Account) -> Credentials:
    """A session of a role that may read the secret ``s``."""
    iam = sessions.client(account, "iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(TRUST))
    allowed = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document(allowed))
    sessions.client(account, "secretsmanager").create_secret(Name="s", SecretString="v")
    role = f"arn:aws:iam::{account.id}:role/r"
    given = sessions.client(account, "sts").assume_role(RoleArn=role, RoleSessionName="launch")["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


WRONG = [
    pytest.param(document({**DENY, "Principal": "*", "Condition": ["x"]}), id="a list of conditions"),
    pytest.param(
        document({**DENY, "Principal": "*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "1e99"}}}),
        id="a date past all calendars",
    ),
    pytest.param(document({**DENY, "Principal": {"AWS": 5}}), id="a number as a principal"),
    pytest.param(document({**DENY, "Principal": {"AWS": "x:role/y"}}), id="half an ARN as a principal"),
    pytest.param(document({**DENY, "Principal": "*", "Resource": "DEEP"}).replace('"DEEP"', DEEP), id="nested deep"),
]


@pytest.mark.parametrize("policy", WRONG)
def test_a_policy_of_the_wrong_shape_grants_nothing(account: Account, keys: Credentials, policy: str) -> None:
    """Is a read past such a secret policy allowed or denied, and never an error of the engine's?"""
    manager = sessions.client(account, "secretsmanager")
    assert sessions.client(account, "secretsmanager", credentials=keys).get_secret_value(SecretId="s")
    manager.put_resource_policy(SecretId="s", ResourcePolicy=policy)
    with pytest.raises(ClientError) as caught:
        sessions.client(account, "secretsmanager", credentials=keys).get_secret_value(SecretId="s")
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert manager.get_secret_value(SecretId="s")["SecretString"] == "v"


def test_what_is_nested_deep_is_refused_by_iam(account: Account, keys: Credentials) -> None:
    """Is it malformed where IAM reads it, as on AWS, and does a trust policy that is nested deep let nobody in?"""
    iam = sessions.client(account, "iam")
    policy = document({**DENY, "Resource": "DEEP"}).replace('"DEEP"', DEEP)
    for call in (
        lambda: iam.put_role_policy(RoleName="r", PolicyName="q", PolicyDocument=policy),
        lambda: iam.create_policy(PolicyName="q", PolicyDocument=policy),
        lambda: iam.create_role(RoleName="q", AssumeRolePolicyDocument=policy),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "MalformedPolicyDocument"
