"""Reading policy documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab_env.errors import LabError
from lab_env.iam_policy import PolicyKind, PolicySyntaxError, named_policy, parse_document

ALLOW = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}


def document(*statements: Any, **top: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **top}


def test_tolerated_forms() -> None:
    """Is one statement, one string, a missing version, a number as a condition's value read as AWS reads it?"""
    condition = {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"aws:MultiFactorAuthAge": 300}}
    parsed = parse_document({"Statement": {**ALLOW, "Condition": condition}})
    assert parsed.version == "2008-10-17"
    (statement,) = parsed.statements
    assert statement.action.values == ("kms:Decrypt",)
    assert [item.values for item in statement.conditions] == [("true",), ("300",)]
    assert parse_document(json.dumps(document(ALLOW))) == parse_document(document(ALLOW))


@pytest.mark.parametrize(
    "elements",
    [
        {"Action": "kms: Decrypt "},
        {"Action": "kms:"},
        {"Resource": "arn:aws:kms"},
        {"Resource": "arn:*:kms:*:*:key/*"},
        {"Resource": ["arn:aws:kms:us-east-1:111122223333", None]},
        {"Resource": "arn:aws:iam::111122223333:*"},
        {"Resource": "arn:aws:iam::${aws:PrincipalAccount}:${aws:PrincipalTag/kind}/x"},
        {"Resource": "arn:aws:s3:us-west-2:111122223333:accesspoint/x"},
        {"Condition": {"Anything": {}}},
        {"Condition": {"DateLessThan": {"aws:CurrentTime": ["2026-06-15T12:00:00Z", "1781524800", "2026"]}}},
        {"Condition": {"ForAllValues:Null": {"aws:TagKeys": "true"}}},
    ],
)
def test_what_aws_takes(elements: dict[str, Any]) -> None:
    """Is a statement read that AWS stores, though it may match nothing?"""
    assert parse_document(document({**ALLOW, **elements}), kind="identity")


def test_star_principal_has_one_reading() -> None:
    """Are ``"*"`` and ``{"AWS": "*"}`` the same, as the IAM guide says?"""
    bare, long = ({**ALLOW, "Principal": principal} for principal in ("*", {"AWS": "*"}))
    assert (
        parse_document(document(bare)).statements[0].principal == parse_document(document(long)).statements[0].principal
    )


