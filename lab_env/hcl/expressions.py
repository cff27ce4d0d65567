"""lark tree -> our expressions. The rule names are those of python-hcl2's ``hcl2.lark``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from lark import Token, Tree

from lab_env.errors import SubmissionError
from lab_env.hcl import templates
from lab_env.hcl.grammar import lark_tree
from lab_env.hcl.model import (
    Approximate,
    Attr,
    Binary,
    Call,
    Comment,
    Conditional,
    Expression,
    ForExpr,
    Index,
    Literal,
    Object,
    ObjectItem,
    Relative,
    Span,
    Splat,
    Step,
    Template,
    Traversal,
    Tuple,
    Unary,
)
from lab_env.hcl.nodes import Node, child, expressions_in, is_parenthesised, operator_of, text_of, trees_in, until
from lab_env.hcl.templates import Directive

MAX_DEPTH = 80
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class ExpressionConverter:
    """Converts expressions whose positions are shifted by ``line`` and ``offset`` (those inside a heredoc)."""

    def __init__(
        self, path: str, *, line: int = 0, offset: int = 0, depth: int = 0, comments: list[Comment] | None = None
    ) -> None:
        self._path = path
        self._inside: list[Comment] = [] if comments is None else comments
        """The comments inside the sequences of heredocs."""
        self._line = line
        self._offset = offset
        self._depth = depth

    def expression(self, node: Any) -> Expression:
        """Convert any expression node."""
        with Level(self, node):
            if node.data == "expr_term":
                # One child, or the parenthesised expression between tokens and newlines.
                inner = [c for c in node.children if isinstance(c, Tree) and c.data != "new_line_or_comment"]
                return self.expression(inner[0])
            handler: Callable[[Node], Expression] | None = getattr(self, f"_{node.data}", None)
            if handler is None:
                raise templates.syntax_error(
                    self._path, self._span(node).line, "this form of expression is not known to the grader"
                )
            return handler(node)

    def _int_lit(self, node: Node) -> Expression:
        return self._number(node, lambda text: int(text) if len(text) < 400 else Approximate(text))

    def _float_lit(self, node: Node) -> Expression:
        return self._number(node, _float)

    def _number(self, node: Node, value: Callable[[str], int | float]) -> Expression:
        return Literal(self._span(node), value(text_of(node)))

    def _literal_value(self, node: Node) -> Expression:
        return Literal(self._span(node), _LITERALS[text_of(node)])

    def _identifier(self, node: Node) -> Expression:
        return Traversal(self._span(node), text_of(node))

    _keyword = _identifier

    def _string(self, node: Node) -> Expression:
        parts: list[Expression | Directive] = []
        strip = False
        for part in (c.children[0] for c in node.children if isinstance(c, Tree) and c.data == "string_part"):
            before, after = _strip_markers(part)
            if before and parts:
                parts[-1] = _stripped(parts[-1], str.rstrip)
            one = self._string_part(part)
            parts.append(_stripped(one, str.lstrip) if strip else one)
            strip = after
        texts = [p for p in parts if isinstance(p, Literal) and isinstance(p.value, str)]
        if len(texts) == len(parts) and all(isinstance(c, Token) for n in trees_in(node) for c in n.children):
            return Literal(self._span(node), "".join(str(t.value) for t in texts))
        return Template(self._span(node), templates.nest(list(templates.joined(parts)), self._path))

    def _string_part(self, part: Node | Token) -> Expression | Directive:
        span = self._span(part)
        if isinstance(part, Token):
            text = str(part)
            if part.type in ("ESCAPED_INTERPOLATION", "ESCAPED_DIRECTIVE"):
                return Literal(span, text[1:])
            return Literal(span, templates.unescape(text))
        rule = str(part.data)
        inner = expressions_in(part)
        if rule == "interpolation":
            return self.expression(inner[0])
        if rule == "template_if_start":
            return Directive("if", span, self.expression(inner[0]))
        if rule == "template_for_start":
            names = [text_of(c) for c in inner[:-1]]
            return Directive("for", span, self.expression(inner[-1]), names[0] if len(names) > 1 else None, names[-1])
        return Directive(rule.removeprefix("template_"), span)

    def _heredoc_template(self, node: Node) -> Expression:
        return self._heredoc(node, trim=False)

    def _heredoc_template_trim(self, node: Node) -> Expression:
        return self._heredoc(node, trim=True)

    def _heredoc(self, node: Node, *, trim: bool) -> Expression:
        span = self._span(node)
        parts = templates.heredoc_parts(
            text_of(node), path=self._path, line=span.line, start=span.start, trim=trim, parse=self._inner
        )
        if all(isinstance(p, Literal) and isinstance(p.value, str) for p in parts):
            # Kept as pieces, one a line, so that a finding inside has its own line.
            return Template(span, parts) if len(parts) > 1 else Literal(span, _only_text(parts))
        return Template(span, parts)

    def _inner(self, text: str, line: int, start: int) -> Expression:
        # In a template newlines mean nothing, as in parentheses.
        prefix = "_=("
        tree = lark_tree(self._path, f"{prefix}{text})\n", line=line - 1)
        found = [c for c in child(tree, "body").children if isinstance(c, Tree) and c.data != "new_line_or_comment"]
        if len(found) != 1 or found[0].data != "attribute":
            raise templates.syntax_error(self._path, line, "a template sequence holds one expression")
        inner = ExpressionConverter(
            self._path, line=line - 1, offset=start - len(prefix), depth=self._depth, comments=self._inside
        )
        expression = inner.expression(found[0].children[-1])
        self._inside += inner.comments(tree)  # behind the bound on nesting
        return expression

    def template(self, text: str) -> Expression:
        """A template that is a whole file; a text without any sequence is literals, one a line."""
        parts = templates.template_parts(text, path=self._path, parse=self._inner)
        return Template(Span(self._path, 1, max(text.count("\n") + (not text.endswith("\n")), 1), 0, len(text)), parts)

    def _tuple(self, node: Node) -> Expression:
        return Tuple(self._span(node), tuple(self.expression(c) for c in expressions_in(node)))

    def _object(self, node: Node) -> Expression:
        return Object(
            self._span(node),
            tuple(self._object_elem(c) for c in node.children if isinstance(c, Tree) and c.data == "object_elem"),
        )

    def _object_elem(self, node: Node) -> ObjectItem:
        key_node, value_node = (c for c in node.children if isinstance(c, Tree))
        key = self.expression(key_node.children[0])
        if not is_parenthesised(key_node):
            match key:
                case Traversal(root=word, steps=()):
                    key = Literal(key.span, word)
                case Literal(value=None):
                    key = Literal(key.span, "null")
        value = self.expression(value_node)
        return ObjectItem(key, value, until(self._span(node), value))

    def _function_call(self, node: Node) -> Expression:
        names = [text_of(c) for c in node.children if isinstance(c, Tree) and c.data == "identifier"]
        args: list[Expression] = []
        expand = False
        for arguments in (c for c in node.children if isinstance(c, Tree) and c.data == "arguments"):
            args += [self.expression(c) for c in expressions_in(arguments)]
            expand = any(isinstance(c, Token) and c.type == "ELLIPSIS" for c in arguments.children)
        # core:: only says that the function is Terraform's own, which it is without it.
        return Call(self._span(node), "::".join(names).removeprefix("core::"), tuple(args), expand)

    def _conditional(self, node: Node) -> Expression:
        condition, then, otherwise = (self.expression(c) for c in expressions_in(node))
        return Conditional(until(self._span(node), otherwise), condition, then, otherwise)

    def _unary_op(self, node: Node) -> Expression:
        operator, operand = node.children
        return Unary(
            self._span(node), str(operator), self.expression(operand), self._span(operator), self._end(operand)
        )

    def _binary_op(self, node: Node) -> Expression:
        left, term = expressions_in(node)
        operator_node, right = expressions_in(term)
        token = next(c for c in operator_node.children if isinstance(c, Token))
        # A newline or comment before an operator is merged into its text; the position stays the operator's.
        operator = operator_of(token)
        span = self._span(token)
        at = Span(span.path, span.end_line, span.end_line, span.end - len(operator), span.end)
        operands = self.expression(left), self.expression(right)
        return Binary(until(self._span(node), operands[1]), operator, *operands, at, self._end(right))

    def _for_tuple_expr(self, node: Node) -> Expression:
        intro, value, *rest = expressions_in(node)
        key_name, value_name, collection = self._for_intro(intro)
        condition = self._for_cond(rest)
        return ForExpr(self._span(node), key_name, value_name, collection, None, self.expression(value), condition)

    def _for_object_expr(self, node: Node) -> Expression:
        intro, key, value, *rest = expressions_in(node)
        key_name, value_name, collection = self._for_intro(intro)
        grouping = any(isinstance(c, Token) and c.type == "ELLIPSIS" for c in node.children)
        return ForExpr(
            self._span(node),
            key_name,
            value_name,
            collection,
            self.expression(key),
            self.expression(value),
            self._for_cond(rest),
            grouping,
        )

    def _for_intro(self, node: Node) -> tuple[str | None, str, Expression]:
        *names, collection = expressions_in(node)
        texts = [text_of(n) for n in names]
        return (texts[0] if len(texts) > 1 else None), texts[-1], self.expression(collection)

    def _for_cond(self, nodes: list[Node]) -> Expression | None:
        return self.expression(expressions_in(nodes[0])[0]) if nodes else None

    def _get_attr_expr_term(self, node: Node) -> Expression:
        source, step = expressions_in(node)
        parenthesised = source.data == "expr_term" and isinstance(source.children[0], Token)
        return self._extend(node, self.expression(source), self._steps(step), parenthesised=parenthesised)

    _index_expr_term = _attr_splat_expr_term = _full_splat_expr_term = _get_attr_expr_term

    def _steps(self, node: Node) -> tuple[Step, ...]:
        if node.data == "get_attr":
            return (Attr(text_of(node)),)
        if node.data == "short_index":
            token = node.children[-1]
            return (Index(Literal(self._span(token), int(str(token)))),)
        if node.data == "braces_index":
            return (Index(self.expression(expressions_in(node)[0])),)
        return (Splat(names_only=node.data == "attr_splat"), *(s for c in expressions_in(node) for s in self._steps(c)))

    def _extend(self, node: Node, source: Expression, steps: tuple[Step, ...], *, parenthesised: bool) -> Expression:
        span = self._span(node)
        if (
            isinstance(source, Traversal | Relative)
            and parenthesised
            and any(isinstance(s, Splat) for s in source.steps)
        ):
            return Relative(span, source, steps)  # they pick of the whole list, not of each of its members
        if isinstance(source, Traversal):
            return Traversal(span, source.root, source.steps + steps)
        if isinstance(source, Relative):
            return Relative(span, source.source, source.steps + steps)
        return Relative(span, source, steps)

    def comments(self, tree: Node) -> Iterator[Comment]:
        """The comments of a tree, those inside of heredocs left out."""
        for token in tree.scan_values(lambda v: isinstance(v, Token)):
            text = str(token).strip()
            if token.type == "STRING_CHARS" or not text.startswith(("#", "//", "/*")):
                continue
            span = self._span(token)
            if token.type != "NL_OR_COMMENT":
                # Merged into the operator behind it, whose position the token has.
                text = text[: -len(operator_of(token))].rstrip()
                line = span.line - str(token).count("\n")
                span = Span(self._path, line, line + text.count("\n"), span.start, span.start)
            yield Comment(text, span)

    # -- positions ------------------------------------------------------------------------------------------------

    def _end(self, node: Any) -> int:
        """Offset behind an operand: parentheses count, the newline that the grammar adds to an operation does not."""
        while node.data in ("binary_op", "unary_op"):
            node = expressions_in(node)[-1]
            if node.data == "binary_term":
                node = expressions_in(node)[-1]
        return int(node.meta.end_pos) + self._offset

    def _span(self, first: Any, last: Any = None) -> Span:
        begin: Any = first if isinstance(first, Token) else first.meta
        end: Any = begin if last is None else (last if isinstance(last, Token) else last.meta)
        # A heredoc's token ends behind its line feed; the closing marker's line is its last.
        end_line = end.end_line - (end.end_column == 1 and end.end_line > begin.line)
        return Span(
            self._path,
            begin.line + self._line,
            end_line + self._line,
            begin.start_pos + self._offset,
            end.end_pos + self._offset,
        )


class Level:
    """Counts nesting: past a bound the file is refused, before Python's own stack ends."""

    def __init__(self, converter: ExpressionConverter, node: Any) -> None:
        self._converter = converter
        self._node = node

    def __enter__(self) -> None:
        self._converter._depth += 1
        if self._converter._depth > 2 * MAX_DEPTH:
            converter = self._converter
            line = converter._span(self._node).line
            raise SubmissionError(
                f"{converter._path} line {line}: an expression or block is nested deeper than {MAX_DEPTH} levels.",
                next_step="Split it with locals.",
                path=converter._path,
                line=line,
            )

    def __exit__(self, *_: object) -> None:
        self._converter._depth -= 1


def _float(text: str) -> float:
    value = float(text)
    if len(text) <= _EXACT_DIGITS:
        return value
    exact = len(text) < _LONGEST_FLOAT and Decimal(text) == Decimal(repr(value))
    return value if exact else Approximate(text)


_EXACT_DIGITS = 15
_LONGEST_FLOAT = 400


def _strip_markers(part: Node | Token) -> tuple[bool, bool]:
    """Whether a sequence in a quoted string takes the blanks before and behind it."""
    if isinstance(part, Token):
        return False, False
    kinds = [c.type if isinstance(c, Token) else "" for c in part.children]
    return kinds[1:2] == ["STRIP_MARKER"], kinds[-2:-1] == ["STRIP_MARKER"]


def _stripped(part: Expression | Directive, strip: Callable[[str, str], str]) -> Expression | Directive:
    if isinstance(part, Literal) and isinstance(part.value, str):
        return Literal(part.span, strip(part.value, templates.BLANKS))
    return part


def _only_text(parts: tuple[Expression, ...]) -> str:
    return "".join(str(p.value) for p in parts if isinstance(p, Literal))
