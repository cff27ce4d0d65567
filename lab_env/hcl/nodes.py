"""Small questions to lark's nodes, which know their children and positions and nothing else."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from lab_env.hcl.model import Expression, Span

Node = Tree[Token]

_OPERATORS: tuple[str, ...] = ("==", "!=", "<=", ">=", "&&", "||", *"<>+-*/%?")


def operator_of(token: object) -> str:
    text = str(token)
    return next(o for o in _OPERATORS if text.endswith(o))


def until(span: Span, last: Expression) -> Span:
    """A span cut at its last part: the grammar counts a newline behind an operator's operand to the expression."""
    return Span(span.path, span.line, last.span.end_line, span.start, max(last.span.end, span.start))


def child(tree: Node, rule: str) -> Node:
    return next(c for c in tree.children if isinstance(c, Tree) and c.data == rule)


def trees_in(node: Node) -> list[Node]:
    return [c for c in node.children if isinstance(c, Tree)]


def expressions_in(node: Node) -> list[Node]:
    return [c for c in node.children if isinstance(c, Tree) and c.data != "new_line_or_comment"]


def text_of(node: Any) -> str:
    """The last token's text: the name in ``identifier``, ``get_attr`` and the like."""
    while isinstance(node, Tree):
        node = node.children[-1]
    return str(node)


def is_parenthesised(key: Node) -> bool:
    term = key.children[0]
    return isinstance(term, Tree) and term.data == "expr_term" and isinstance(term.children[0], Token)
