"""Where a variable decides something, instead of only being written into a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lab_env.hcl.model import (
    Binary,
    Body,
    Call,
    Conditional,
    Expression,
    ForExpr,
    Index,
    Literal,
    Object,
    Relative,
    Span,
    TemplateFor,
    TemplateIf,
    Traversal,
    Tuple,
    Unary,
)
from lab_env.hcl.module import ModuleTree, Node
from lab_env.hcl.resolve import FlowScope, bind, flow, resolve
from lab_env.hcl.scope import Scope
from lab_env.hcl.walk import children, references, walk

# What only builds texts and collections from all of its arguments: for every value the same thing happens.
# fmt: off
TEXT_FUNCTIONS: Final = frozenset({
    "base64encode", "chomp", "coalesce", "compact", "concat", "distinct", "element", "flatten",
    "file", "format", "formatlist", "indent", "join", "jsondecode", "jsonencode", "keys", "lower", "merge",
    "nonsensitive", "one", "replace", "reverse", "sensitive", "setproduct", "setunion", "sort",
    "split", "templatefile", "textencodebase64", "title", "tolist", "tomap", "toset", "tostring", "trim", "trimprefix",
    "trimspace", "trimsuffix", "try", "upper", "urlencode", "values", "yamldecode", "yamlencode",
    "zipmap",
})
# fmt: on
# Blocks that may look at the value because they change nothing that is deployed: they only accept or refuse it.
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,19}")
_ASSERTIONS: Final = frozenset({"validation", "precondition", "postcondition", "assert"})


@dataclass(frozen=True)
class Use:
    """One place where the variable decides.

    :param module_path: the node that holds it.
    :param construct: in words: ``a condition``, ``a comparison``, ``a lookup key``, ``the function startswith``.
    :param decides: the part on whose value it depends what happens.
    """

    module_path: str
    construct: str
    expression: Expression
    span: Span
    decides: Expression

    @property
    def only_builds_text(self) -> bool:
        """Whether the construct cuts, looks up or rewrites the name, and compares it with nothing."""
        return self.construct == "a lookup key" or self.construct.startswith("the function ")


def conditional_uses(tree: ModuleTree, variable: str = "environment") -> tuple[Use, ...]:
    """Where a variable of the module under test (through locals, arguments, outputs) is used other than as text.

    That is: in a condition, a comparison or arithmetic, as an index or lookup key, in a for expression's ``if``, or as
    argument of a function that does more than build texts. Assertions (``validation`` and the like) are exempt, and so
    are locals that nothing uses.
    """
    finder = _Finder(tree, f"var.{variable}")
    uses: dict[tuple[str, int, str], Use] = {}
    for node in tree.nodes.values():
        for expr in _effective(node):
            for use in finder.uses(expr, Scope(node)):
                uses.setdefault((use.span.path, use.span.start, use.construct), use)
    return tuple(uses[key] for key in sorted(uses))


def names_mentioned(tree: ModuleTree, uses: Iterable[Use]) -> frozenset[str]:
    """The texts that could be environments' names among those that the uses compare with or look up by."""
    found: set[str] = set()
    for use in uses:
        pending, seen = [use.decides, use.expression], set[str]()
        while pending:
            current = pending.pop()
            for expr in walk(current):
                if isinstance(expr, Literal) and isinstance(expr.value, str) and current is use.decides:
                    found.add(expr.value)
                elif isinstance(expr, Object):
                    found |= {str(i.key.value) for i in expr.items if isinstance(i.key, Literal)}
                elif isinstance(expr, Traversal) and expr.root == "local" and expr.names and expr.names[0] not in seen:
                    seen.add(expr.names[0])
                    local = tree.nodes[use.module_path].module.locals.get(expr.names[0])
                    pending += [local.expression] if local is not None else []
    return frozenset(name for name in found if _NAME.fullmatch(name))


def reached_by(node: Node, expr: Expression) -> Iterator[Expression]:
    """An expression and those of all locals that it uses, directly or through others."""
    pending, done = [expr], set[str]()
    while pending:
        current = pending.pop()
        yield current
        for ref in references(current):
            name = ref.names[0] if ref.root == "local" and ref.names else None
            found = node.module.locals.get(name) if name else None
            if name and found is not None and name not in done:
                done.add(name)
                pending.append(found.expression)


def _effective(node: Node) -> Iterator[Expression]:
    """The expressions that reach something deployed: of all blocks but assertions, and of the locals they use."""
    done: set[int] = set()
    for block in node.module.blocks:
        if block.type in ("locals", "variable", "terraform", "check"):
            continue
        for expr in _outside_assertions(block.body):
            for reached in reached_by(node, expr):
                if id(reached) not in done:
                    done.add(id(reached))
                    yield reached


