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
        (document(ALLOW, Statements=[]), None, "'Statements'"),
        (document("Allow"), None, "not a JSON object"),
        (document({**ALLOW, "Effect": "allow"}), None, "Effect is 'allow'"),
        (document({"Effect": "Allow", "Resource": "*"}), None, "neither Action nor NotAction"),
        (document({**ALLOW, "NotAction": "iam:*"}), None, "both Action and NotAction"),
        (document({**ALLOW, "NotResource": "*"}), None, "both Resource and NotResource"),
        (document({**ALLOW, "Action": []}), None, "Action is empty"),
        (document({**ALLOW, "Action": "GetSecretValue"}), None, "not written service:Action"),
        (document({**ALLOW, "Action": [1]}), None, "not a string"),
        (document({**ALLOW, "Actions": "*"}), None, "'Actions'"),
        (document({**ALLOW, "Resource": "dev-database-credentials"}), None, "neither an ARN"),
        (document({**ALLOW, "Resource": "arn:aws:*:::x"}), None, "neither an ARN"),
        (document({**ALLOW, "Condition": "x"}), None, "Condition is not an object"),
        (document({**ALLOW, "Condition": {"Bool": "true"}}), None, "holds no object"),
        (document({**ALLOW, "Principal": {"User": "ada"}}), None, "type 'User'"),
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
