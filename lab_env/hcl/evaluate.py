"""The value of an expression that is known without a plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from lab_env.hcl.constraints import type_constraint
from lab_env.hcl.functions import FUNCTIONS, MAX_TEXT, normalised, result_size
from lab_env.hcl.model import (
    Approximate,
    Attr,
    Binary,
    Block,
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
from lab_env.hcl.numbers import Number, parse_number, rounded
from lab_env.hcl.scope import Scope
from lab_env.hcl.types import (
    OPEN,
    UNKNOWN,
    List,
    Map,
    NotKnown,
    Refused,
    ResourceValue,
    Set,
    Value,
    convert,
    equal,
    members,
    plain,
    to_bool,
    to_number,
    to_text,
    to_whole,
    type_of,
    unify,
)
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


def _quotient(a: Number, b: Number) -> Number:
    exact = Fraction(a) / Fraction(b)
    if rounded(exact) != exact:
        raise NotKnown  # how many digits there are depends on where the numbers come from
    return rounded(exact)


def _remainder(a: Number, b: Number) -> Number:
    """With the sign of the dividend, as Terraform's."""
    rest = abs(Fraction(a)) % abs(Fraction(b))
    if max(n.numerator.bit_length() for n in (abs(Fraction(a)) - rest, rest)) > _REMAINDER_BITS:
        raise NotKnown  # Terraform reckons it with fewer bits than anything else
    return _signed(rounded(rest), -1 if a < 0 else 1)


def _signed(number: Number, sign: int) -> Number:
    if number == 0 and sign < 0:
        raise NotKnown  # Terraform has a zero that is negative, and writes it so
    return number * sign


def _product(a: Number, b: Number) -> Number:
    if a * b == 0 and (a < 0 or b < 0):
        raise NotKnown
    return rounded(a * b)


