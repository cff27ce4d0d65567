"""A block's structure as words: what stays when everything is renamed, reformatted and put in another order.

Kept: types, arguments, functions, operators, numbers, what refers to what. Replaced by ``*``: labels, the names of
variables and locals, texts. Dropped: descriptions and statement ids, which are texts for people. Attributes, nested
blocks and the objects of a list stand in an order that their own structure gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graders.similarity.model import Token, Unit
from graders.similarity.plain import TEXT, plain_tokens
from lab_env.hcl import (
    Attr,
    Attribute,
    Binary,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    ForExpr,
    Index,
    Literal,
    Object,
    Relative,
    Splat,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
    Tuple,
    Unary,
)

NAME = "*"

# Texts for people: they say the same thing or another without changing what is built.
_DROPPED = frozenset({"description", "sid", "Sid", "error_message"})
# How many labels of a block its author chose; the others are the schema's words.
_OWN_LABELS = {"resource": 1, "data": 1, "ephemeral": 1, "variable": 1, "output": 1, "module": 1, "check": 1}
_MODULE_ARGUMENTS = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
_LATER_NAMES = frozenset({"var", "local", "module", "each"})

_Sequence = list[Token]


def units(body: Body) -> tuple[Unit, ...]:
    """The units of a file in source order."""
    found = []
    for block in body.blocks:
        if block.type == "locals":
            for attribute in block.body.attributes.values():
                tokens = [_token("local=", attribute), *_Writer(own_keys=True).expression(attribute.expression)]
                found.append(_unit(f"local.{attribute.name}", attribute, tokens))
        else:
            found.append(_unit(block.address, block, _Writer(own_keys=block.type == "variable").block(block)))
    return tuple(found)


def _unit(title: str, node: Block | Attribute, tokens: Iterable[Token]) -> Unit:
    return Unit(title, node.span.line, node.span.end_line, tuple(tokens))


def _token(text: str, node: Block | Attribute | Expression) -> Token:
    return Token(text, node.span.line, node.span.end_line)


def _texts(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens)


class _Writer:
    """Writes one block or expression.

    :param own_keys: object keys are names that the author chose (in locals), not a schema's words.
    :param bound: names that a for expression, a template or a dynamic block binds.
    """

    def __init__(self, *, own_keys: bool = False, bound: frozenset[str] = frozenset()) -> None:
        self._own_keys = own_keys
        self._bound = bound

    def block(self, block: Block) -> _Sequence:
        schema = block.labels[: len(block.labels) - _OWN_LABELS.get(block.type, 0)]
        head = Token(" ".join((block.type, *schema)) + "{", block.span.line, block.header.end_line)
        writer = self
        if block.type == "dynamic":
            iterator = block.body.get("iterator")
            bound = iterator.root if isinstance(iterator, Traversal) else block.labels[0] if block.labels else ""
            writer = _Writer(own_keys=self._own_keys, bound=self._bound | {bound})
        parts = [
            writer._attribute(attribute, free=block.type == "module" and attribute.name not in _MODULE_ARGUMENTS)
            for attribute in block.body.attributes.values()
            if attribute.name not in _DROPPED
        ]
        parts += [writer.block(inner) for inner in block.body.blocks]
        return [head, *_in_own_order(parts), Token("}", block.span.end_line, block.span.end_line)]

    def _attribute(self, attribute: Attribute, *, free: bool) -> _Sequence:
        name = NAME if free else attribute.name
        head = Token(f"{name}=", attribute.span.line, attribute.span.line)
        return [head, *self.expression(attribute.expression)]

    def expression(self, expr: Expression) -> _Sequence:
        match expr:
            case Literal(value=value):
                return self._literal(expr, value)
            case Template(parts=parts):
                return self._template(expr, parts)
            case Traversal():
                return self._traversal(expr)
            case Relative(source=source):
                return [*self.expression(source), *self._steps(expr, "", expr.steps, names=False)]
            case Call(name=name, args=args):
                inner = [token for arg in args for token in self.expression(arg)]
                return [_token(f"{name}(", expr), *inner, self._end(")", expr)]
            case Object(items=items):
                pairs = [
                    [*self._key(item.key), *self.expression(item.value)]
                    for item in items
                    if not (isinstance(item.key, Literal) and item.key.value in _DROPPED)
                ]
                return [self._start("{", expr), *_in_own_order(pairs), self._end("}", expr)]
            case Tuple(items=values):
                return [self._start("[", expr), *self._values(values), self._end("]", expr)]
            case Conditional():
                return [
                    *self.expression(expr.condition),
                    _token("?", expr.then),
                    *self.expression(expr.then),
                    _token(":", expr.otherwise),
                    *self.expression(expr.otherwise),
                ]
            case ForExpr():
                return self._for(expr)
            case Unary(operator=operator, operand=operand):
                return [self._start(operator, expr), *self.expression(operand)]
            case Binary(operator=operator, left=left, right=right):
                return [*self.expression(left), _token(operator, right), *self.expression(right)]
            case TemplateIf():
                inner = [token for part in (*expr.then, *expr.otherwise) for token in self.expression(part)]
                return [self._start("%if", expr), *self.expression(expr.condition), *inner, self._end("%end", expr)]
            case TemplateFor():
                names = {expr.value_name} | ({expr.key_name} if expr.key_name else set())
                writer = _Writer(own_keys=self._own_keys, bound=self._bound | names)
                inner = [token for part in expr.body for token in writer.expression(part)]
                return [self._start("%for", expr), *self.expression(expr.collection), *inner, self._end("%end", expr)]
            case _:
                return []

    def _literal(self, expr: Expression, value: str | int | float | bool | None) -> _Sequence:
        if isinstance(value, str):
            if "\n" in value.rstrip("\n"):
                return list(plain_tokens(value, first_line=expr.span.line, last_line=expr.span.end_line))
            # Terraform converts between the two, so "256" is 256.
            text = value if value.isascii() and value.isdigit() else TEXT
        else:
            text = "null" if value is None else str(value).lower()
        return [_token(text, expr)]

    def _template(self, expr: Expression, parts: Sequence[Expression]) -> _Sequence:
        if len(parts) == 1 and not isinstance(parts[0], Literal):
            return self.expression(parts[0])  # "${x}" is x
        if expr.span.end_line == expr.span.line:
            return [
                self._start("<", expr),
                *(token for part in parts for token in self.expression(part)),
                self._end(">", expr),
            ]
        tokens: _Sequence = [self._start("<<", expr)]
        for part in parts:
            if isinstance(part, Literal) and isinstance(part.value, str):
                tokens += plain_tokens(part.value, first_line=part.span.line, last_line=part.span.end_line)
            else:
                tokens += self.expression(part)
        return tokens

    def _traversal(self, expr: Traversal) -> _Sequence:
        root, steps = expr.root, expr.steps
        if root in self._bound:
            return self._steps(expr, NAME, steps, names=True)
        if not steps:
            return [_token(root, expr)]
        if root in _LATER_NAMES:
            return self._steps(expr, root, steps, names=True)
        if root in ("path", "terraform", "self", "count"):
            return self._steps(expr, root, steps, names=False)
        rest = list(steps)
        for kept in (True, False) if root in ("data", "ephemeral") else (False,):
            if rest and isinstance(first := rest[0], Attr):
                root = f"{root}.{first.name if kept else NAME}"
                del rest[0]
        return self._steps(expr, root, rest, names=False)

    def _steps(self, expr: Expression, text: str, steps: Iterable[object], *, names: bool) -> _Sequence:
        keys: _Sequence = []
        for step in steps:
            if isinstance(step, Attr):
                text += f".{NAME if names else step.name}"
            elif isinstance(step, Splat):
                text += "[*]"
            elif isinstance(step, Index):
                text += "[]"
                if not isinstance(step.key, Literal):
                    keys += self.expression(step.key)
        return [_token(text, expr), *keys]

    def _key(self, key: Expression) -> _Sequence:
        if isinstance(key, Literal) and isinstance(key.value, str):
            return [_token(f"{NAME if self._own_keys else key.value}=", key)]
        return [*self.expression(key), _token("=>", key)]

    def _values(self, values: Sequence[Expression]) -> _Sequence:
        parts = [self.expression(value) for value in values]
        if values and all(isinstance(value, Object) for value in values):
            return _in_own_order(parts)
        return [token for part in parts for token in part]

    def _for(self, expr: ForExpr) -> _Sequence:
        names = {expr.value_name} | ({expr.key_name} if expr.key_name else set())
        inner = _Writer(own_keys=self._own_keys, bound=self._bound | names)
        tokens = [self._start("[for" if expr.key is None else "{for", expr), *self.expression(expr.collection)]
        if expr.key is not None:
            tokens += [*inner.expression(expr.key), _token("=>", expr.value)]
        tokens += inner.expression(expr.value)
        if expr.condition is not None:
            tokens += [_token("if", expr.condition), *inner.expression(expr.condition)]
        return tokens

    @staticmethod
    def _start(text: str, expr: Expression) -> Token:
        return Token(text, expr.span.line, expr.span.line)

    @staticmethod
    def _end(text: str, expr: Expression) -> Token:
        return Token(text, expr.span.end_line, expr.span.end_line)


def _in_own_order(parts: Iterable[_Sequence]) -> _Sequence:
    return [token for part in sorted(parts, key=_texts) for token in part]
