"""The value of an expression that is known without a plan."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lab_env.hcl.functions import FUNCTIONS, MAX_TEXT, UNKNOWN, Value, members, result_size, to_text
from lab_env.hcl.model import (
    Attr,
    Binary,
    Call,
    Conditional,
    Expression,
    ForExpr,
    Index,
    Literal,
    Object,
    Relative,
    Splat,
    Step,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
    Tuple,
    Unary,
)
from lab_env.hcl.module import ModuleTree, Node
from lab_env.hcl.scope import Scope
from lab_env.hcl.walk import references

MAX_WORK = 20_000
MAX_NESTED = 60
# Characters and members that all steps of one evaluation may make together, and the bits of a number: what is named twice is
# worked out twice, so a few lines can ask for a text or a number that no memory holds.
MAX_MADE = 8 * MAX_TEXT
MAX_BITS = 2_048

# These only move members about, so that an unknown one does no harm.
_STRUCTURAL = frozenset(
    {"concat", "element", "keys", "length", "lookup", "merge", "nonsensitive"}
    | {"reverse", "sensitive", "tolist", "tomap", "values"}
)
_OPERATORS: Mapping[str, Callable[[Any, Any], Value]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


class ResourceValue(str):
    """A resource's attribute, whose value nobody knows yet: what an expression picks, not what it is.

    As a text it is ``${aws_kms_key.this["dev"].arn}``, so that what is built of it can be compared.
    """

    __slots__ = ()

    @property
    def address(self) -> str:
        """Seen from the module under test, its keys worked out: ``aws_kms_key.this["dev"].arn``."""
        return self[2:-1]


def constant(
    tree: ModuleTree,
    module_path: str,
    expr: Expression,
    *,
    variables: Mapping[str, object] | None = None,
    references: bool = False,
) -> object:
    """The value of an expression, or ``UNKNOWN``.

    Locals, variables' defaults, callers' arguments and child outputs are followed; a resource's attribute is unknown.

    :param references: a resource's attribute is a :class:`ResourceValue` instead; texts may hold some.

    :param variables: values of the module under test's variables, such as ``{"environment": "dev"}``; they win over
        defaults.
    :return: str, int, float, bool, None, list or dict (all the way down without UNKNOWN), or ``UNKNOWN``.
    """
    value = _Evaluation(tree, dict(variables or {}), references).value(expr, Scope(tree.nodes[module_path]))
    return UNKNOWN if _unknown(value) else value


class _Unknown(Exception):  # noqa: N818  (it is no error: the value is not known)
    """Ends an evaluation whose value is not known."""


class _Evaluation:
    def __init__(self, tree: ModuleTree, variables: dict[str, object], references: bool) -> None:
        self._tree = tree
        self._references = references
        self._variables = variables
        self._work = 0
        self._depth = 0
        self._made = 0

    def value(self, expr: Expression, scope: Scope[Value]) -> Value:
        """The value or UNKNOWN."""
        try:
            return self._of(expr, scope)
        except (_Unknown, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, StopIteration):
            return UNKNOWN
        except RecursionError:
            return UNKNOWN

    def _of(self, expr: Expression, scope: Scope[Value]) -> Value:
        self._work += 1
        if self._work > MAX_WORK or self._depth > MAX_NESTED:
            raise _Unknown
        self._depth += 1
        try:
            result = self._dispatch(expr, scope)
        finally:
            self._depth -= 1
        if result is UNKNOWN or (isinstance(result, int) and result.bit_length() > MAX_BITS):
            raise _Unknown
        if type(result) is str and not result.isascii():
            result = unicodedata.normalize("NFC", result)  # as Terraform does with every string
        if isinstance(result, str | list | dict):
            if len(result) > MAX_TEXT:
                raise _Unknown
            self._make(len(result))
        return result

    def _make(self, size: int) -> None:
        """Count what is made, before it is."""
        self._made += size
        if self._made > MAX_MADE:
            raise _Unknown

    def _dispatch(self, expr: Expression, scope: Scope[Value]) -> Value:
        match expr:
            case Literal():
                return expr.value
            case Template(parts=(only,)):
                return self._of(only, scope)
            case Template(parts=parts):
                return self._text(parts, scope)
            case TemplateIf():
                return self._text(expr.then if _truth(self._of(expr.condition, scope)) else expr.otherwise, scope)
            case TemplateFor():
                pairs = _pairs(self._of(expr.collection, scope))
                return "".join(
                    self._text(expr.body, scope.inside(expr.key_name, k, expr.value_name, v)) for k, v in pairs
                )
            case Object():
                # A member may stay unknown: another one may be all that is asked for.
                return {to_text(self._of(i.key, scope)): self.value(i.value, scope) for i in expr.items}
            case Tuple():
                return [self.value(i, scope) for i in expr.items]
            case Conditional():
                return self._of(expr.then if _truth(self._of(expr.condition, scope)) else expr.otherwise, scope)
            case ForExpr():
                return self._for(expr, scope)
            case Unary():
                operand = self._of(expr.operand, scope)
                return not _truth(operand) if expr.operator == "!" else -_number(operand)
            case Binary():
                return self._binary(expr, scope)
            case Call():
                return self._call(expr, scope)
            case Relative():
                return self._steps(self._of(expr.source, scope), expr.steps, scope)
            case Traversal():
                return self._traversal(expr, scope)
            case _:
                return UNKNOWN

    def _text(self, parts: tuple[Expression, ...], scope: Scope[Value]) -> str:
        texts = []
        for part in parts:
            text = to_text(self._of(part, scope))
            self._make(len(text))
            texts.append(text)
        return "".join(texts)

    def _for(self, expr: ForExpr, scope: Scope[Value]) -> Value:
        items: list[Value] = []
        result: dict[str, Value] = {}
        for key, value in _pairs(self._of(expr.collection, scope)):
            inner = scope.inside(expr.key_name, key, expr.value_name, value)
            if expr.condition is not None and not _truth(self._of(expr.condition, inner)):
                continue
            if expr.key is None:
                items.append(self._of(expr.value, inner))
                continue
            name = to_text(self._of(expr.key, inner))
            if expr.grouping:
                result.setdefault(name, []).append(self._of(expr.value, inner))
            else:
                result[name] = self._of(expr.value, inner)
        return items if expr.key is None else result

    def _binary(self, expr: Binary, scope: Scope[Value]) -> Value:
        left = self._of(expr.left, scope)
        if expr.operator in ("&&", "||"):
            both = (_truth(left), _truth(self._of(expr.right, scope)))
            return all(both) if expr.operator == "&&" else any(both)
        right = self._of(expr.right, scope)
        if self._has_unknown((left, right)):
            raise _Unknown
        if isinstance(left, ResourceValue) or isinstance(right, ResourceValue):
            raise _Unknown
        if expr.operator in ("==", "!="):
            if _is_converted(expr.left) != _is_converted(expr.right):
                # A list is no tuple, and a map no object, whatever is in them; of what else is compared the type is not known.
                return expr.operator == "!=" if isinstance(left, list | dict) and _is_written(expr) else _not_known()
            same = left == right and isinstance(left, bool) == isinstance(right, bool)
            return same if expr.operator == "==" else not same
        return _OPERATORS[expr.operator](_number(left), _number(right))

    def _call(self, expr: Call, scope: Scope[Value]) -> Value:
        if expr.name in ("try", "can"):
            for arg in expr.args:
                # An error and an unknown value look alike here, so only a first argument that is known decides.
                value = self._of(arg, scope)
                return True if expr.name == "can" else value
        content = self._tree.content(scope.node, expr)
        if content is not None:
            return self._file(expr, content, scope)
        function = FUNCTIONS.get(expr.name)
        if function is None:
            raise _Unknown
        args = [self._of(a, scope) for a in expr.args]
        if expr.expand:
            args = [*args[:-1], *args[-1]]
        if expr.name not in _STRUCTURAL and self._has_unknown(args):
            raise _Unknown
        self._make(result_size(expr.name, args))
        return function(*args)

    def _file(self, expr: Call, content: Expression, scope: Scope[Value]) -> Value:
        if expr.name == "file":
            return self._of(content, scope)
        variables = self._of(expr.args[1], scope)
        # A name that is not given is an error, wherever in the template it stands.
        if not isinstance(variables, dict) or not {r.root for r in references(content)} <= variables.keys():
            raise _Unknown
        return self._of(content, scope.of_template(expr, variables))

    def _has_unknown(self, values: Iterable[Value]) -> bool:
        """Whether a member of one of them is not known; what is looked at counts as made."""
        for member in members(values):
            if member is UNKNOWN:
                return True
            self._make(len(member) if isinstance(member, str) else 1)
        return False

    def _traversal(self, expr: Traversal, scope: Scope[Value]) -> Value:
        if expr.root in scope.names:
            return self._steps(scope.names[expr.root], expr.steps, scope)
        if scope.arguments is not None:
            raise _Unknown
        first = expr.steps[0] if expr.steps else None
        if not isinstance(first, Attr):
            raise _Unknown
        node, rest = scope.node, expr.steps[1:]
        if expr.root == "local" and first.name in node.module.locals:
            return self._steps(self._of(node.module.locals[first.name].expression, Scope(node)), rest, scope)
        if expr.root == "var":
            return self._steps(self._variable(first.name, node), rest, scope)
        if expr.root == "module" and first.name in node.children and rest and isinstance(rest[0], Attr):
            child = self._tree.nodes.get(node.children[first.name])
            block = child.module.outputs.get(rest[0].name) if child else None
            value = block.body.get("value") if block else None
            if child is not None and value is not None:
                return self._steps(self._of(value, Scope(child)), rest[1:], scope)
        labels = 2 if expr.root in ("data", "ephemeral") else 1
        if self._references and node.module.resource(".".join((expr.root, *expr.names[:labels]))) is not None:
            return ResourceValue(f"${{{node.address(expr.root + self._written(expr.steps, scope))}}}")
        raise _Unknown

    def _written(self, steps: tuple[Step, ...], scope: Scope[Value]) -> str:
        """The steps as an address has them, the keys worked out."""
        texts = []
        for step in steps:
            if isinstance(step, Splat):
                raise _Unknown
            texts.append(f".{step.name}" if isinstance(step, Attr) else f"[{json.dumps(self._of(step.key, scope))}]")
        return "".join(texts)

    def _variable(self, name: str, node: Node) -> Value:
        if node.parent is None or node.call is None:
            if name in self._variables:
                return self._variables[name]
        else:
            given = node.call.body.get(name)
            if given is not None:
                return self._of(given, Scope(self._tree.nodes[node.parent]))
        block = node.module.variables.get(name)
        default = block.body.get("default") if block else None
        if default is None:
            raise _Unknown
        return self._of(default, Scope(node))

    def _steps(self, value: Value, steps: tuple[Step, ...], scope: Scope[Value]) -> Value:
        for index, step in enumerate(steps):
            if isinstance(step, Splat):
                items = value if isinstance(value, list) else [] if value is None else [value]
                rest = steps[index + 1 :]
                # Behind ".*" only names belong to each element; an index picks of the list of them.
                end = (
                    next((n for n, s in enumerate(rest) if not isinstance(s, Attr)), len(rest))
                    if step.names_only
                    else len(rest)
                )
                return self._steps([self._steps(v, rest[:end], scope) for v in items], rest[end:], scope)
            key = step.name if isinstance(step, Attr) else self._of(step.key, scope)
            if isinstance(value, list):
                if not isinstance(step, Index) or isinstance(key, bool) or int(key) < 0:
                    raise _Unknown
                value = value[int(key)]
            elif isinstance(value, dict):
                value = value[to_text(key)]
            else:
                raise _Unknown
        return value


def _truth(value: Value) -> bool:
    """A condition as Terraform converts it; anything else is an error of the module's."""
    if isinstance(value, bool):
        return value
    if value in ("true", "1", "false", "0") and isinstance(value, str):
        return value in ("true", "1")
    raise _Unknown


def _number(value: Value) -> Any:
    """A number, also one that is written as a text."""
    if isinstance(value, str):
        return int(value) if value.lstrip("-").isdigit() else float(value)
    return value


_CONVERSIONS = frozenset({"tolist", "toset", "tomap"})


def _is_converted(expr: Expression) -> bool:
    return isinstance(expr, Call) and expr.name in _CONVERSIONS


def _is_written(expr: Binary) -> bool:
    return isinstance(expr.left, Tuple | Object) or isinstance(expr.right, Tuple | Object)


def _not_known() -> bool:
    raise _Unknown


def _unknown(value: Value) -> bool:
    """Whether a member is not known, or there are more than may be looked at."""
    return any(number > MAX_TEXT or member is UNKNOWN for number, member in enumerate(members([value])))


def _pairs(collection: Value) -> list[tuple[Value, Value]]:
    if isinstance(collection, dict):
        return sorted(collection.items())
    if isinstance(collection, list):
        return list(enumerate(collection))
    raise _Unknown
