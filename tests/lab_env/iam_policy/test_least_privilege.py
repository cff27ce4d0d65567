"""What policies grant beyond need, decided for every resource and shown on decoys."""

from __future__ import annotations

from typing import Any

import pytest

from lab_env.iam_policy import (
    Allowance,
    AttachedPolicy,
    Excess,
    NamedPolicy,
    Principal,
    excess,
    execution_role_allowance,
    grantees,
    managed_policy_arns,
    named_managed_policy,
    named_policy,
)

ACCOUNT = "111122223333"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:dev-database-credentials-AbCdEf"
STEM = SECRET[:-7]
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/exec"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
EXEC = Principal.session(ROLE)
NEED = execution_role_allowance(SECRET, KEY)
READ = "secretsmanager:GetSecretValue"


def policy(*statements: dict[str, Any], kind: str = "identity", name: str = "P") -> NamedPolicy:
    return named_policy(name, {"Version": "2012-10-17", "Statement": list(statements)}, kind)


def allow(actions: Any, resources: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", **elements}


LESSON = (allow(READ, SECRET), allow("kms:Decrypt", KEY))


@pytest.mark.parametrize(
    "statements",
    [
        LESSON,
        (allow([READ, "kms:Decrypt"], [SECRET, KEY]),),
        (allow(READ, f"{STEM}-??????"), allow("kms:Decrypt", KEY)),
        (allow(READ, f"{STEM}-AbC???"),),
        (allow(READ, STEM.replace(ACCOUNT, "${aws:PrincipalAccount}") + "-??????"),),
        (allow("secretsmanager:GetSecretValu?", SECRET),),
        (allow("kms:Decrypt", KEY, Condition={"StringLike": {"kms:ViaService": "secretsmanager.*"}}),),
        (*LESSON, allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "logs:PutLogEvents"], "*")),
        (*LESSON, allow("logs:CreateLogStream", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/ecs/app:*")),
        (allow(READ, "*"), deny(Action=READ, NotResource=SECRET)),
        (allow("*", "*"), deny(NotAction=[READ, "kms:Decrypt"], Resource="*"), deny(Action=READ, NotResource=SECRET),
         deny(Action="kms:Decrypt", NotResource=[KEY])),
        (*LESSON, deny(Action="*", Resource="*", Condition={"Bool": {"aws:SecureTransport": "false"}})),
        (allow(READ, STEM),),
        (allow("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/app-secrets-dev"),),
        (allow("secretsmanager:ListSecrets", SECRET),),
        (),
    ],
)  # fmt: skip
def test_within_need(statements: tuple[dict[str, Any], ...]) -> None:
    """Is what AWS advises fine, and what grants nothing no excess?"""
    policies = [policy(*statements)] if statements else []
    assert excess(policies, NEED, principal=EXEC) == ()


@pytest.mark.parametrize(
    ("statements", "action", "resources"),
    [
        ((allow(READ, f"{STEM}-*"),), READ, (f"{STEM}-*",)),
        ((allow(READ, f"{STEM}*"),), READ, (f"{STEM}*",)),
        ((allow(READ, f"{STEM}-?????????"),), READ, (f"{STEM}-?????????",)),
        ((allow(READ, STEM.replace("us-east-1", "*") + "-??????"),), READ, None),
        ((allow(READ, f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:*"),), READ, None),
        ((allow(READ, "*"),), READ, ("*",)),
        ((allow(READ, "*", Condition={"StringEquals": {"aws:ResourceTag/Environment": "dev"}}),), READ, ("*",)),
        ((allow("secretsmanager:*", SECRET),), "secretsmanager:*", (SECRET,)),
        ((allow("secretsmanager:Get*", SECRET),), "secretsmanager:Get*", (SECRET,)),
        ((allow([READ, "secretsmanager:DescribeSecret"], SECRET),), "secretsmanager:DescribeSecret", (SECRET,)),
        ((allow("secretsmanager:ListSecrets", "*"),), "secretsmanager:ListSecrets", ("*",)),
        ((allow("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*"),), "kms:Decrypt", None),
        ((allow("kms:*", KEY),), "kms:*", (KEY,)),
        ((allow("ssm:GetParameters", "*"),), "ssm:GetParameters", ("*",)),
        ((allow("made:Up", "*"),), "made:Up", ("*",)),
        ((allow("made:*", "*"),), "made:*", ("*",)),
        (({"Effect": "Allow", "NotAction": "iam:*", "Resource": SECRET},), "everything but iam:*", (SECRET,)),
        (({"Effect": "Allow", "Action": READ, "NotResource": SECRET},), READ, (f"not {SECRET}",)),
        ((allow(READ, "arn:aws:secretsmanager:us-east-1:${aws:PrincipalTag/account}:secret:x"),), READ, None),
        ((allow(READ, "*"), deny(Action=READ, NotResource=[SECRET, f"{STEM}-old-??????"])), READ, ("*",)),
        (
            (allow(READ, "*"), deny(Action=READ, NotResource=SECRET, Condition={"Null": {"aws:x": "true"}})),
            READ,
            ("*",),
        ),
        ((allow(READ, "*"), deny(Action="kms:*", NotResource=SECRET)), READ, ("*",)),
        ((allow("*", "*"), deny(Action="iam:*", Resource="*")), "*", ("*",)),
    ],
)
def test_beyond_need(statements: tuple[dict[str, Any], ...], action: str, resources: tuple[str, ...] | None) -> None:
    """Is a grant that reaches a decoy found, with its action, its resources and its statement?"""
    (found,) = excess([policy(*statements)], NEED, principal=EXEC)
    assert found.action == action
    assert found.where == "P, statement 1"
    assert resources is None or found.resource_patterns == resources


def test_single_actions_are_listed() -> None:
    """Are the actions that a wildcard adds listed, and only those?"""
    (found,) = excess([policy(allow("secretsmanager:Get*", SECRET))], NEED)
    assert found == Excess("secretsmanager:Get*", ("secretsmanager:GetResourcePolicy",), (SECRET,), "P, statement 1")


def test_another_policys_deny_counts() -> None:
    """Does a Deny in one policy narrow the Allow of another?"""
    fence = policy(deny(Action="secretsmanager:*", NotResource=SECRET), name="fence")
    assert excess([policy(allow(READ, "*")), fence], NEED) == ()


def test_grants_on_the_resource() -> None:
    """Is what a key policy gives the role itself judged, and what it gives the account not?"""
    delegated = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    narrow = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}
    wide = {**narrow, "Action": "kms:*"}

    def judged(*statements: dict[str, Any]) -> tuple[Excess, ...]:
        attached = [AttachedPolicy(policy(*statements, kind="kms", name="key policy"), KEY)]
        return excess([policy(*LESSON)], NEED, attached=attached, principal=EXEC)

    assert judged(delegated) == ()
    assert judged(delegated, narrow) == ()
    (found,) = judged(delegated, wide)
    assert (found.where, found.action, found.resource_patterns) == ("key policy, statement 2", "kms:*", (KEY,))
    # What everybody is given is a fault of its own, and charged there.
    assert judged({**wide, "Principal": "*"}) == ()
    assert judged({**wide, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}}) == ()
    assert judged(wide, deny(Principal="*", NotAction="kms:Decrypt", Resource="*")) == ()


def test_own_allowance() -> None:
    """Can a caller state another allowance, with its own patterns?"""
    fine = [Allowance(("s3:Get*",), ("arn:aws:s3:::lab/*",))]
    assert excess([policy(allow("s3:GetObject", "arn:aws:s3:::lab/a/*"))], fine) == ()
    assert excess([policy(allow("s3:GetObject", "arn:aws:s3:::lab*"))], fine)


def test_too_tangled_is_excess() -> None:
    """Is a pattern that is too tangled to decide refused instead of waved through?"""
    tangled = "arn:aws:secretsmanager:us-east-1:" + "*a?" * 18 + "*"
    assert excess([policy(allow("made:Up", tangled))], [Allowance(("made:Up",), ("arn:aws:*b??????????????????*",))])


def test_managed_policies() -> None:
    """Are AWS's own task-execution policy and its policy for pulling images the only shipped ones that are within need?"""
    fine = []
    for arn in managed_policy_arns():
        document = named_managed_policy(arn)
        assert document is not None
        if excess([document], NEED) == ():
            fine.append(arn)
    assert fine == [
        "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    ]


def test_grantees() -> None:
    """Is everybody whom a key policy lets decrypt named, and nobody else?"""
    key_policy = policy(
        {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": [ROLE, "444455556666"]}, "Action": "kms:Dec*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Encrypt", "Resource": "*"},
        {"Effect": "Allow", "NotPrincipal": {"AWS": ROOT}, "NotAction": "kms:List*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"},
        kind="kms",
        name="key policy",
    )  # fmt: skip
    found = grantees(key_policy, ["kms:Decrypt"])
    assert [(item.kind, item.value, item.where, item.conditional) for item in found] == [
        ("AWS", ROOT, "key policy, statement 1", False),
        ("AWS", ROLE, "key policy, statement 2", False),
        ("AWS", "444455556666", "key policy, statement 2", False),
        ("NotPrincipal", "*", "key policy, statement 4", True),
    ]
    assert ("Service", "logs.amazonaws.com") in [(item.kind, item.value) for item in grantees(key_policy)]


@pytest.mark.parametrize(
    ("resource", "beyond"),
    [
        ("arn:aws:secretsmanager", ("secretsmanager:GetSecretValue",)),
        (f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}", ("secretsmanager:GetSecretValue",)),
        (f"arn:*:secretsmanager:*:{ACCOUNT}:secret:*", ("secretsmanager:GetSecretValue",)),
        ("arn:aws:sqs", ()),
    ],
)
def test_incomplete_arn(resource: str, beyond: tuple[str, ...]) -> None:
    """Is an ARN whose missing fields AWS fills with a star a grant on all that it then matches?"""
    found = excess([policy(*LESSON, allow(READ, resource))], NEED, principal=EXEC)
    assert tuple(action for item in found for action in item.actions) == beyond
