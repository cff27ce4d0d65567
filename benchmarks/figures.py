"""A figure beside its target, and what a measurement is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number.

    :param what: what was measured, as a row of the table says it.
    :param limit: the target, in the same unit; None: told for its own sake, nothing is promised.
    :param note: how it came about, such as ``median of 5``.
    """

    what: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """``ok``, ``over``, or nothing where nothing is promised."""
        if self.limit is None:
            return ""
        return "ok" if self.value < self.limit else "over"


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    :param rounds: how often a repeated measurement is repeated; its median counts.
    :param cases: at most so many cases of the corpus; None for all of them.
    """

    rounds: int = 5
    cases: int | None = None


@dataclass(frozen=True)
class Measurement:
    """:param run: does the work; raises whatever went wrong, and never because something was slow."""

    name: str
    about: str
    run: Callable[[Settings], Sequence[Figure]]


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes, by the wall's clock."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def repeated(call: Callable[[], object], rounds: int) -> float:
    """The median of ``rounds`` calls, in seconds; one call before them warms up and does not count."""
    call()
    return statistics.median(seconds(call) for _ in range(rounds))


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> float:
    """Median by median: 1.0 is as quick, 2.0 takes twice as long."""
    return statistics.median(ours) / statistics.median(theirs)
