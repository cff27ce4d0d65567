"""Values that were planted to be found again: kept in this process's memory only, in the forms they may be written in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Canary:
    """One planted value, without showing it.

    :param name: where it was planted, for people.
    :param digest: the first digits of its SHA-256, to tell canaries apart.
    """

    name: str
    digest: str
    forms: tuple[tuple[str, bytes], ...] = field(repr=False)

    def find(self, data: bytes) -> list[tuple[int, str]]:
        """Where it is, as ``(offset, form)``: the first time in each form, a place once."""
        found: dict[int, str] = {}
        for name, form in self.forms:
            offset = data.find(form)
            if offset >= 0:
                found.setdefault(offset, name)
        return sorted(found.items())


def canary_of(name: str, value: str) -> Canary:
    """A canary that is this value."""
    from graders.evidence.leak_scan import encodings

    digest = hashlib.sha256(value.encode()).hexdigest()[:8]
    return Canary(name, digest, tuple(encodings(value).items()))


@dataclass
class Nest:
    """The canaries of this kernel."""

    canaries: list[Canary] = field(default_factory=list)

    def add(self, canary: Canary) -> None:
        self.canaries.append(canary)
