"""The condition operators of IAM policies, each as the IAM User Guide documents it.

Sources: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context
keys". What those pages leave open (an unknown operator, a value of the wrong type) is unknown, never guessed.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from lab_env.iam_policy.document import Condition
from lab_env.iam_policy.keys import surely_absent
from lab_env.iam_policy.patterns import Lookup, Unresolved, arn_components_match, matches
from lab_env.iam_policy.truth import FALSE, TRUE, Truth, anyone, every, truth, unknown

Compare = Callable[[str, str, Lookup], Truth]
"""One context value against one value of the policy."""


def _string(fold: bool, wildcards: bool) -> Compare:
    def compare(actual: str, expected: str, lookup: Lookup) -> Truth:
        pattern = lookup.pattern(expected, wildcards=wildcards)
        if isinstance(pattern, Unresolved):
            return _unresolved(pattern)
        if fold:
            folded = tuple(token.lower() if isinstance(token, str) else token for token in pattern)
            return truth(matches(folded, actual.lower()))
        return truth(matches(pattern, actual))

    return compare


def _arn(actual: str, expected: str, lookup: Lookup) -> Truth:
    pattern = lookup.pattern(expected, wildcards=True)
    if isinstance(pattern, Unresolved):
        return _unresolved(pattern)
    matched = arn_components_match(pattern, actual)
    return (
        unknown(f'the policy\'s "{expected}" in an Arn operator, which is no ARN')
        if matched is None
        else truth(matched)
    )


def _unresolved(variable: Unresolved) -> Truth:
    # A key that is not there gives the variable no value, and no value equals nothing.
    return FALSE if variable.absent else unknown(f"policy variable {variable.variable}")


def _ordered(read: Callable[[str], Decimal | datetime], holds: Callable[[int], bool]) -> Compare:
    def compare(actual: str, expected: str, lookup: Lookup) -> Truth:
        values = []
        for whose, text in (("the request", actual), ("the policy", expected)):
            try:
                values.append(read(text))
            except ValueError as error:
                return unknown(f'{whose}\'s "{text}", which {error}')
        left, right = values
        return truth(holds((left > right) - (left < right)))  # type: ignore[operator]  # both are of one type

    return compare


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError("is no number") from None
    if not value.is_finite():
        raise ValueError("is no number")
    return value


def _date(text: str) -> datetime:
    """ISO 8601 or seconds since 1970; without an offset it is UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        try:
            return datetime.fromtimestamp(float(_number(text)), tz=UTC)
        except (ValueError, OverflowError, OSError):
            raise ValueError("is no date") from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _bool(actual: str, expected: str, lookup: Lookup) -> Truth:
    for whose, text in (("the request", actual), ("the policy", expected)):
        if text.lower() not in ("true", "false"):
            return unknown(f'{whose}\'s "{text}" in Bool, which is neither true nor false')
    return truth(actual.lower() == expected.lower())


def _address(actual: str, expected: str, lookup: Lookup) -> Truth:
    try:
        address = ipaddress.ip_address(actual)
    except ValueError:
        return unknown(f'the request\'s "{actual}", which is no address')
    try:
        return truth(address in ipaddress.ip_network(expected, strict=False))
    except ValueError:
        return unknown(f'the policy\'s "{expected}", which is no address range')


