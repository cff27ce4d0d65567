"""Three-valued truth: a condition that we cannot decide is unknown and carries its reason to the decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Truth:
    """True, False or unknown (``value`` None, with the reasons)."""

    value: bool | None
    reasons: tuple[str, ...] = ()

    @property
    def maybe(self) -> bool:
        """Whether it is true or could be."""
        return self.value is not False

    def __invert__(self) -> Truth:
        return self if self.value is None else Truth(not self.value)


TRUE = Truth(True)
FALSE = Truth(False)


def unknown(reason: str) -> Truth:
    """Undecidable, because of ``reason``."""
    return Truth(None, (reason,))


def truth(value: bool | Literal[0, 1]) -> Truth:
    """A decided truth."""
    return TRUE if value else FALSE


def every(items: Iterable[Truth]) -> Truth:
    """Conjunction: one False decides, whatever is unknown beside it."""
    return ~anyone(~item for item in items)


def anyone(items: Iterable[Truth]) -> Truth:
    """Disjunction: one True decides, whatever is unknown beside it."""
    reasons: dict[str, None] = {}
    for item in items:
        if item.value is True:
            return TRUE
        if item.value is None:
            reasons.update(dict.fromkeys(item.reasons))
    return Truth(None, tuple(reasons)) if reasons else FALSE
