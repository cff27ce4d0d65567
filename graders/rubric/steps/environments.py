"""What differs between two environments' plans beyond the environment's own name in texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from graders.evidence.plan import EnvironmentPlan, PlannedResource
from graders.rubric.look import show
from lab_env.text import parsed_json

_MOST_TRIES = 200_000  # of finding a member of a set in another order: the square of a set of 450


@dataclass(frozen=True)
class Difference:
    """:param attribute: the top-level argument that differs; None when the resource itself is there or not there."""

    address: str
    attribute: str | None
    text: str


def differences(plans: Sequence[EnvironmentPlan]) -> list[Difference]:
    """Every plan against the first one; a text that differs only by the environment's name does not count."""
    first = plans[0]
    found: list[Difference] = []
    for other in plans[1:]:
        found += _between(first, other)
    return found


def _between(first: EnvironmentPlan, other: EnvironmentPlan) -> list[Difference]:
    a, b = first.environment, other.environment
    names = _Names(a, b)
    there = {r.address: r for r in other.resources if r.mode == "managed"}
    found: list[Difference] = []
    matched: set[str] = set()
    for resource in (r for r in first.resources if r.mode == "managed"):
        counterpart = there.get(resource.address)
        if counterpart is None:
            counterpart = next(
                (r for r in there.values() if r.type == resource.type and names.same(resource.address, r.address)), None
            )
        if counterpart is None:
            found.append(
                Difference(resource.address, None, f"{resource.address} is there under {a}, but not under {b}")
            )
            continue
        matched.add(counterpart.address)
        found += _attributes(resource, counterpart, names)
    for address in sorted(set(there) - matched):
        found.append(Difference(address, None, f"{address} is there under {b}, but not under {a}"))
    return found


def _attributes(first: PlannedResource, other: PlannedResource, names: _Names) -> list[Difference]:
    found = []
    for attribute in sorted({*first.values, *other.values}):
        left, right = first.values.get(attribute), other.values.get(attribute)
        if not names.same(left, right):
            text = f"{attribute} is {show(left)} under {names.first}, but {show(right)} under {names.other}"
            found.append(Difference(first.address, attribute, text))
    for attribute in sorted({*first.unknown, *other.unknown}):
        if first.known(attribute) != other.known(attribute):
            text = f"{attribute} is made in another way under {names.other} than under {names.first}"
            found.append(Difference(first.address, attribute, text))
    return found


class _Names:
    """Two environments' names, and whether two values are the same but for them."""

    def __init__(self, first: str, other: str) -> None:
        self.first = first
        self.other = other
        self._name = re.compile(re.escape(first), re.IGNORECASE)
        self._tries = 0

    def same(self, left: object, right: object) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return left == right or self._same_text(left, right)
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            return self._same_mapping(left, right)
        if isinstance(left, list) and isinstance(right, list):
            return self._same_list(left, right)
        return left == right

    def _same_mapping(self, left: Mapping[str, object], right: Mapping[str, object]) -> bool:
        if len(left) != len(right):
            return False
        free = [key for key in right if key not in left]
        for key, value in left.items():
            other = key if key in right else next((k for k in free if self._try(key, k)), None)
            if other is None:
                return False
            if other in free:
                free.remove(other)
            if not self.same(value, right[other]):
                return False
        return True

    def _same_list(self, left: list[object], right: list[object]) -> bool:
        if len(left) != len(right):
            return False
        if all(self.same(a, b) for a, b in zip(left, right, strict=True)):
            return True
        # Terraform sorts sets by value, so the name may change their order.
        remaining = list(right)
        for value in left:
            match = next((i for i, candidate in enumerate(remaining) if self._try(value, candidate)), None)
            if match is None:
                return False
            remaining.pop(match)
        return True

    def _try(self, left: object, right: object) -> bool:
        """Whether two members of another order are the same; behind a bound that no module comes near, none is."""
        self._tries += 1
        return self._tries <= _MOST_TRIES and self.same(left, right)

    def _same_text(self, left: str, right: str) -> bool:
        parsed = parsed_json(left), parsed_json(right)
        if parsed[0] is not None and parsed[1] is not None:
            return self.same(*parsed)
        # Each occurrence of the name may have stayed or be the other name; where one begins like the other, both are followed.
        ends = {0}
        at = 0
        for found in self._name.finditer(left):
            ends = _after(right, ends, (left[at : found.start()],))
            ends = _after(right, ends, (found[0], _cased_like(self.other, found[0])))
            at = found.end()
        return at > 0 and len(right) in _after(right, ends, (left[at:],))


def _after(text: str, places: Set[int], pieces: Sequence[str]) -> set[int]:
    """Where in ``text`` one gets from any of the places by any of the pieces."""
    return {place + len(piece) for place in places for piece in pieces if text.startswith(piece, place)}


def _cased_like(name: str, example: str) -> str:
    if example.isupper():
        return name.upper()
    return name.capitalize() if example[:1].isupper() else name
