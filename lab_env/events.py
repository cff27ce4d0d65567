"""What work says of itself while it goes on: frozen values, all of them handed to one ``on_event``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """A line for people: something slow begins, or something unusual was found."""

    text: str


@dataclass(frozen=True)
class Phase:
    """A submission enters a phase of its grading.

    :param id: the submission's.
    :param slot: which of the places that grade at a time it has, from 0.
    """

    id: str
    name: str
    slot: int = 0


OnNotice = Callable[[Notice], None]


def ignore(event: object) -> None:
    """The ``on_event`` of who wants to hear nothing."""
