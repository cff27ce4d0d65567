"""Where an expression stands: its module, and what the loops around it bind their names to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, TypeVar

from lab_env.hcl.model import Call, Expression
from lab_env.hcl.module import Node

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Scope(Generic[T]):
    """Names that are bound around an expression.

    :param names: what each bound name stands for: a value, or the collection it comes from.
    :param arguments: in a template's file: what ``templatefile`` gives it, and where that stands. There is no other name in it.
    """

    node: Node
    names: Mapping[str, T] = field(default_factory=dict)
    arguments: tuple[Expression, Scope[T]] | None = None

    def inside(self, key_name: str | None, key: T, value_name: str, value: T) -> Scope[T]:
        """The scope inside a loop, whose names hide those around it."""
        keyed = {} if key_name is None else {key_name: key}
        return Scope(self.node, {**self.names, value_name: value, **keyed}, self.arguments)

    def of_template(self, call: Call, names: Mapping[str, T] = MappingProxyType({})) -> Scope[T]:
        """The scope inside the file that this call of ``templatefile`` reads.

        :param names: what its variables are, where that is known.
        """
        return Scope(self.node, names, (call.args[1], self) if len(call.args) > 1 else None)