_REMAINDER_BITS = 64
_OPERATORS: Mapping[str, Callable[[Number, Number], Value]] = {
    "+": lambda a, b: rounded(a + b),
    "-": lambda a, b: rounded(a - b),
    "*": _product,
    "/": _quotient,
    "%": _remainder,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


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
    try:
        return UNKNOWN if _unknown(value) else plain(value)
    except (NotKnown, OverflowError, RecursionError):
        return UNKNOWN


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
        except (NotKnown, Refused, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, StopIteration):
            return UNKNOWN
        except RecursionError:
            return UNKNOWN

    def _of(self, expr: Expression, scope: Scope[Value]) -> Value:
        self._work += 1
        if self._work > MAX_WORK or self._depth > MAX_NESTED:
            raise NotKnown
        self._depth += 1
        try:
            result = self._dispatch(expr, scope)
        finally:
            self._depth -= 1
        if result is UNKNOWN or (isinstance(result, int) and result.bit_length() > MAX_BITS):
            raise NotKnown
        if type(result) is str:
            result = normalised(result)
        if isinstance(result, str | list | dict):
            if len(result) > MAX_TEXT:
                raise NotKnown
            self._make(len(result))
        return result

    def _make(self, size: int) -> None:
        """Count what is made, before it is."""
        self._made += size
        if self._made > MAX_MADE:
            raise NotKnown

    def _dispatch(self, expr: Expression, scope: Scope[Value]) -> Value:
        match expr:
            case Literal():
                return _literal(expr.value)
            case Template(parts=(only,)):
                return self._of(only, scope)
            case Template(parts=parts):
                return self._text(parts, scope)
            case TemplateIf():
                return self._text(expr.then if to_bool(self._of(expr.condition, scope)) else expr.otherwise, scope)
            case TemplateFor():
                pairs = _pairs(self._of(expr.collection, scope))
                return "".join(
                    self._text(expr.body, scope.inside(expr.key_name, k, expr.value_name, v)) for k, v in pairs
                )
            case Object():
                return {to_text(self._of(i.key, scope)): self._member(i.value, scope) for i in expr.items}
            case Tuple():
                return [self._member(i, scope) for i in expr.items]
            case Conditional():
                return self._conditional(expr, scope)
            case ForExpr():
                return self._for(expr, scope)
            case Unary():
                operand = self._of(expr.operand, scope)
                return not to_bool(operand) if expr.operator == "!" else _signed(to_number(operand), -1)
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

    def _member(self, expr: Expression, scope: Scope[Value]) -> Value:
        """A member may stay unknown: another one may be all that is asked for. An error in it is one of the whole."""
        try:
            return self._of(expr, scope)
        except NotKnown:
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
        pairs = _pairs(self._of(expr.collection, scope))
        if expr.condition is not None and not pairs:
            self._check_condition(expr, expr.condition, scope)
        for key, value in pairs:
            inner = scope.inside(expr.key_name, key, expr.value_name, value)
            if expr.condition is not None and not to_bool(self._of(expr.condition, inner)):
                continue
            if expr.key is None:
                items.append(self._of(expr.value, inner))
                continue
            name = to_text(self._of(expr.key, inner))
            if expr.grouping:
                result.setdefault(name, []).append(self._of(expr.value, inner))
            elif name in result:
                raise Refused
            else:
                result[name] = self._of(expr.value, inner)
        return items if expr.key is None else result

    def _check_condition(self, expr: ForExpr, condition: Expression, scope: Scope[Value]) -> None:
        """Terraform looks at a condition's type also when nothing is there to be chosen."""
        try:
            to_bool(self._of(condition, scope.inside(expr.key_name, UNKNOWN, expr.value_name, UNKNOWN)))
        except NotKnown:
            if not _is_condition(condition):
                raise

    def _binary(self, expr: Binary, scope: Scope[Value]) -> Value:
        left = self._of(expr.left, scope)
        if expr.operator in ("&&", "||"):
            both = (to_bool(left), to_bool(self._of(expr.right, scope)))
            return all(both) if expr.operator == "&&" else any(both)
        right = self._of(expr.right, scope)
        if self._has_unknown((left, right)) or any(isinstance(m, ResourceValue) for m in members((left, right))):
            raise NotKnown
        if expr.operator in ("==", "!="):
            return equal(left, right) is (expr.operator == "==")
        return _OPERATORS[expr.operator](to_number(left), to_number(right))

    def _conditional(self, expr: Conditional, scope: Scope[Value]) -> Value:
        """The branch that is taken, as one of the type that both branches can have."""
        taken, other = expr.then, expr.otherwise
        if not to_bool(self._of(expr.condition, scope)):
            taken, other = other, taken
        value = self._of(taken, scope)
        if value is None:
            return value
        try:
            beside = self._of(other, scope)
        except NotKnown:
            beside = UNKNOWN
        except Refused:
            # Where it is not taken it is no error, but what it would have been can have a type.
            if not isinstance(value, str) or not isinstance(other, Traversal | Relative | Template):
                raise NotKnown from None
            return value
        if beside is None:
            return value
        if isinstance(value, str):
            if isinstance(beside, list | dict):
                raise Refused
            return value
        if beside is UNKNOWN and _may_be_primitive(other):
            raise NotKnown  # no list and no object stands beside one
        if self._has_unknown((value, beside)):
            return self._open(value)
        return convert(value, unify([type_of(value), type_of(beside)]))

    def _open(self, value: Value) -> Value:
        """What a value becomes beside a branch of whose type nothing is known: only texts stay certainly what they are."""
        if any(isinstance(m, int | Fraction) for m in members([value])):
            raise NotKnown
        return Map(value, OPEN) if isinstance(value, dict) else List(value, OPEN)

    def _call(self, expr: Call, scope: Scope[Value]) -> Value:
        if expr.name in ("try", "can"):
            return self._first_without_error(expr, scope)
        content = self._tree.content(scope.node, expr)
        if content is not None:
            return self._file(expr, content, scope)
        function = FUNCTIONS.get(expr.name)
        if function is None:
            raise NotKnown
        args = [self._of(a, scope) for a in expr.args]
        if expr.expand:
            if not isinstance(args[-1], list):
                raise NotKnown
            args = [*args[:-1], *args[-1]]
        unknown = self._has_unknown(args)
        if unknown and expr.name not in _STRUCTURAL:
            raise NotKnown
        self._make(result_size(expr.name, args))
        return function(*args)

    def _first_without_error(self, expr: Call, scope: Scope[Value]) -> Value:
        """``try`` and ``can``: an argument that is not known could be an error as well, so none behind it decides."""
        if expr.expand or not expr.args or (expr.name == "can" and len(expr.args) > 1):
            raise Refused
        for argument in expr.args:
            try:
                value = self._of(argument, scope)
            except Refused:
                continue
            return True if expr.name == "can" else value
        if expr.name == "can":
            return False
        raise Refused

    def _file(self, expr: Call, content: Expression, scope: Scope[Value]) -> Value:
        if expr.name == "file":
            return self._of(content, scope)
        variables = self._of(expr.args[1], scope)
        # A name that is not given is an error, wherever in the template it stands.
        if not isinstance(variables, dict) or not {r.root for r in references(content)} <= variables.keys():
            raise NotKnown
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
            raise NotKnown
        first = expr.steps[0] if expr.steps else None
        if not isinstance(first, Attr):
            raise NotKnown
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
                return self._steps(self._typed(self._of(value, Scope(child)), block, child), rest[1:], scope)
        labels = 2 if expr.root in ("data", "ephemeral") else 1
        if self._references and node.module.resource(".".join((expr.root, *expr.names[:labels]))) is not None:
            return ResourceValue(f"${{{node.address(expr.root + self._written(expr.steps, scope))}}}")
        raise NotKnown

    def _written(self, steps: tuple[Step, ...], scope: Scope[Value]) -> str:
        """The steps as an address has them, the keys worked out."""
        texts = []
        for step in steps:
            if isinstance(step, Splat):
                raise NotKnown
            texts.append(f".{step.name}" if isinstance(step, Attr) else f"[{json.dumps(self._of(step.key, scope))}]")
        return "".join(texts)

    def _variable(self, name: str, node: Node) -> Value:
        block = node.module.variables.get(name)
        if node.parent is None or node.call is None:
            if name in self._variables:
                return self._typed(self._variables[name], block, node)
        else:
            given = node.call.body.get(name)
            if given is not None:
                value = self._of(given, Scope(self._tree.nodes[node.parent]))
                if value is None and block is not None and block.body.get("nullable") is not None:
                    raise NotKnown  # the default may stand in for it
                return self._typed(value, block, node)
        default = block.body.get("default") if block else None
        if default is None:
            raise NotKnown
        return self._typed(self._of(default, Scope(node)), block, node)

    def _typed(self, value: Value, block: Block | None, node: Node) -> Value:
        """A value as the ``type`` of its variable or output makes it."""
        written = block.body.get("type") if block else None
        if written is None:
            return value
        return convert(value, type_constraint(written, lambda default: self._of(default, Scope(node))))

    def _steps(self, value: Value, steps: tuple[Step, ...], scope: Scope[Value]) -> Value:
        for index, step in enumerate(steps):
            if isinstance(step, Splat):
                items = list(value) if isinstance(value, list) else [] if value is None else [value]
                rest = steps[index + 1 :]
                # Behind ".*" only names belong to each element; an index picks of the list of them.
                end = (
                    next((n for n, s in enumerate(rest) if not isinstance(s, Attr)), len(rest))
                    if step.names_only
                    else len(rest)
                )
                each = [self._steps(v, rest[:end], scope) for v in items]
                if isinstance(value, List | Set):
                    each = List(each, type_of(each[0]) if each and not self._has_unknown(each) else OPEN)
                return self._steps(each, rest[end:], scope)
            key = step.name if isinstance(step, Attr) else self._of(step.key, scope)
            if isinstance(value, list):
                if not isinstance(step, Index) or isinstance(value, Set) or not 0 <= to_whole(key) < len(value):
                    raise Refused
                value = value[to_whole(key)]
            elif isinstance(value, dict):
                if to_text(key) not in value:
                    raise Refused
                value = value[to_text(key)]
            else:
                raise NotKnown if isinstance(value, ResourceValue) or value is UNKNOWN else Refused
        return value


def _may_be_primitive(expr: Expression) -> bool:
    """Whether an expression that is not known is a text, a number or a bool, or may be one by what is written."""
    return isinstance(expr, Binary | Unary | Template) or (isinstance(expr, Call) and expr.name not in _STRUCTURAL)


def _is_plain(expr: Expression) -> bool:
    """Whether nothing is reckoned in an expression, so that no error can be in it that an unknown value hides."""
    return isinstance(expr, Literal | Template | Traversal | Relative | Call)


def _is_condition(expr: Expression) -> bool:
    """Whether an expression is a bool in any case, or one of which nothing can be said."""
    match expr:
        case Binary(operator="&&" | "||", left=left, right=right):
            return _is_condition(left) and _is_condition(right)
        case Unary(operator="!", operand=operand):
            return _is_condition(operand)
        case Binary(operator="==" | "!=", left=left, right=right):
            return _is_plain(left) and _is_plain(right)
        case Binary(operator="<" | ">" | "<=" | ">="):
            return not any(
                isinstance(side, Literal | Template | Tuple | Object) for side in (expr.left, expr.right)
            ) or any(isinstance(side, Literal) and type(side.value) in (int, float) for side in (expr.left, expr.right))
        case Call(name=name):
            return name in ("can", "contains", "startswith", "endswith", "strcontains", "alltrue", "anytrue")
        case Literal(value=value):
            return isinstance(value, bool)
        case Traversal():
            return True
    return False


def _literal(value: object) -> Value:
    if isinstance(value, Approximate):
        return parse_number(value.text)
    return parse_number(repr(value)) if isinstance(value, float) else value


def _unknown(value: Value) -> bool:
    """Whether a member is not known, or there are more than may be looked at."""
    return any(number > MAX_TEXT or member is UNKNOWN for number, member in enumerate(members([value])))


def _pairs(collection: Value) -> list[tuple[Value, Value]]:
    if isinstance(collection, dict):
        return sorted(collection.items())
    if isinstance(collection, Set):
        return [(value, value) for value in collection]
    if isinstance(collection, list):
        return list(enumerate(collection))
    raise Refused
