"""Decisions on the lesson's own requests and on the examples of AWS's guides."""

from __future__ import annotations

from typing import Any

import pytest

from lab_env.iam_policy import (
    NamedPolicy,
    PolicyKind,
    Principal,
    UnknownPolicy,
    evaluate,
    reads_secret,
    uses_key,
)
from tests.lab_env.iam_policy.writing import (
    ACCOUNT,
    DECRYPT,
    DELEGATED,
    EXEC,
    KEY,
    OTHER,
    READ,
    ROLE,
    ROOT,
    SECRET,
    may,
    must_not,
    on_key,
    outcome,
    policy,
    statement,
)


def test_explanations() -> None:
    """Does a decision say which statement of which policy decided?"""
    reading = policy(
        statement(Action="logs:*", Resource="*"),
        statement(Sid="Read", Action="secretsmanager:GetSecretValue", Resource=SECRET),
        name='role policy "read"',
    )
    allowed = evaluate(READ, identity=[reading])
    assert allowed.explanation == 'allowed by role policy "read", statement 2 (Sid Read)'
    assert allowed.statement == 'role policy "read", statement 2 (Sid Read)'
    denied = evaluate(READ, identity=[reading, must_not("secretsmanager:*")])
    assert denied.explanation == "denied: explicit deny in the fence, statement 1"
    assert denied.explicit_deny
    nothing = evaluate(READ, identity=[may("kms:*")])
    assert nothing.explanation == f"denied: no statement allows secretsmanager:GetSecretValue on {SECRET}"
    locked = evaluate(
        DECRYPT, identity=[may("kms:Decrypt")], resource_policy=on_key(statement(Principal="*", Action="kms:List*"))
    )
    assert locked.explanation.endswith("so identity policies do not count")


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (SECRET, "allowed"),
        (f"{SECRET[:-6]}??????", "allowed"),
        (f"{SECRET[:-6]}*", "allowed"),
        (f"arn:aws:secretsmanager:*:{ACCOUNT}:secret:dev-*", "allowed"),
        ("arn:aws:secretsmanager:*", "allowed"),
        ("arn:aws:secretsmanager:us-east-1:*:secret:*credentials-AbCdEf", "allowed"),
        ("*", "allowed"),
        (SECRET[:-7], "denied"),
        (f"{SECRET[:-6]}?????", "denied"),
        (SECRET.lower(), "denied"),
        (SECRET.replace("dev", "prod"), "denied"),
        (f"arn:aws:secretsmanager:us-east-1:1111*dev-database-credentials-{SECRET[-6:]}", "denied"),
        (KEY, "denied"),
    ],
)
def test_resource_patterns(resource: str, expected: str) -> None:
    """Does a Resource match case-sensitively, wildcards within segments, a * at a segment's end beyond it?"""
    assert outcome(evaluate(READ, identity=[may("secretsmanager:GetSecretValue", resource)])) == expected


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"Action": "SecretsManager:getsecretvalue"}, "allowed"),
        ({"Action": "secretsmanager:Get*Value"}, "allowed"),
        ({"Action": "*:*"}, "allowed"),
        ({"Action": ["kms:*", "secretsmanager:?etSecretValue"]}, "allowed"),
        ({"Action": "secretsmanager:GetSecret"}, "denied"),
        ({"NotAction": "iam:*"}, "allowed"),
        ({"NotAction": ["iam:*", "secretsmanager:*"]}, "denied"),
    ],
)
def test_action_patterns(element: dict[str, Any], expected: str) -> None:
    """Do actions match without regard to case, and NotAction everything else?"""
    assert outcome(evaluate(READ, identity=[policy(statement(Resource="*", **element))])) == expected


def test_not_resource() -> None:
    """Does NotResource cover everything but what it lists, in Allow and in Deny?"""
    allow_others = policy(statement(Action="secretsmanager:*", NotResource=SECRET))
    assert outcome(evaluate(READ, identity=[allow_others])) == "denied"
    deny_others = policy(statement("Deny", Action="secretsmanager:*", NotResource=SECRET))
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*"), deny_others])) == "allowed"


def test_secret_and_identity_policy_are_a_union() -> None:
    """In one account, is an Allow in either the identity policy or the secret's policy enough?"""
    opened = policy(
        statement(Principal={"AWS": ROLE}, Action="secretsmanager:GetSecretValue", Resource="*"), kind="secret"
    )
    assert outcome(evaluate(READ, resource_policy=opened)) == "allowed"
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*")], resource_policy=None)) == "allowed"
    closed = policy(statement("Deny", Principal="*", Action="secretsmanager:*", Resource="*"), kind="secret")
    assert outcome(evaluate(READ, identity=[may("*")], resource_policy=closed)) == "denied"


def test_account_as_principal_delegates() -> None:
    """Does a secret policy that names only the account leave the right to identity policies?"""
    for account in (ROOT, ACCOUNT):
        shared = policy(statement(Principal={"AWS": account}, Action="*", Resource="*"), kind="secret")
        assert outcome(evaluate(READ, resource_policy=shared)) == "denied"
        assert outcome(evaluate(READ, identity=[may("secretsmanager:*")], resource_policy=shared)) == "allowed"


