"""Condition operators on the examples and tables of the IAM User Guide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from lab_env.iam_policy import OPERATORS
from lab_env.iam_policy.conditions import holds
from lab_env.iam_policy.document import Condition
from lab_env.iam_policy.patterns import Lookup

CONTEXT: dict[str, Any] = {
    "aws:username": "JohnDoe",
    "aws:sourceip": "203.0.113.15",
    "aws:currenttime": "2026-06-15T12:00:00Z",
    "aws:epochtime": "1781524800",
    "aws:securetransport": "true",
    "aws:sourcearn": "arn:aws:ecs:us-east-1:111122223333:task/default/0",
    "aws:tagkeys": ["environment", "cost-center"],
    "aws:principaltag/level": "5",
    "aws:principaltag/blob": "bGFi",
    "aws:principaltag/twin": "JohnDoe",
}


def verdict(operator: str, key: str, values: str | Sequence[str]) -> bool | None:
    listed = (values,) if isinstance(values, str) else tuple(values)
    return holds(Condition(operator, key, listed), Lookup(CONTEXT, "2012-10-17")).value


@pytest.mark.parametrize(
    ("operator", "actual", "expected", "says"),
    [
        ("Bool", "maybe", "true", 'the request\'s "maybe" in Bool, which is neither true nor false'),
        ("Bool", "true", "maybe", 'the policy\'s "maybe" in Bool, which is neither true nor false'),
        ("NumericEquals", "five", "5", 'the request\'s "five", which is no number'),
        ("NumericEquals", "5", "five", 'the policy\'s "five", which is no number'),
        ("DateEquals", "today", "2026-06-15", 'the request\'s "today", which is no date'),
        ("IpAddress", "here", "203.0.113.0/24", 'the request\'s "here", which is no address'),
        ("IpAddress", "203.0.113.15", "here", 'the policy\'s "here", which is no address range'),
        ("BinaryEquals", "!", "bGFi", 'the request\'s "!" in BinaryEquals, which is not base64'),
        ("BinaryEquals", "bGFi", "!", 'the policy\'s "!" in BinaryEquals, which is not base64'),
        ("ArnLike", "arn:aws:iam::111122223333:user/x", "x", 'the policy\'s "x" in an Arn operator, which is no ARN'),
        ("ArnNotLike", "x", "arn:aws:iam::*:user/*", 'the request\'s "x" in a negated Arn operator, which is no ARN'),
    ],
)
def test_reason_blames_what_is_malformed(operator: str, actual: str, expected: str, says: str) -> None:
    """Does the reason name the side, request or policy, whose value cannot be compared?"""
    found = holds(Condition(operator, "a:key", (expected,)), Lookup({"a:key": actual}, "2012-10-17"))
    assert found.value is None
    assert found.reasons == (says,)


def test_key_known_to_be_missing() -> None:
    """Is an empty list in the context a key that is not there, whatever else is known of such keys?"""
    lookup = Lookup({"aws:sourcevpc": ()}, "2012-10-17")
    values = ("vpc-1",)
    assert holds(Condition("StringEquals", "aws:SourceVpc", values), lookup).value is False
    assert holds(Condition("StringNotEquals", "aws:SourceVpc", values), lookup).value is True
    assert holds(Condition("Null", "aws:SourceVpc", ("true",)), lookup).value is True
    assert holds(Condition("StringEquals", "aws:SourceVpc", values), Lookup({}, "2012-10-17")).value is None


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "aws:username", "JohnDoe", True),
        ("StringEquals", "aws:username", "johndoe", False),
        ("StringEquals", "AWS:UserName", "JohnDoe", True),
        ("StringEquals", "aws:username", ["Jane", "JohnDoe"], True),
        ("StringEquals", "aws:username", "John*", False),
        ("StringEquals", "aws:username", "${aws:PrincipalTag/twin}", True),
        ("StringNotEquals", "aws:username", ["Jane", "JohnDoe"], False),
        ("StringNotEquals", "aws:username", ["Jane", "Jim"], True),
        ("StringEqualsIgnoreCase", "aws:username", "johnDOE", True),
        ("StringNotEqualsIgnoreCase", "aws:username", "johnDOE", False),
        ("StringLike", "aws:username", "John*", True),
        ("StringLike", "aws:username", "John???", True),
        ("StringLike", "aws:username", "john*", False),
        ("StringLike", "aws:username", "${*}", False),
        ("StringNotLike", "aws:username", "J*", False),
        ("NumericEquals", "aws:PrincipalTag/level", "5.0", True),
        ("NumericNotEquals", "aws:PrincipalTag/level", "5", False),
        ("NumericLessThan", "aws:PrincipalTag/level", "10", True),
        ("NumericLessThanEquals", "aws:PrincipalTag/level", "5", True),
        ("NumericGreaterThan", "aws:PrincipalTag/level", "5", False),
        ("NumericGreaterThanEquals", "aws:PrincipalTag/level", "5", True),
        ("NumericEquals", "aws:PrincipalTag/level", "five", None),
        ("DateGreaterThan", "aws:CurrentTime", "2026-01-01", True),
        ("DateLessThan", "aws:CurrentTime", "2026-06-15T14:00:00+02:00", False),
        ("DateEquals", "aws:CurrentTime", "2026-06-15T14:00:00+02:00", True),
        ("DateEquals", "aws:CurrentTime", "1781524800", True),
        ("DateNotEquals", "aws:CurrentTime", "2026-06-15T12:00:01Z", True),
        ("DateLessThanEquals", "aws:EpochTime", "2026-06-15T12:00:00Z", True),
        ("DateGreaterThanEquals", "aws:CurrentTime", "tomorrow", None),
        ("Bool", "aws:SecureTransport", "true", True),
        ("Bool", "aws:SecureTransport", "TRUE", True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("Bool", "aws:SecureTransport", "yes", None),
        ("BinaryEquals", "aws:PrincipalTag/blob", "bGFi", True),
        ("BinaryEquals", "aws:PrincipalTag/blob", "bGFj", False),
        ("BinaryEquals", "aws:PrincipalTag/blob", "!", None),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", True),
        ("IpAddress", "aws:SourceIp", ["203.0.113.15", "10.0.0.0/8"], True),
        ("IpAddress", "aws:SourceIp", "2001:DB8::/32", False),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", False),
        ("IpAddress", "aws:SourceIp", "everywhere", None),
        ("ArnLike", "aws:SourceArn", "arn:aws:ecs:us-east-1:111122223333:*", True),
        ("ArnEquals", "aws:SourceArn", "arn:aws:ecs:*:111122223333:task/*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:ecs:us-east-1:*:default/0", False),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:ecs:us-west-2:111122223333:*", True),
        ("ArnNotEquals", "aws:SourceArn", "arn:aws:ecs:us-east-1:111122223333:task/default/0", False),
        ("ArnLike", "aws:SourceArn", "*", None),
        ("Null", "aws:username", "false", True),
        ("Null", "aws:username", "true", False),
        ("Null", "aws:SourceAccount", "true", True),
        ("Null", "aws:SourceAccount", "maybe", None),
    ],
)
def test_operator(operator: str, key: str, values: str | list[str], expected: bool | None) -> None:
    """Does the operator compare as its documentation says, and say "unknown" for a value of another type?"""
    assert verdict(operator, key, values) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("NotIpAddress", True),
        ("ArnNotLike", True),
        ("NumericNotEquals", True),
        ("DateLessThan", False),
    ],
)
def test_missing_key(operator: str, expected: bool) -> None:
    """Does a key that is not in the request satisfy negated operators, …IfExists and ForAllValues, and nothing else?"""
    assert verdict(operator, "aws:PrincipalTag/none", "true") is expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ["environment", "cost-center", "other"], True),
        ("ForAllValues:StringEquals", ["environment"], False),
        ("ForAnyValue:StringEquals", ["environment"], True),
        ("ForAnyValue:StringEquals", ["other"], False),
        ("ForAllValues:StringNotEquals", ["environment"], False),
        ("ForAllValues:StringNotEquals", ["other"], True),
        ("ForAnyValue:StringNotEquals", ["environment"], True),
        ("ForAnyValue:StringNotEquals", ["environment", "cost-center"], False),
        ("ForAllValues:StringLike", ["*-center", "env*"], True),
        ("StringEquals", ["environment"], None),
    ],
)
def test_set_operators(operator: str, values: list[str], expected: bool | None) -> None:
    """Do the set operators quantify over the request's values, and is a multivalued key without one unknown?"""
    assert verdict(operator, "aws:TagKeys", values) is expected


@pytest.mark.parametrize(
    "operator", ["StringMatches", "stringequals", "ForEachValue:StringEquals", "NullIfExists", "ForAnyValue:Null"]
)
def test_unknown_operator(operator: str) -> None:
    """Is an operator that IAM does not have unknown?"""
    assert verdict(operator, "aws:username", "JohnDoe") is None


@pytest.mark.parametrize("key", ["aws:SourceVpce", "aws:PrincipalOrgID", "aws:SourceAcount", "kms:Made", "x"])
@pytest.mark.parametrize(
    "operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null", "ForAllValues:StringLike"]
)
def test_unknown_key(operator: str, key: str) -> None:
    """Is a key about which nobody said anything unknown, with every operator?"""
    assert verdict(operator, key, "true") is None


def test_all_documented_operators_are_known() -> None:
    """Are all operators of the guide's page there?"""
    strings = {f"String{negation}{kind}" for negation in ("", "Not") for kind in ("Equals", "EqualsIgnoreCase", "Like")}
    orders = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    numbers = {f"{kind}{order}" for kind in ("Numeric", "Date") for order in orders}
    arns = {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"}
    assert strings | numbers | arns | {"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"} == OPERATORS
