"""Decisions on the lesson's own requests and on the examples of AWS's guides."""

from __future__ import annotations

from typing import Any

import pytest

from lab_env.iam_policy import (
    NamedPolicy,
    PolicyKind,
    Principal,
    Request,
    UnknownPolicy,
    Unread,
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
        ("arn:aws:secretsmanager", "allowed"),
        ("arn:aws:secretsmanager:us-east-1", "allowed"),
        (f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}", "allowed"),
        (f"arn:*:secretsmanager:*:{ACCOUNT}:secret:dev-*", "allowed"),
        ("arn:aws:secretsmanager:eu-west-1", "denied"),
        (f"arn:aws:secretsmanager:us-east-1:{OTHER}", "denied"),
        ("arn:aws:kms", "denied"),
        ("arn:aws:secretsmanager:us-east-1:${aws:PrincipalAccount}", "allowed"),
        (SECRET[:-7], "denied"),
        (f"{SECRET[:-6]}?????", "denied"),
        (SECRET.lower(), "denied"),
        (SECRET.replace("dev", "prod"), "denied"),
        (f"arn:aws:secretsmanager:us-east-1:1111*dev-database-credentials-{SECRET[-6:]}", "denied"),
        (KEY, "denied"),
    ],
)
def test_resource_patterns(resource: str, expected: str) -> None:
    """Does a Resource match case-sensitively, wildcards within segments, a * at a segment's end beyond it, missing fields as *?"""
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


def test_incomplete_arn_on_a_resource() -> None:
    """Is an incomplete ARN, which AWS completes in identity policies, undetermined in a policy on a resource?"""
    short = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}"
    opened = policy(statement(Principal={"AWS": EXEC.arn}, Action="*", Resource=short), kind="secret")
    decision = evaluate(READ, resource_policy=opened)
    assert decision.unknown_operators[0].startswith(f"the incomplete ARN {short} in a policy on a resource")
    closed = policy(statement("Deny", Principal="*", Action="*", NotResource=short), kind="secret")
    assert outcome(evaluate(READ, identity=[may("*")], resource_policy=closed)) == "undetermined"
    elsewhere = policy(statement("Deny", Principal="*", Action="*", Resource="arn:aws:sqs"), kind="secret")
    assert outcome(evaluate(READ, identity=[may("*")], resource_policy=elsewhere)) == "allowed"


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


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ("*", {}, "undetermined"),
        ({"AWS": "*"}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, "undetermined"),
        ("*", {"ArnEquals": {"aws:PrincipalArn": ROLE}}, "allowed"),
        ("*", {"ArnEquals": {"aws:PrincipalArn": f"{ROLE}-2"}}, "denied"),
        ({"AWS": ROLE}, {"ArnEquals": {"aws:PrincipalArn": ROLE}}, "denied"),
    ],
)
def test_boundary_and_everybody(principal: Any, condition: dict[str, Any], expected: str) -> None:
    """Does a boundary not limit what a star with aws:PrincipalArn grants, and is it open what it does to a star alone?"""
    grant = statement(Principal=principal, Action="*", Resource="*", Condition=condition)
    opened = policy(grant, kind="secret")
    assert outcome(evaluate(READ, resource_policy=opened, boundary=may("logs:*"))) == expected
    assert outcome(evaluate(READ, resource_policy=opened, boundary=must_not("secretsmanager:*"))) == "denied"
    wide = outcome(evaluate(READ, resource_policy=opened, boundary=may("*")))
    assert wide == ("denied" if condition.get("ArnEquals") == {"aws:PrincipalArn": f"{ROLE}-2"} else "allowed")


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


def test_deny_all_but_with_a_boundary() -> None:
    """Does Deny with NotPrincipal deny whoever has a boundary, whomever it lists, and the advised condition instead not?"""
    listed = {"AWS": [ROOT, ROLE, EXEC.arn]}
    closed = policy(statement("Deny", NotPrincipal=listed, Action="*", Resource="*"), kind="secret")
    for boundary in (may("*"), UnknownPolicy("the boundary")):
        decision = evaluate(READ, identity=[may("*")], resource_policy=closed, boundary=boundary)
        assert decision.explanation == "denied: explicit deny in the secret policy, statement 1"
    spared = {"ArnNotEquals": {"aws:PrincipalArn": ROLE}}
    advised = policy(statement("Deny", Principal="*", Action="*", Resource="*", Condition=spared), kind="secret")
    assert outcome(evaluate(READ, identity=[may("*")], resource_policy=advised, boundary=may("*"))) == "allowed"


