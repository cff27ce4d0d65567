"""A run's events as lines, for a run that is a process of its own: what its parent reads on standard output, and shows."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import IO, Literal

from pydantic import ValidationError

from graders.batch.events import Done, Event, Verdict, verdict_of
from graders.model import Frozen
from lab_env.events import Notice, Phase


class _Line(Frozen):
    """One event. :param text: a notice, a phase's name, or a verdict in words."""

    kind: Literal["notice", "phase", "verdict"]
    id: str = ""
    text: str
    slot: int = 0
    kept: bool = False
    has_score: bool = False


def teller(stream: IO[str] | None = None) -> Callable[[Event], None]:
    """Write every event as a line, and each at once. Safe to be called from many threads."""
    out = stream or sys.stdout
    lock = threading.Lock()

    def tell(event: Event) -> None:
        line = _line(event).model_dump_json()
        with lock:
            print(line, file=out, flush=True)

    return tell


def read_line(line: bytes) -> Event | None:
    """The event that a line tells; None for a line that tells none: what else a program prints is no event."""
    try:
        found = _Line.model_validate_json(line)
    except ValidationError:
        return None
    if found.kind == "notice":
        return Notice(found.text)
    if found.kind == "phase":
        return Phase(found.id, found.text, found.slot)
    return Verdict(found.id, found.text, found.has_score, found.slot, found.kept)


def _line(event: Event) -> _Line:
    if isinstance(event, Notice):
        return _Line(kind="notice", text=event.text)
    if isinstance(event, Phase):
        return _Line(kind="phase", id=event.id, text=event.name, slot=event.slot)
    told = verdict_of(event) if isinstance(event, Done) else event
    return _Line(kind="verdict", id=told.id, text=told.text, slot=told.slot, kept=told.kept, has_score=told.has_score)