def test_across_accounts_both_must_allow() -> None:
    """Does a principal of another account need an Allow on both sides?"""
    stranger = reads_secret(Principal.session(f"arn:aws:iam::{OTHER}:role/reader"), SECRET)
    opened = policy(statement(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}, Action="*", Resource="*"), kind="secret")
    assert outcome(evaluate(stranger, identity=[may("*")])) == "denied"
    assert outcome(evaluate(stranger, resource_policy=opened)) == "denied"
    assert outcome(evaluate(stranger, identity=[may("*")], resource_policy=opened)) == "allowed"


@pytest.mark.parametrize(
    ("key_policy", "identity", "expected"),
    [
        (DELEGATED, [may("kms:Decrypt", KEY)], "allowed"),
        (DELEGATED, [], "denied"),
        (on_key(statement(Principal={"AWS": ROLE}, Action="kms:Decrypt")), [], "allowed"),
        (on_key(statement(Principal={"AWS": ROLE}, Action="kms:Encrypt")), [may("kms:*")], "denied"),
        (
            on_key(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/exec"}, Action="kms:*")),
            [may("kms:*")],
            "denied",
        ),
        (on_key(statement(Principal={"AWS": ROOT}, Action="kms:Describe*")), [may("kms:*")], "denied"),
        (None, [may("kms:*")], "undetermined"),
        (DELEGATED, [may("kms:Decrypt", KEY.replace("key/", "alias/"))], "denied"),
    ],
)
def test_key_policy_must_allow(key_policy: NamedPolicy | None, identity: list[NamedPolicy], expected: str) -> None:
    """Must the key policy allow, by naming the role or by delegating to the account?"""
    assert outcome(evaluate(DECRYPT, identity=identity, resource_policy=key_policy)) == expected


def test_through_secrets_manager_only() -> None:
    """Is a right under kms:ViaService and the encryption context good through Secrets Manager and not directly?"""
    condition = {
        "StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"},
        "ArnLike": {"kms:EncryptionContext:SecretARN": f"{SECRET[:-6]}??????"},
    }
    via = [may("kms:Decrypt", KEY, Condition=condition)]
    assert outcome(evaluate(DECRYPT, identity=via, resource_policy=DELEGATED)) == "allowed"
    assert outcome(evaluate(uses_key(EXEC, KEY), identity=via, resource_policy=DELEGATED)) == "denied"


def test_boundary() -> None:
    """Does a boundary narrow identity policies and a role named by a resource, but not a session named by itself?"""
    boundary = may("logs:*")
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*")], boundary=boundary)) == "denied"
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*")], boundary=may("*"))) == "allowed"
    for named, expected in ((ROLE, "denied"), (EXEC.arn, "allowed")):
        opened = policy(statement(Principal={"AWS": named}, Action="*", Resource="*"), kind="secret")
        assert outcome(evaluate(READ, resource_policy=opened, boundary=boundary)) == expected
        fence = policy(statement("Deny", Action="*", Resource="*"))
        assert outcome(evaluate(READ, resource_policy=opened, boundary=fence)) == "denied"


def test_boundary_whose_text_is_not_known() -> None:
    """Is a right behind such a boundary neither there nor refused, and what nothing allows refused all the same?"""
    hidden = UnknownPolicy('boundary "company"')
    decision = evaluate(READ, identity=[may("secretsmanager:*")], boundary=hidden)
    assert (decision.allowed, decision.undetermined, decision.possible) == (False, True, True)
    assert decision.explanation == 'undetermined: it depends on boundary "company", whose text is not known'
    opened = policy(statement(Principal={"AWS": EXEC.arn}, Action="*", Resource="*"), kind="secret")
    assert evaluate(READ, resource_policy=opened, boundary=hidden).undetermined  # it may deny what it need not allow
    assert not evaluate(READ, identity=[may("logs:*")], boundary=hidden).possible


def test_root_user() -> None:
    """Does the account's root read the secret, and use the key only if the key policy lets the account?"""
    root = Principal.root(ACCOUNT)
    assert outcome(evaluate(reads_secret(root, SECRET))) == "allowed"
    assert outcome(evaluate(uses_key(root, KEY), resource_policy=DELEGATED)) == "allowed"
    only_exec = on_key(statement(Principal={"AWS": ROLE}, Action="kms:*"))
    assert outcome(evaluate(uses_key(root, KEY), resource_policy=only_exec)) == "denied"


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([ROOT, ROLE, EXEC.arn], "allowed"),
        ([ROLE, EXEC.arn], "undetermined"),
        ([ROLE], "undetermined"),
        ([f"arn:aws:iam::{ACCOUNT}:role/other"], "denied"),
        ([f"arn:aws:iam::{OTHER}:root"], "denied"),
    ],
)
def test_deny_all_but(listed: list[str], expected: str) -> None:
    """Does Deny with NotPrincipal spare a session whose account, role and session are listed, and is less unclear?"""
    fence = statement("Deny", NotPrincipal={"AWS": listed}, Action="*", Resource="*")
    closed = policy(fence, kind="secret")
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*")], resource_policy=closed)) == expected


def test_unique_id_as_principal() -> None:
    """Is a principal written as AWS's unique id, which nobody can resolve here, undetermined?"""
    opened = policy(statement(Principal={"AWS": "AROAEXAMPLEID1234567"}, Action="*", Resource="*"), kind="secret")
    decision = evaluate(READ, resource_policy=opened)
    assert outcome(decision) == "undetermined"
    assert decision.unknown_operators == ("principal id AROAEXAMPLEID1234567 (the secret policy, statement 1)",)


def test_kinds_have_their_words() -> None:
    """Do kinds compare with their words, as callers write them?"""
    assert PolicyKind("kms") is PolicyKind.KMS
