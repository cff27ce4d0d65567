"""Walking expressions: children, references, string literals."""

from __future__ import annotations

from collections.abc import Iterator

from lab_env.hcl.model import (
    Binary,
    Call,
    Conditional,
    Expression,
    ForExpr,
    Index,
    Literal,
    Object,
    Relative,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
    Tuple,
    Unary,
)


def children(expr: Expression) -> tuple[Expression, ...]:
    """The direct sub-expressions, index keys included, in source order."""
    match expr:
        case Template(parts=parts):
            return parts
        case TemplateIf():
            return (expr.condition, *expr.then, *expr.otherwise)
        case TemplateFor():
            return (expr.collection, *expr.body)
        case Traversal(steps=steps):
            return tuple(s.key for s in steps if isinstance(s, Index))
        case Relative(source=source, steps=steps):
            return (source, *(s.key for s in steps if isinstance(s, Index)))
        case Call(args=args):
            return args
        case Object(items=pairs):
            return tuple(e for item in pairs for e in (item.key, item.value))
        case Tuple(items=values):
            return values
        case Conditional():
            return (expr.condition, expr.then, expr.otherwise)
        case ForExpr():
            return tuple(e for e in (expr.collection, expr.key, expr.value, expr.condition) if e is not None)
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()


def walk(expr: Expression) -> Iterator[Expression]:
    """The expression and everything below it, outer before inner."""
    pending = [expr]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


def references(expr: Expression) -> tuple[Traversal, ...]:
    """Every traversal in source order; names that a for expression or template binds are left out."""
    return tuple(_references(expr, frozenset()))


def _references(expr: Expression, bound: frozenset[str]) -> Iterator[Traversal]:
    if isinstance(expr, Traversal) and expr.root not in bound:
        yield expr
    if isinstance(expr, ForExpr | TemplateFor):
        yield from _references(expr.collection, bound)
        inner = bound | {expr.value_name} | ({expr.key_name} if expr.key_name else set())
        for child in children(expr)[1:]:
            yield from _references(child, inner)
        return
    for child in children(expr):
        yield from _references(child, bound)


def string_literals(expr: Expression) -> tuple[Literal, ...]:
    """Every piece of literal text with its span: whole strings, the text between interpolations, object keys."""
    return tuple(e for e in walk(expr) if isinstance(e, Literal) and isinstance(e.value, str))
