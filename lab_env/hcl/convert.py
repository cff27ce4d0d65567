"""lark tree -> our bodies, blocks, attributes and comments."""

from __future__ import annotations

from types import MappingProxyType

from lark import Tree

from lab_env.hcl import templates
from lab_env.hcl.expressions import ExpressionConverter, Level
from lab_env.hcl.model import Attribute, Block, Body, Literal
from lab_env.hcl.nodes import Node, child, text_of, until


class Converter(ExpressionConverter):
    """Converts one file's tree."""

    def file(self, tree: Node) -> Body:
        """The body of a whole file, with every comment in it."""
        body = self._body(child(tree, "body"))
        comments = tuple(sorted((*self.comments(tree), *self._inside), key=lambda c: c.span.start))
        return Body(body.attributes, body.blocks, comments, body.duplicates)

    def _body(self, tree: Node) -> Body:
        attributes: dict[str, Attribute] = {}
        duplicates: list[Attribute] = []
        blocks: list[Block] = []
        for node in tree.children:
            if not isinstance(node, Tree):
                continue
            if node.data == "attribute":
                attribute = self._attribute(node)
                earlier = attributes.get(attribute.name)
                if earlier:
                    duplicates.append(earlier)
                attributes[attribute.name] = attribute
            elif node.data == "block":
                blocks.append(self._block(node))
        return Body(MappingProxyType(attributes), tuple(blocks), (), tuple(duplicates))

    def _attribute(self, tree: Node) -> Attribute:
        name, _, node = tree.children
        expression = self.expression(node)
        return Attribute(text_of(name), expression, until(self._span(tree), expression))

    def _block(self, tree: Node) -> Block:
        with Level(self, tree):
            head = [c for c in tree.children if isinstance(c, Tree) and c.data not in ("body", "new_line_or_comment")]
            labels = tuple(self._label(c) for c in head[1:])
            header = self._span(head[0], head[-1])
            return Block(text_of(head[0]), labels, self._body(child(tree, "body")), self._span(tree), header)

    def _label(self, node: Node) -> str:
        if node.data != "string":
            return text_of(node)
        expression = self._string(node)
        if isinstance(expression, Literal) and isinstance(expression.value, str):
            return expression.value
        raise templates.syntax_error(self._path, expression.span.line, "a block's label is a plain string")
