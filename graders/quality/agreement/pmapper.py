"""PMapper's policy tests: assertions on literals in Python, read as a syntax tree (github.com/nccgroup/PMapper, AGPL-3.0).

A test names literals and asserts what its simulator says to them. What is not a literal, one of the constructors below or a
name that was given one is not read, and an assertion on it is out of scope.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graders.quality.agreement.checkout import Checkout
from graders.quality.agreement.context import closed
from graders.quality.agreement.model import Asked, Case, Document
from lab_env.iam_policy import PolicyKind, Principal, Request, Unread

_FOLDER = "tests"
_FILES = (
    "test_cross_account_checks.py",
    "test_local_policy_sim.py",
    "test_local_querying.py",
    "test_org_trees.py",
    "test_permissions_boundaries.py",
    "test_resource_policy_evaluation.py",
)
_SOMEBODY = "arn:aws:iam::000000000000:user/asdf"


@dataclass(frozen=True)
class _Node:
    """A user or role as a test writes it."""

    arn: str
    policies: tuple[Document, ...]
    boundary: Document | None = None


class _NotReadError(Exception):
    """:param args: why the assertion is out of scope."""


def cases(suite: Checkout) -> Iterator[Case]:
    """One case for each assertion, named by its test and its number there."""
    for file in _FILES:
        for name, text in suite.files(_FOLDER, file):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    yield from _Test(f"{name}: {node.name}").cases(node)


class _Test:
    """One test's names and the assertions that it makes, from above to below."""

    def __init__(self, id: str) -> None:
        self._id = id
        self._names: dict[str, Any] = {}
        self._count: Counter[str] = Counter()

    def cases(self, test: ast.FunctionDef) -> Iterator[Case]:
        for line in test.body:
            if isinstance(line, ast.Assign):
                self._assign(line)
            elif isinstance(line, ast.Expr) and isinstance(line.value, ast.Call):
                yield from self._assertion(line.value)

    def _assign(self, line: ast.Assign) -> None:
        target = line.targets[0]
        try:
            value = self._value(line.value)
        except _NotReadError:
            value = None
        if isinstance(target, ast.Name):
            self._names[target.id] = value
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            node = self._names.get(target.value.id)
            if isinstance(node, _Node) and target.attr == "permissions_boundary":
                self._names[target.value.id] = replace(node, boundary=value)

    def _assertion(self, call: ast.Call) -> Iterator[Case]:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("assertTrue", "assertFalse"):
            return
        self._count[self._id] += 1
        id, wants = f"{self._id} {self._count[self._id]}", call.func.attr == "assertTrue"
        try:
            yield Case(id, wants, self._question(call.args[0]))
        except _NotReadError as error:
            yield Case(id, wants, None, str(error))

    def _question(self, asserted: ast.expr) -> Asked:
        if not isinstance(asserted, ast.Call) or not isinstance(asserted.func, ast.Name):
            raise _NotReadError("asserts something of PMapper's own (its graph, its inferred keys, its kinds of match)")
        name = asserted.func.id
        if name not in _QUESTIONS:
            raise _NotReadError("asserts something of PMapper's own (its graph, its inferred keys, its kinds of match)")
        values = [self._value(one) for one in asserted.args]
        return _QUESTIONS[name](*values)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            if (known := self._names.get(node.id)) is None:
                raise _NotReadError("what it asks about is made by a helper of PMapper's")
            return known
        if isinstance(node, ast.Attribute) and node.attr == "arn":
            return self._value(node.value).arn
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            arguments = [self._value(one) for one in node.args]
            named = {one.arg: self._value(one.value) for one in node.keywords if one.arg}
            return _made(node.func.id, arguments, named)
        if isinstance(node, ast.List):
            return [self._value(one) for one in node.elts]
        try:
            return ast.literal_eval(node)
        except ValueError:
            raise _NotReadError("what it asks about is made by a helper of PMapper's") from None


def _made(constructor: str, arguments: list[Any], named: Mapping[str, Any]) -> Any:
    match constructor, arguments:
        case "_build_user_with_policy", [document, *more]:
            user = named.get("user_name", more[1] if len(more) > 1 else "asdf")
            return _Node(f"arn:aws:iam::000000000000:user/{user}", (document,))
        case "Policy", [_, _, document]:
            return document
        case "Node", [arn, _, policies, *_]:
            return _Node(arn, tuple(policies))
        case "CaseInsensitiveDict", [values]:
            return values
        case _:
            raise _NotReadError("what it asks about is made by a helper of PMapper's")


def _authorised(  # noqa: PLR0913  # as PMapper has it
    node: _Node,
    action: str,
    resource: str,
    context: Mapping[str, Any],
    resource_policy: Document | None = None,
    owner: str | None = None,
    scps: Any = None,
    session_policy: Document | None = None,
) -> Asked:
    principal = Principal.session(node.arn) if ":role/" in node.arn else Principal.user(node.arn)
    documents = [*node.policies, *(one for one in (resource_policy, node.boundary) if one)]
    given = {**({"aws:ResourceAccount": owner} if owner else {}), **context}
    kind = PolicyKind.TRUST if action.lower().startswith("sts:assumerole") else PolicyKind.SECRET
    unread = ((Unread.SERVICE_CONTROL, scps), (Unread.SESSION, session_policy))
    given = {
        key: value if value != "" else () for key, value in given.items()
    }  # its way to write that a key is missing
    return Asked(
        Request(action, resource, principal, closed(given, principal, documents)),
        node.policies,
        (kind, resource_policy) if resource_policy else None,
        node.boundary,
        tuple(one for one, there in unread if there),
    )


def _allowed_by(node: _Node, effect: str, action: str, resource: str, context: Mapping[str, Any]) -> Asked:
    if effect != "Allow":
        raise _NotReadError("asks whether a Deny applies, not whether the request is allowed")
    return _authorised(node, action, resource, context)


def _takes_action(statement: Document, action: str, *_: Any) -> Asked:
    return _statement({**statement, "Resource": "*"}, action, "*", {})


def _takes_resource(statement: Document, resource: str, context: Mapping[str, Any] | None = None, *_: Any) -> Asked:
    return _statement(statement, "s3:GetObject", resource, context or {})


def _holds(condition: Document, context: Mapping[str, Any]) -> Asked:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    return _statement(allow, "s3:GetObject", "arn:aws:s3:::bucket/object", context)


def _expands(value: str, pattern: str, context: Mapping[str, Any] | None) -> Asked:
    condition = {"StringLike": {"lab:value": pattern}}
    return _holds(condition, {"lab:value": value, **(context or {})})


def _statement(statement: Document, action: str, resource: str, context: Mapping[str, Any]) -> Asked:
    node = _Node(_SOMEBODY, ({"Version": "2012-10-17", "Statement": [statement]},))
    return _authorised(node, action, resource, context)


_QUESTIONS: dict[str, Callable[..., Asked]] = {
    "local_check_authorization": _authorised,
    "local_check_authorization_full": _authorised,
    "has_matching_statement": _allowed_by,
    "_statement_matches_action": _takes_action,
    "_statement_matches_resource": _takes_resource,
    "_get_condition_match": _holds,
    "_matches_after_expansion": _expands,
}
