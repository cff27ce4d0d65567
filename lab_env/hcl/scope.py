"""Where an expression stands: its module, and what the loops around it bind their names to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from lab_env.hcl.module import Node

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Scope(Generic[T]):
    """:param names: what each bound name stands for: a value, or the collection it comes from."""

    node: Node
    names: Mapping[str, T] = field(default_factory=dict)

    def inside(self, key_name: str | None, key: T, value_name: str, value: T) -> Scope[T]:
        """The scope inside a loop, whose names hide those around it."""
        keyed = {} if key_name is None else {key_name: key}
        return Scope(self.node, {**self.names, value_name: value, **keyed})
