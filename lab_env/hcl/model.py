"""The typed tree of one HCL file. Names are those of the HCL specification (body, block, attribute, traversal)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lab_env.errors import SubmissionError


class HclSyntaxError(SubmissionError):
    """A file that is no HCL: ``path`` and 1-based ``line`` say where."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands: file, first and last line (1-based), and character offsets into the text.

    Offsets count from the text without a byte order mark; ``end`` is exclusive.
    """

    path: str
    line: int
    end_line: int
    start: int = 0
    end: int = 0

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies inside."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its markers."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Expression:
    """Base of all expressions. Parentheses leave no node."""

    span: Span


class Approximate(float):
    """A number that is written with more digits than Python's numbers have."""

    text: str

    def __new__(cls, text: str) -> Approximate:
        made = super().__new__(cls, text)
        made.text = text
        return made


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A constant: string (escapes decoded), number, bool or null; also one piece of text in a template."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Template(Expression):
    """A string with interpolations or directives; the parts are literals, expressions and directives in order."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class TemplateIf(Expression):
    """``%{ if … }…%{ else }…%{ endif }``."""

    condition: Expression
    then: tuple[Expression, ...]
    otherwise: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class TemplateFor(Expression):
    """``%{ for k, v in … }…%{ endfor }``."""

    key_name: str | None
    value_name: str
    collection: Expression
    body: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Attr:
    """The step ``.name``."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """The step ``[key]``, also ``.0``."""

    key: Expression


@dataclass(frozen=True, slots=True)
class Splat:
    """The step ``[*]`` or ``.*``.

    :param names_only: ``.*``: an index behind it picks of the list, not of each element.
    """

    names_only: bool = False


Step = Attr | Index | Splat


@dataclass(frozen=True, slots=True)
class Traversal(Expression):
    """A name with steps: ``aws_kms_key.secrets[0].arn``. A bare word (a type, ``all``) has no steps."""

    root: str
    steps: tuple[Step, ...] = ()

    @property
    def text(self) -> str:
        """Dotted text without indexes: ``aws_kms_key.secrets.arn`` for ``aws_kms_key.secrets[0].arn``."""
        return ".".join((self.root, *self.names))

    @property
    def names(self) -> tuple[str, ...]:
        """The attribute steps' names."""
        return tuple(step.name for step in self.steps if isinstance(step, Attr))


@dataclass(frozen=True, slots=True)
class Relative(Expression):
    """Steps on something that is no name: ``merge(a, b).c``, ``[a, b][0]``."""

    source: Expression
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function call; ``expand`` when the last argument is followed by ``...``."""

    name: str
    args: tuple[Expression, ...]
    expand: bool = False


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """One ``key = value``; a bare word as key is a string literal, as in HCL."""

    key: Expression
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Object(Expression):
    items: tuple[ObjectItem, ...]

    def get(self, name: str) -> Expression | None:
        """The last value whose key is this constant string."""
        found = [i.value for i in self.items if isinstance(i.key, Literal) and i.key.value == name]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Tuple(Expression):
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class ForExpr(Expression):
    """``[for k, v in collection : value if condition]``, or with ``key =>`` an object."""

    key_name: str | None
    value_name: str
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouping: bool = False


@dataclass(frozen=True, slots=True)
class Unary(Expression):
    """``operand_end`` is the offset behind the operand with its parentheses."""

    operator: str
    operand: Expression
    operator_span: Span
    operand_end: int


@dataclass(frozen=True, slots=True)
class Binary(Expression):
    """``operand_end`` is the offset behind the right operand with its parentheses."""

    operator: str
    left: Expression
    right: Expression
    operator_span: Span
    operand_end: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """``name = expression``."""

    name: str
    expression: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Body:
    """The inside of a file or block, in source order.

    A name that is written twice keeps its last expression in ``attributes``; ``duplicates`` has the earlier ones.
    """

    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...] = ()
    duplicates: tuple[Attribute, ...] = ()

    def get(self, name: str) -> Expression | None:
        """The expression of an attribute."""
        attribute = self.attributes.get(name)
        return attribute.expression if attribute else None

    def blocks_of(self, type: str) -> tuple[Block, ...]:
        """The direct blocks of a type; ``dynamic`` blocks are blocks of their own type."""
        return tuple(b for b in self.blocks if b.type == type)

    def walk(self) -> Iterator[Block]:
        """All blocks, nested ones too, outer before inner."""
        for block in self.blocks:
            yield block
            yield from block.body.walk()

    def expressions(self) -> Iterator[Expression]:
        """The expression of every attribute, nested blocks too."""
        for attribute in (*self.duplicates, *self.attributes.values()):
            yield attribute.expression
        for block in self.blocks:
            yield from block.body.expressions()


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" … { body }``; ``header`` is the part before the brace."""

    type: str
    labels: tuple[str, ...]
    body: Body
    span: Span
    header: Span = field(compare=False)

    @property
    def address(self) -> str:
        """As Terraform writes it: ``aws_kms_key.secrets``, ``data.aws_region.here``, ``var.environment``."""
        prefix = {"resource": (), "variable": ("var",)}.get(self.type, (self.type,))
        return ".".join((*prefix, *self.labels))


EMPTY_BODY = Body(MappingProxyType({}), ())