@pytest.mark.parametrize(
    ("written", "kind", "says"),
    [
        ("{", None, "not valid JSON"),
        ("[]", None, "not a JSON object"),
        ("[" * 100_000, None, "not valid JSON"),
        ('{"Statement": [], "Statement": []}', None, "stands twice"),
        ({"Version": "2012-10-17"}, None, "no Statement"),
        ({"Statement": []}, None, "no Statement"),
        (document(ALLOW, Version="2020-01-01"), None, "2020-01-01"),
        (document(ALLOW, Statements=[]), None, '"Statements"'),
        (document("Allow"), None, "not a JSON object"),
        (document({**ALLOW, "Effect": "allow"}), None, 'Effect is "allow"'),
        (document({"Effect": "Allow", "Resource": "*"}), None, "neither Action nor NotAction"),
        (document({**ALLOW, "NotAction": "iam:*"}), None, "both Action and NotAction"),
        (document({**ALLOW, "NotResource": "*"}), None, "both Resource and NotResource"),
        (document({**ALLOW, "Action": []}), None, "Action is empty"),
        (document({**ALLOW, "Action": "GetSecretValue"}), None, "not written service:Action"),
        (document({**ALLOW, "Action": [1]}), None, "not a string"),
        (document({**ALLOW, "Actions": "*"}), None, '"Actions"'),
        (document({**ALLOW, "Resource": "dev-database-credentials"}), None, "neither an ARN"),
        (document({**ALLOW, "Resource": "arn:aws:*:::x"}), None, "neither an ARN"),
        (document({**ALLOW, "Resource": "arn:aws"}), None, "neither an ARN"),
        (document({**ALLOW, "Resource": "arn:azure:kms:::x"}), None, "neither an ARN"),
        (document({**ALLOW, "Resource": "arn:aws:s3::bucket"}), None, "incomplete ARN with an empty field"),
        (document({**ALLOW, "Resource": "arn:aws:iam::111122223333:rol*"}), None, "none of IAM's"),
        (document({**ALLOW, "Resource": "arn:aws:iam:us-east-1::role/x"}), None, "has a region"),
        (document({**ALLOW, "Resource": "arn:aws:s3:us-east-1::bucket"}), None, "has a region"),
        (document({**ALLOW, "Resource": [None]}), None, "Resource is empty"),
        (document({**ALLOW, "Resource": None}), None, "not a string"),
        (document({**ALLOW, "Action": "a a:Read"}), None, "not written service:Action"),
        (document({**ALLOW, "Action": "kms:De:crypt"}), None, "not written service:Action"),
        (document(ALLOW, Id=[]), None, "Id of a policy document is not a string"),
        (document({**ALLOW, "Condition": {"DateLessThan": {"aws:CurrentTime": "soon"}}}), None, '"soon"'),
        (document({**ALLOW, "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-13"}}}), None, "no date"),
        (document({**ALLOW, "Condition": {"DateLessThan": {"aws:CurrentTime": str(2**63)}}}), None, "no date"),
        (document({**ALLOW, "Condition": {"DateLessThan": {"aws:CurrentTime": "9" * 10_000}}}), None, "no date"),
        (document({**ALLOW, "Condition": {"NullIfExists": {"aws:username": "true"}}}), None, "none that IAM knows"),
        (document({**ALLOW, "Condition": "x"}), None, "Condition is not an object"),
        (document({**ALLOW, "Condition": {"Bool": "true"}}), None, "holds no object"),
        (document({**ALLOW, "Principal": {"User": "ada"}}), None, 'type "User"'),
        (document({**ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}}), None, "wildcard"),
        (document({**ALLOW, "Principal": "*", "NotPrincipal": "*"}), None, "both Principal and NotPrincipal"),
        (document({**ALLOW, "Principal": {}}), None, "Principal"),
        (document({**ALLOW, "Sid": "Read"}, {**ALLOW, "Sid": "Read"}), None, "used twice"),
        (document({**ALLOW, "Sid": "Read it"}), "identity", "letters and digits"),
        (document({**ALLOW, "Principal": "*"}), "identity", "there is a Principal"),
        (document({"Effect": "Allow", "Action": "kms:Decrypt"}), "identity", "neither Resource nor NotResource"),
        (document(ALLOW), "kms", "no Principal"),
        (document({**TRUST, "Resource": "*"}), "trust", "there is a Resource"),
        (document({"Effect": "Deny", "Action": "sts:*", "NotPrincipal": "*"}), "trust", "NotPrincipal"),
    ],
)
def test_what_aws_refuses(written: Any, kind: str | None, says: str) -> None:
    """Does a document that AWS refuses give one sentence that names what is wrong, and the next step?"""
    with pytest.raises(PolicySyntaxError) as refused:
        parse_document(written, kind=kind)
    assert says in refused.value.message
    assert refused.value.next_step
    assert isinstance(refused.value, LabError)


def test_refusal_names_the_policy() -> None:
    """Does the sentence say in which of several policies it is?"""
    with pytest.raises(PolicySyntaxError, match='role policy "read": A policy document has no Statement'):
        named_policy('role policy "read"', {}, PolicyKind.IDENTITY)


def test_spaces_in_a_key_policys_sid() -> None:
    """Is KMS's own default Sid, which has spaces, read?"""
    default = {"Sid": "Enable IAM User Permissions", **ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
    policy = named_policy("key policy", document(default), PolicyKind.KMS)
    assert policy.where(policy.document.statements[0]) == "key policy, statement 1 (Sid Enable IAM User Permissions)"