def test_who_am_i() -> None:
    """Is sts:GetCallerIdentity allowed to everybody, and no policy able to deny it?"""
    asked = Request("sts:GetCallerIdentity", "*", EXEC)
    assert outcome(evaluate(asked)) == "allowed"
    decision = evaluate(asked, identity=[must_not("*")], boundary=must_not("*"), beside=[Unread.SERVICE_CONTROL])
    assert decision.explanation == "allowed: sts:GetCallerIdentity needs no permission, and no policy can deny it"


@pytest.mark.parametrize("unread", [one for one in Unread if one is not Unread.GRANT])
def test_what_only_takes_away(unread: Unread) -> None:
    """Is a right undetermined beside a policy that nobody has read, by its name, and a denial a denial all the same?"""
    decision = evaluate(READ, identity=[may("*")], beside=[unread])
    assert decision.explanation == f"undetermined: it depends on {unread}, which is not read"
    assert outcome(evaluate(READ, beside=[unread])) == "denied"
    assert outcome(evaluate(READ, identity=[may("*"), must_not("*")], beside=[unread])) == "denied"


def test_grant() -> None:
    """May a KMS grant give what no policy gives, and neither past a Deny nor on anything but a key?"""
    locked = on_key(statement(Principal={"AWS": ROOT}, Action="kms:*"))
    decision = evaluate(DECRYPT, resource_policy=locked, beside=[Unread.GRANT])
    assert decision.explanation == "undetermined: it depends on a KMS grant, which is not read"
    held = evaluate(DECRYPT, identity=[must_not("kms:*")], resource_policy=locked, beside=[Unread.GRANT])
    assert outcome(held) == "denied"
    assert outcome(evaluate(READ, beside=[Unread.GRANT])) == "denied"
    assert outcome(evaluate(READ, identity=[may("*")], beside=[Unread.GRANT])) == "allowed"


def test_whose_the_resource_is() -> None:
    """Is the owner of what names no account taken from aws:ResourceAccount, and a policy of AWS's in every account?"""
    theirs = {"aws:ResourceAccount": OTHER}
    bucket = "arn:aws:s3:::bucket"
    assert outcome(evaluate(Request("s3:ListBucket", bucket, EXEC), identity=[may("*")])) == "allowed"
    assert outcome(evaluate(Request("s3:ListBucket", bucket, EXEC, theirs), identity=[may("*")])) == "denied"
    managed = Request("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", EXEC, theirs)
    assert outcome(evaluate(managed, identity=[may("*")])) == "allowed"


def test_unique_id_as_principal() -> None:
    """Is a principal written as AWS's unique id, which nobody can resolve here, undetermined?"""
    opened = policy(statement(Principal={"AWS": "AROAEXAMPLEID1234567"}, Action="*", Resource="*"), kind="secret")
    decision = evaluate(READ, resource_policy=opened)
    assert outcome(decision) == "undetermined"
    assert decision.unknown_operators == ("principal id AROAEXAMPLEID1234567 (the secret policy, statement 1)",)


def test_kinds_have_their_words() -> None:
    """Do kinds compare with their words, as callers write them?"""
    assert PolicyKind("kms") is PolicyKind.KMS


def test_key_policy_statement_without_a_resource() -> None:
    """Does a statement that KMS takes without a Resource give nothing, and take nothing away?"""
    named = {"Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"}
    empty = policy(statement(**named), kind="kms", name="the key's policy")
    assert outcome(evaluate(DECRYPT, identity=[], resource_policy=empty)) == "denied"
    fence = policy(
        statement(Principal={"AWS": ROOT}, Action="kms:*", Resource="*"), statement("Deny", **named), kind="kms"
    )
    assert outcome(evaluate(DECRYPT, identity=[may("kms:Decrypt")], resource_policy=fence)) == "allowed"
