"""Who may assume a role, under the condition keys that ECS sends."""

from __future__ import annotations

import pytest

from lab_env.iam_policy import (
    NamedPolicy,
    Principal,
    assumes_role,
    ecs_assumes_role,
    evaluate,
)
from tests.lab_env.iam_policy.writing import ACCOUNT, ECS, OTHER, ROLE, ROOT, may, outcome, policy, statement, trust


@pytest.mark.parametrize(
    ("policy_of_role", "expected"),
    [
        (trust(ECS), "allowed"),
        (trust({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}), "allowed"),
        (trust({"Service": "ec2.amazonaws.com"}), "denied"),
        (trust({"Service": "ecs.amazonaws.com"}), "denied"),
        (trust({"AWS": ROOT}), "denied"),
        (
            trust(ECS, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
            "allowed",
        ),
        (
            trust(ECS, Condition={"StringEquals": {"aws:SourceAccount": OTHER}}),
            "denied",
        ),
        (
            trust(
                ECS,
                Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"}},
            ),
            "allowed",
        ),
        (
            trust(
                ECS,
                Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*"}},
            ),
            "denied",
        ),
        (trust(ECS, Condition={"StringEquals": {"sts:ExternalId": "x"}}), "denied"),
        (trust(ECS, Condition={"Bool": {"aws:Made": "up"}}), "undetermined"),
        (
            trust(ECS, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            "undetermined",
        ),
        (
            policy(statement(Principal=ECS, Action="sts:TagSession"), kind="trust"),
            "denied",
        ),
    ],
)
def test_ecs_trust(policy_of_role: NamedPolicy, expected: str) -> None:
    """May ECS assume the role, under the condition keys that ECS sends?"""
    request = ecs_assumes_role(ROLE, region="us-east-1")
    assert outcome(evaluate(request, identity=[may("*")], resource_policy=policy_of_role)) == expected


def test_trust_of_people() -> None:
    """Does a trust policy that names a user do by itself, one that names the account only with an identity policy?"""
    ada = Principal.user(f"arn:aws:iam::{ACCOUNT}:user/ada")
    request = assumes_role(ada, ROLE, region="us-east-1")
    assert outcome(evaluate(request, resource_policy=trust({"AWS": ada.arn}))) == "allowed"
    assert outcome(evaluate(request, resource_policy=trust({"AWS": ROOT}))) == "denied"
    assert (
        outcome(evaluate(request, identity=[may("sts:AssumeRole", ROLE)], resource_policy=trust({"AWS": ROOT})))
        == "allowed"
    )
    root = assumes_role(Principal.root(ACCOUNT), ROLE, region="us-east-1")
    assert outcome(evaluate(root, resource_policy=trust("*"))) == "denied"
