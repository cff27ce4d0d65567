"""Progress of a run: a line a submission that is being graded on a terminal, a line an event anywhere else."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from graders.batch.events import Done, verdict_of
from lab_env.events import Notice, Phase
from lab_env.text import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    from graders.batch.events import Event

_SHOWN = 20  # running submissions at a time; a table taller than the terminal would flicker


@dataclass(frozen=True)
class _Running:
    """:param since: on the monotonic clock."""

    phase: str
    slot: int
    since: float


class ProgressDisplay:
    """A context manager that is told what each submission does; safe to be told from many threads.

    On a terminal it repaints a small table that is gone at the end: a bar, how long it will still take, and for each place
    that grades at a time its submission, phase and seconds. In a pipe it writes one plain line for each submission that starts
    or ends, and nothing in between.

    :param total: how many submissions there are; None when that is not known.
    :param what: what they are then, in a word or two.
    """

    def __init__(self, console: Console, total: int | None, what: str = "done") -> None:
        self._console = console
        self._total = total
        self._what = what
        self._running: dict[str, _Running] = {}
        self._began = time.monotonic()
        self._done = 0
        self._kept = 0
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._note = ""

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(
                get_renderable=self._table, console=self._console, refresh_per_second=8, transient=True, screen=False
            )
            self._live.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def hear(self, event: Event) -> None:
        """Show what the grader tells."""
        if isinstance(event, Notice):
            self.note(event.text)
        elif isinstance(event, Phase):
            self.phase(event.id, event.name, event.slot)
        else:
            told = verdict_of(event) if isinstance(event, Done) else event
            self.done(told.id, told.text, kept=told.kept)

    def note(self, text: str) -> None:
        """One line about the whole run, such as a download."""
        with self._lock:
            self._note = one_line(text)
        self._plain(self._note)

    def phase(self, submission: str, phase: str, slot: int = 0) -> None:
        """``submission`` is now in ``phase``, in the place with this number (from 0)."""
        with self._lock:
            known = self._running.get(submission)
            self._running[submission] = _Running(one_line(phase), slot, known.since if known else time.monotonic())
        if known is None:
            self._plain(f"{one_line(submission)}: started")

    def done(self, submission: str, verdict: str, *, kept: bool = False) -> None:
        """``submission`` has its verdict, such as ``graded, 87/100``; ``kept``: it was read back from an earlier run."""
        now = time.monotonic()
        with self._lock:
            running = self._running.pop(submission, None)
            self._done += 1
            self._kept += kept
            count = self._count(self._done)
        took = "unchanged" if kept else f"{now - running.since if running else 0.0:.1f} s"
        self._plain(f"{one_line(submission)}: {one_line(verdict)} ({took}, {count})")

    def remaining_s(self) -> float | None:
        """Seconds until the last one is done, at the pace so far; None when that cannot be said yet.

        What was read back took no time, so it says nothing about the pace.
        """
        graded = self._done - self._kept
        if self._total is None or graded < 1:
            return None
        return (time.monotonic() - self._began) / graded * (self._total - self._done)

    def _count(self, done: int) -> str:
        return str(done) if self._total is None else f"{done} of {self._total}"

    def _plain(self, line: str) -> None:
        if self._live is None:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        now = time.monotonic()
        with self._lock:
            running = sorted(self._running.items(), key=lambda item: (item[1].slot, item[0]))
            title = f"{self._count(self._done)} {self._what}"
            remaining = self.remaining_s()
            note = self._note
        if remaining is not None:
            title += f", about {_clock(remaining)} to go"
        table = Table.grid(padding=(0, 2))
        if self._total:
            table.add_row(ProgressBar(total=self._total, completed=self._done, width=40))
        table.add_row(Text(f"{title}  {note}".rstrip(), style="bold"))
        places = Table.grid(padding=(0, 2))
        for id_, one in running[:_SHOWN]:
            places.add_row(
                Text(f"  {one.slot + 1:>2}", style="dim"),
                Text(one_line(id_)),
                Text(one.phase, style="cyan"),
                Text(f"{now - one.since:5.1f} s", style="dim"),
            )
        table.add_row(places)
        if len(running) > _SHOWN:
            table.add_row(Text(f"  and {len(running) - _SHOWN} more", style="dim"))
        return table


def _clock(seconds: float) -> str:
    """``45 s``, ``3:20 min``."""
    whole = round(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60}:{whole % 60:02} min"