def _binary(actual: str, expected: str, lookup: Lookup) -> Truth:
    values = []
    for whose, text in (("the request", actual), ("the policy", expected)):
        try:
            values.append(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            return unknown(f'{whose}\'s "{text}" in BinaryEquals, which is not base64')
    return truth(values[0] == values[1])


_AFFIRMATIVE: dict[str, Compare] = {
    "StringEquals": _string(fold=False, wildcards=False),
    "StringEqualsIgnoreCase": _string(fold=True, wildcards=False),
    "StringLike": _string(fold=False, wildcards=True),
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "NumericEquals": _ordered(_number, lambda order: order == 0),
    "NumericLessThan": _ordered(_number, lambda order: order < 0),
    "NumericLessThanEquals": _ordered(_number, lambda order: order <= 0),
    "NumericGreaterThan": _ordered(_number, lambda order: order > 0),
    "NumericGreaterThanEquals": _ordered(_number, lambda order: order >= 0),
    "DateEquals": _ordered(_date, lambda order: order == 0),
    "DateLessThan": _ordered(_date, lambda order: order < 0),
    "DateLessThanEquals": _ordered(_date, lambda order: order <= 0),
    "DateGreaterThan": _ordered(_date, lambda order: order > 0),
    "DateGreaterThanEquals": _ordered(_date, lambda order: order >= 0),
    "Bool": _bool,
    "BinaryEquals": _binary,
    "IpAddress": _address,
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
OPERATORS: frozenset[str] = frozenset(_AFFIRMATIVE) | frozenset(_NEGATED) | {"Null"}
"""Every operator this evaluator knows, without ``ForAllValues:``, ``ForAnyValue:`` and ``IfExists``."""


def holds(condition: Condition, lookup: Lookup) -> Truth:
    """Whether one key of a ``Condition`` block is satisfied by the request's context."""
    scope, _, rest = condition.operator.rpartition(":")
    if_exists = rest.endswith("IfExists")
    name = rest.removesuffix("IfExists")
    known_scope = scope in ("", "ForAllValues", "ForAnyValue")
    if name not in OPERATORS or not known_scope or (name == "Null" and (scope or if_exists)):
        return unknown(f"condition operator {condition.operator}")
    value = lookup.context.get(condition.key.lower())
    if value is None and not surely_absent(condition.key, lookup.unknown):
        return unknown(f"condition key {condition.key}")
    present: tuple[str, ...] = () if value is None else (value,) if isinstance(value, str) else tuple(value)
    if name == "Null":
        return anyone(_null(wanted, absent=not present) for wanted in condition.values)
    negated = name in _NEGATED
    if not present:
        # A missing key satisfies …IfExists, ForAllValues and a negated operator, and nothing else.
        return truth(if_exists or scope == "ForAllValues" or (negated and scope != "ForAnyValue"))
    compare = _AFFIRMATIVE[_NEGATED.get(name, name)]

    def fits(actual: str) -> Truth:
        # The values of one key are alternatives; a negated operator wants none of them to match.
        found = anyone(_compare(compare, actual, expected, lookup, negated) for expected in condition.values)
        return ~found if negated else found

    if scope == "ForAllValues":
        return every(fits(actual) for actual in present)
    if scope == "ForAnyValue":
        return anyone(fits(actual) for actual in present)
    if len(present) > 1:
        return unknown(f"{condition.operator} on the multivalued key {condition.key} without a set operator")
    return fits(present[0])


def _compare(compare: Compare, actual: str, expected: str, lookup: Lookup, negated: bool) -> Truth:
    if negated and "${" in expected and lookup.version == "2012-10-17":
        # A variable without a value equals nothing; what a negated operator makes of that AWS does not say.
        pattern = lookup.pattern(expected, wildcards=True)
        if isinstance(pattern, Unresolved):
            return unknown(f"policy variable {pattern.variable}")
    if negated and compare is _arn and actual.count(":") < 5:
        # It matches no pattern; whether a negated operator is satisfied by that AWS does not say.
        return unknown(f'the request\'s "{actual}" in a negated Arn operator, which is no ARN')
    return compare(actual, expected, lookup)


def _null(wanted: str, *, absent: bool) -> Truth:
    if wanted.lower() not in ("true", "false"):
        return unknown(f'"{wanted}" in Null is neither true nor false')
    return truth(absent == (wanted.lower() == "true"))


def all_hold(conditions: Sequence[Condition], lookup: Lookup) -> Truth:
    """Whether every key of every operator is satisfied; a statement without conditions always is."""
    return every(holds(condition, lookup) for condition in conditions) if conditions else TRUE
