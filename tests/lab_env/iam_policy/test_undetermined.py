"""What a decision does when it depends on what nobody knows: operators, keys, tags, variables."""

from __future__ import annotations

from typing import Any

from lab_env.iam_policy import (
    Principal,
    Request,
    evaluate,
    named_policy,
    reads_secret,
)
from tests.lab_env.iam_policy.writing import EXEC, READ, ROLE, SECRET, may, must_not, outcome, statement


def test_unknown_is_never_guessed() -> None:
    """Is a decision that hangs on an unknown key undetermined, in Allow and in Deny, and only then?"""
    odd: Any = {"Condition": {"StringEquals": {"aws:SourceVpc": "a"}}}
    allow = evaluate(READ, identity=[may("secretsmanager:*", **odd)])
    assert outcome(allow) == "undetermined"
    assert allow.unknown_operators == ("condition key aws:SourceVpc (the identity policy, statement 1)",)
    assert outcome(evaluate(READ, identity=[may("*"), must_not("*", **odd)])) == "undetermined"
    assert outcome(evaluate(READ, identity=[may("*"), must_not("*"), must_not("*", **odd)])) == "denied"
    assert outcome(evaluate(READ, identity=[may("*"), may("*", **odd)])) == "allowed"
    assert outcome(evaluate(READ, identity=[may("*"), must_not("kms:*", **odd)])) == "allowed"
    false_too: Any = {"Condition": {"StringEquals": {"aws:SourceVpc": "a"}, "Bool": {"aws:SecureTransport": "false"}}}
    assert outcome(evaluate(READ, identity=[may("*"), must_not("*", **false_too)])) == "allowed"


def test_variables() -> None:
    """Are policy variables replaced in Resource, with defaults and literals, and only in version 2012-10-17?"""
    own = f"arn:aws:secretsmanager:us-east-1:${{aws:PrincipalAccount}}:secret:{SECRET.rpartition(':')[2]}"
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*", own)])) == "allowed"
    old = named_policy("old", {"Statement": statement(Action="secretsmanager:*", Resource=own)})
    assert outcome(evaluate(READ, identity=[old])) == "denied"
    absent = SECRET.replace("dev", "${aws:PrincipalTag/env}")
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*", absent)])) == "denied"
    defaulted = SECRET.replace("dev", "${aws:PrincipalTag/env, 'dev'}")
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*", defaulted)])) == "allowed"
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*", SECRET[:-6] + "${*}")])) == "denied"
    nobody_knows = SECRET.replace("dev", "${aws:SourceVpc}")
    assert outcome(evaluate(READ, identity=[may("secretsmanager:*", nobody_knows)])) == "undetermined"


def test_tags_nobody_asked_for() -> None:
    """Is a condition on tags that the caller did not look up undetermined, and on known ones decided?"""
    matching = {"StringEquals": {"aws:ResourceTag/env": "${aws:PrincipalTag/env}"}}
    by_tag = [may("secretsmanager:*", Condition=matching)]
    dev, prod = ({"env": "dev"}, {"env": "prod"})
    for role_tags, secret_tags, expected in (
        (dev, dev, "allowed"),
        (dev, prod, "denied"),
        ({}, dev, "denied"),
        (dev, {}, "denied"),
        (None, dev, "undetermined"),
        (dev, None, "undetermined"),
    ):
        request = reads_secret(Principal.session(ROLE, tags=role_tags), SECRET, tags=secret_tags)
        assert outcome(evaluate(request, identity=by_tag)) == expected


def test_wildcard_in_a_variables_value() -> None:
    """Is a * that comes out of a tag's value an ordinary character?"""
    greedy = Request(READ.action, SECRET, EXEC, {"aws:PrincipalTag/name": "*"})
    pattern = SECRET.rpartition(":")[0] + ":${aws:PrincipalTag/name}"
    assert outcome(evaluate(greedy, identity=[may("secretsmanager:*", pattern)])) == "denied"
