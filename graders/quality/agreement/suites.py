"""The suites by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from graders.quality.agreement import iam_simulate, moto, pmapper
from graders.quality.agreement.checkout import Checkout
from graders.quality.agreement.model import Case


@dataclass(frozen=True)
class Suite:
    """:param repository: on GitHub."""

    name: str
    repository: str
    read: Callable[[Checkout], Iterator[Case]]

    def cases(self, suite: Checkout) -> list[Case]:
        """All cases; one whose name was already there gets a number."""
        seen: Counter[str] = Counter()
        found = []
        for case in self.read(suite):
            seen[case.id] += 1
            found.append(replace(case, id=f"{case.id} #{seen[case.id]}") if seen[case.id] > 1 else case)
        return found


SUITES: tuple[Suite, ...] = (
    Suite("iam-simulate", "cloud-copilot/iam-simulate", iam_simulate.cases),
    Suite("pmapper", "nccgroup/PMapper", pmapper.cases),
    Suite("moto", "getmoto/moto", moto.cases),
)