def _outside_assertions(body: Body) -> Iterator[Expression]:
    for attribute in body.attributes.values():
        yield attribute.expression
    for block in body.blocks:
        if block.type not in _ASSERTIONS:
            yield from _outside_assertions(block.body)


class _Finder:
    def __init__(self, tree: ModuleTree, wanted: str) -> None:
        self._tree = tree
        self._wanted = wanted

    def uses(self, expr: Expression, scope: FlowScope) -> Iterator[Use]:
        """Every deciding use in an expression and below it."""
        for construct, part in _deciding(expr):
            if isinstance(expr, Traversal) and _picks_the_only_one(expr, part, scope.node):
                continue
            inner = _inside(expr, scope) if isinstance(expr, ForExpr) else scope
            if self._depends(part, inner):
                yield Use(scope.node.path, construct, expr, expr.span, part)
        below = children(expr)
        if isinstance(expr, Call) and (content := self._tree.content(scope.node, expr)) is not None:
            yield from self.uses(content, scope.of_template(expr))
        if isinstance(expr, ForExpr | TemplateFor):
            yield from self.uses(expr.collection, scope)
            scope, below = _inside(expr, scope), below[1:]
        for child in below:
            yield from self.uses(child, scope)

    def _depends(self, part: Expression, scope: FlowScope) -> bool:
        found = flow(self._tree, part, scope)
        return self._wanted in found or any(self._written_with(scope.node, address) for address in found)

    def _written_with(self, node: Node, address: str) -> bool:
        """Whether an address is a resource's argument that is written with the variable (``….db.name``)."""
        path, inner = self._tree.split(address)
        owner = self._tree.nodes.get(path, node)
        *resource, argument = inner.split(".")
        block = owner.module.resource(".".join(resource))
        value = block.body.get(argument) if block else None
        return value is not None and self._wanted in resolve(self._tree, owner.path, value)


def _picks_the_only_one(expr: Traversal, key: Expression, node: Node) -> bool:
    """Whether a key picks an instance of a resource that has one by its ``for_each``: ``toset([var.environment])``."""
    if len(expr.steps) < 2 or not isinstance(step := expr.steps[1], Index) or step.key is not key:
        return False
    block = node.module.resource(".".join((expr.root, *expr.names[:1])))
    made = block.body.get("for_each") if block else None
    match made:
        case Call(name="toset", args=(Tuple(items=(_,)),)) | Object(items=(_,)):
            return True
    return False


def _inside(expr: ForExpr | TemplateFor, scope: FlowScope) -> FlowScope:
    return bind(expr.key_name, expr.value_name, expr.collection, scope)


def _deciding(expr: Expression) -> Iterator[tuple[str, Expression]]:
    """The parts of an expression on whose value it depends what happens."""
    match expr:
        case Conditional() | TemplateIf():
            for part in _open_ended(expr.condition):
                yield "a condition", part
        case Binary(operator=op) if op not in ("&&", "||"):
            for part in _open_ended(expr):
                yield "a comparison" if op in ("==", "!=", "<", ">", "<=", ">=") else "a calculation", part
        case Unary(operator="-"):
            yield "a calculation", expr.operand
        case ForExpr(condition=condition) if condition is not None:
            for part in _open_ended(condition):
                yield "the if of a for expression", part
        case Call(name=name) if name not in TEXT_FUNCTIONS:
            yield f"the function {name}", expr
        case Call(name="replace", args=args) if len(args) == 3 and not _is_separator(args[1]):
            yield "the function replace", expr
        case Call(name="element", args=args) if len(args) == 2:
            yield "a lookup key", args[1]
        case Call(name="trimprefix" | "trimsuffix" | "trim" | "split"):
            yield f"the function {expr.name}", expr
    if isinstance(expr, Traversal | Relative):
        for step in expr.steps:
            if isinstance(step, Index) and not isinstance(step.key, Literal):
                yield "a lookup key", step.key


def _open_ended(condition: Expression) -> Iterator[Expression]:
    """A condition's parts without those that every environment's name meets alike: a comparison with ``""`` or null."""
    match condition:
        case Binary(operator="&&" | "||", left=left, right=right):
            yield from _open_ended(left)
            yield from _open_ended(right)
        case Unary(operator="!", operand=operand):
            yield from _open_ended(operand)
        case Binary(operator="==" | "!=", left=left, right=right) if _is_empty(left) or _is_empty(right):
            return
        case _:
            yield condition


def _is_empty(expr: Expression) -> bool:
    return isinstance(expr, Literal) and expr.value in ("", None)


def _is_separator(expr: Expression) -> bool:
    """Whether ``replace`` searches for punctuation (``_`` by ``-``), which treats every name alike."""
    return isinstance(expr, Literal) and isinstance(expr.value, str) and not any(c.isalnum() for c in expr.value)
