"""Generated policies: one case is a caller, a call, identity policies and perhaps a policy on the resource.

Names that differ from account to account stand as marks such as ``<secret>``; the stage fills them in. So the same seed
gives the same cases on every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from hypothesis import strategies as st

Json = dict[str, Any]
Scene = Literal["secret", "key", "alias", "trust"]

TAGS = {
    "team": "Blue",
    "twin": "Blue",
    "level": "5",
    "flag": "true",
    "born": "2020-01-02T03:04:05Z",
    "blob": "bGFi",
    "origin": "arn:aws:sns:us-east-1:111122223333:topic:one",
}
"""The tags of every caller: values of each type, known to both sides."""

EXTERNAL_ID = "lab-42"
REQUEST_TAGS = {"cost": "12", "owner": "ada"}


@dataclass(frozen=True)
class Case:
    """:param caller: ``plain``, ``bounded``, ``limited`` (roles with different boundaries), ``user`` or ``root``."""

    scene: Scene
    caller: str
    action: str
    identity: tuple[Json, ...]
    resource_policy: Json | None


_STRINGS: dict[str, list[str]] = {
    "aws:PrincipalTag/team": [
        "Blue",
        "blue",
        "B*",
        "B?ue",
        "red",
        "${aws:PrincipalTag/twin}",
        "${aws:PrincipalTag/level}",
    ],
    "aws:RequestedRegion": ["us-east-1", "us-*", "eu-west-1"],
    "aws:PrincipalAccount": ["<account>", "999999999999", "${aws:PrincipalAccount}"],
    "aws:PrincipalType": ["AssumedRole", "User"],
    "aws:username": ["ada", "a*", "bob"],
    "aws:PrincipalTag/none": ["x", "*"],
    "aws:ResourceTag/env": ["dev", "DEV", "prod"],
}
_KEYS_OF_SCENE: dict[Scene, dict[str, list[str]]] = {
    "secret": {"secretsmanager:SecretId": ["<secret>", "arn:aws:secretsmanager:*"]},
    "key": {
        "kms:CallerAccount": ["<account>", "999999999999"],
        "kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com"],
    },
    "alias": {"kms:CallerAccount": ["<account>", "999999999999"]},
    "trust": {"sts:ExternalId": [EXTERNAL_ID, "other", "lab-*"], "sts:RoleSessionName": ["lab", "l*", "other"]},
}
_ARNS = {
    "aws:PrincipalTag/origin": [
        TAGS["origin"],
        "arn:aws:sns:*:111122223333:topic:*",
        "arn:aws:sns:us-east-1:*:one",
        "arn:aws:sns:eu-*:*:*",
        "arn:aws:sqs:*:*:*",
        "arn:aws:sns:*",
    ],
    "aws:PrincipalArn": ["<caller-role>", "<caller>", "arn:aws:iam::<account>:role/*", "arn:aws:iam::<account>:user/*"],
    "aws:SourceArn": ["arn:aws:ecs:us-east-1:<account>:*"],
}
_DATES = {
    "aws:PrincipalTag/born": [TAGS["born"], "2020-01-02T04:04:05+01:00", "2019-12-31", "2030-01-01T00:00:00Z"],
    "aws:CurrentTime": ["2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "4102444800"],
    "aws:TokenIssueTime": ["2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
}
_ORDERS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]

FAMILIES: dict[str, tuple[list[str], dict[str, list[str]]]] = {
    "String": (
        [
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        _STRINGS,
    ),
    "Arn": (["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"], _ARNS),
    "Numeric": (
        [f"Numeric{order}" for order in _ORDERS],
        {"aws:PrincipalTag/level": ["5", "5.0", "4", "6", "10"], "aws:EpochTime": ["0", "99999999999"]},
    ),
    "Date": ([f"Date{order}" for order in _ORDERS], _DATES),
    "Bool": (
        ["Bool"],
        {
            "aws:SecureTransport": ["true", "false"],
            "aws:PrincipalTag/flag": ["true", "false"],
            "aws:MultiFactorAuthPresent": ["true", "false"],
        },
    ),
    "IpAddress": (
        ["IpAddress", "NotIpAddress"],
        {"aws:SourceIp": ["127.0.0.0/8", "127.0.0.1", "10.0.0.0/8", "::1/128"]},
    ),
    "Binary": (["BinaryEquals"], {"aws:PrincipalTag/blob": ["bGFi", "b3RoZXI="]}),
    "Null": (
        ["Null"],
        {
            key: ["true", "false"]
            for key in ("aws:PrincipalTag/team", "aws:PrincipalTag/none", "aws:SourceArn", "aws:username")
        },
    ),
}


def _conditions(rng: Random, scene: Scene, action: str) -> Json:
    """One or two keys under one or two operators."""
    block: Json = {}
    for _ in range(rng.choice([1, 1, 1, 2])):
        operator, key, values = _condition(rng, scene, action)
        block.setdefault(operator, {})[key] = values
    return block


def _condition(rng: Random, scene: Scene, action: str) -> tuple[str, str, list[str]]:
    if action.endswith("TagResource") and rng.random() < 0.5:
        scope = rng.choice(["ForAllValues:", "ForAnyValue:", "ForAnyValue:", ""])
        operator = rng.choice(["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"])
        values = rng.choice([["cost"], ["cost", "owner"], ["other"], ["cost", "other"], ["*o*"]])
        return f"{scope}{operator}", "aws:TagKeys", values
    if rng.randint(0, 39) == 0:
        return "StringMatches", "aws:PrincipalTag/team", ["Blue"]
    operators, keys = FAMILIES[rng.choice(sorted(FAMILIES))]
    operator = rng.choice(operators)
    if operator.startswith("String") and rng.randint(0, 2) == 0:
        keys = _KEYS_OF_SCENE[scene]
    key = rng.choice(sorted(keys))
    values = _one_or_two(rng, keys[key])
    if operator == "Null":
        return operator, key, values[:1]
    scope = rng.choice(["", "", "", "", "", "ForAllValues:", "ForAnyValue:"])
    return f"{scope}{operator}{rng.choice(['', '', '', 'IfExists'])}", key, values


_ACTIONS: dict[Scene, list[Any]] = {
    "secret": [
        "secretsmanager:*",
        "secretsmanager:Get*",
        ["secretsmanager:Describe*", "secretsmanager:?agResource"],
        "kms:*",
        "*",
    ],
    "key": ["kms:*", "kms:De*", ["kms:DescribeKey", "kms:Decrypt"], "KMS:describekey", "secretsmanager:*", "*"],
    "alias": ["kms:*", "kms:Describe*", "kms:DescribeKey", "kms:Decrypt"],
    "trust": [
        "sts:*",
        "sts:Assume*",
        "STS:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        ["sts:AssumeRole", "sts:TagSession"],
    ],
}
_RESOURCES: dict[Scene, list[str]] = {
    "secret": [
        "*",
        "<secret>",
        "<secret-stem>-??????",
        "<secret-stem>-*",
        "arn:aws:secretsmanager:*:*:secret:lab/*",
        "arn:aws:secretsmanager:us-east-1:<account>:secret:LAB/*",
        "arn:aws:secretsmanager:us-east-1:<account>:secret:other-??????",
        "arn:aws:secretsmanager:us-east-1:<account-head>*lab/secret-*",
        "arn:aws:secretsmanager:us-east-1:${aws:PrincipalAccount}:secret:*",
    ],
    "key": [
        "*",
        "<key>",
        "arn:aws:kms:us-east-1:<account>:key/*",
        "arn:aws:kms:*:*:key/<key-id>",
        "arn:aws:kms:us-east-1:<account>:alias/lab",
        "arn:aws:kms:us-east-1:<account-head>*key/*",
        "arn:aws:kms:eu-*:<account>:key/*",
    ],
    "alias": ["*", "<key>", "arn:aws:kms:us-east-1:<account>:alias/lab", "arn:aws:kms:us-east-1:<account>:key/*"],
    "trust": ["*", "<target>", "arn:aws:iam::<account>:role/*", "arn:aws:iam::<account>:role/other"],
}
_CALLS: dict[Scene, list[str]] = {
    "secret": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:TagResource"],
    "key": ["kms:DescribeKey", "kms:Decrypt"],
    "alias": ["kms:DescribeKey"],
    "trust": ["sts:AssumeRole"],
}
_ROOT = "arn:aws:iam::<account>:root"
_PRINCIPALS: list[Any] = [
    {"AWS": _ROOT},
    {"AWS": "<account>"},
    {"AWS": "<caller-role>"},
    {"AWS": ["<caller>", "arn:aws:iam::999999999999:root"]},
    "*",
    {"AWS": "*"},
    {"AWS": "arn:aws:iam::<account>:role/other"},
    {"AWS": "arn:aws:iam::999999999999:root"},
    {"Service": "ecs-tasks.amazonaws.com"},
    {"Service": ["ecs-tasks.amazonaws.com"], "AWS": [_ROOT]},
]
_NOT_PRINCIPALS: list[Any] = [
    {"AWS": [_ROOT, "<caller-role>", "<caller>"]},
    {"AWS": "arn:aws:iam::<account>:role/other"},
    {"AWS": ["<caller-role>"]},
]


def _statement(rng: Random, scene: Scene, action: str, *, on_resource: bool) -> Json:
    deny = rng.randint(0, 4) == 0
    statement: Json = {"Effect": "Deny" if deny else "Allow"}
    if rng.randint(0, 9) == 0:
        statement["Sid"] = rng.choice(["Read", "Use", "Open"])
    element = "NotAction" if rng.randint(0, 9) == 0 else "Action"
    statement[element] = rng.choice([action, action, action, *_ACTIONS[scene]])
    if not (on_resource and scene == "trust"):
        element = "NotResource" if rng.randint(0, 9) == 0 else "Resource"
        resources = ["*"] if on_resource and scene != "secret" else _RESOURCES[scene]
        values = _one_or_two(rng, resources)
        statement[element] = values[0] if len(values) == 1 else values
        if scene == "secret" and rng.randint(0, 39) == 0:
            statement[element] = "arn:aws:*:us-east-1:<account>:secret:*"
        if values == ["*"] and element == "NotResource":
            statement = {**{k: v for k, v in statement.items() if k != "NotResource"}, "Resource": "*"}
    if on_resource:
        if scene != "trust" and rng.randint(0, 11) == 0:
            statement["NotPrincipal"] = rng.choice(_NOT_PRINCIPALS)
        else:
            statement["Principal"] = rng.choice(_PRINCIPALS)
    if rng.randint(0, 9) < 5:
        statement["Condition"] = _conditions(rng, scene, action)
    return statement


def _document(rng: Random, scene: Scene, action: str, *, on_resource: bool) -> Json:
    statements = [_statement(rng, scene, action, on_resource=on_resource) for _ in range(rng.randint(1, 3))]
    shape = statements[0] if len(statements) == 1 and rng.random() < 0.5 else statements
    version = rng.choice(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None])
    return {**({"Version": version} if version else {}), "Statement": shape}


_ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
_DELEGATED = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": _ROOT}, "Action": "kms:*", "Resource": "*"},
}
_ASSUME: list[tuple[Json, ...]] = [
    (),
    (_ALL,),
    (_ALL,),
    ({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "<target>"}},),
    (_ALL, {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sts:*", "Resource": "<target>"}}),
]


def cases() -> st.SearchStrategy[Case]:
    """One case; secrets, keys and trust in about equal shares.

    Hypothesis draws the seed and a generator of its own draws the case: Hypothesis likes to repeat parts of its last
    examples, and two thousand cases should differ.
    """
    return st.integers(0, 2**64 - 1).map(lambda seed: _case(Random(seed)))  # noqa: S311  # no secret


def _one_or_two(rng: Random, values: list[str]) -> list[str]:
    return rng.sample(values, min(len(values), rng.choice([1, 1, 2])))


def _case(rng: Random) -> Case:
    scene: Scene = rng.choice(["secret", "secret", "secret", "key", "key", "key", "alias", "trust", "trust"])
    action = rng.choice(_CALLS[scene])
    if scene == "trust":
        caller = rng.choice(["plain", "plain", "user", "user", "root"])
        return Case(scene, caller, action, rng.choice(_ASSUME), _document(rng, scene, action, on_resource=True))
    caller = rng.choice(["plain", "plain", "plain", "user", "bounded", "limited"])
    identity = [_document(rng, scene, action, on_resource=False) for _ in range(rng.randint(1, 2))]
    if scene == "secret":
        policy = rng.choice([None, _document(rng, scene, action, on_resource=True)])
    else:
        policy = rng.choice([_DELEGATED, _document(rng, scene, action, on_resource=True)])
    return Case(scene, caller, action, tuple(identity), policy)
