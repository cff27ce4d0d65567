"""Progress of a run: a line a submission that is being graded on a terminal, a line an event anywhere else."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from graders.report.text import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

_SHOWN = 12  # running submissions at a time; a table taller than the terminal would flicker


class Progress:
    """A context manager that is told what each submission does; safe to be told from many threads.

    On a terminal it repaints a small table (submission, phase, seconds) that is gone at the end; in a pipe it writes
    one plain line for each submission that starts or ends, and nothing in between.

    :param total: how many submissions there are; None when that is not known.
    """

    def __init__(self, console: Console, total: int | None) -> None:
        self._console = console
        self._total = total
        self._running: dict[str, tuple[str, float]] = {}
        self._done = 0
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

    def note(self, text: str) -> None:
        """One line about the whole run, such as a download."""
        with self._lock:
            self._note = one_line(text)
        self._plain(self._note)

    def phase(self, submission: str, phase: str) -> None:
        """``submission`` is now in ``phase``."""
        with self._lock:
            known = self._running.get(submission)
            self._running[submission] = (one_line(phase), known[1] if known else time.monotonic())
        if known is None:
            self._plain(f"{one_line(submission)}: started")

    def done(self, submission: str, verdict: str) -> None:
        """``submission`` has its verdict, such as ``graded, 87/100``."""
        with self._lock:
            _, started = self._running.pop(submission, ("", time.monotonic()))
            self._done += 1
            done = self._done
        took = time.monotonic() - started
        self._plain(f"{one_line(submission)}: {one_line(verdict)} ({took:.1f} s, {self._count(done)})")

    def _count(self, done: int) -> str:
        return str(done) if self._total is None else f"{done} of {self._total}"

    def _plain(self, line: str) -> None:
        if self._live is None:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        now = time.monotonic()
        with self._lock:
            running = list(self._running.items())
            title = f"{self._count(self._done)} done"
            note = self._note
        table = Table.grid(padding=(0, 2))
        table.add_row(Text(f"{title}  {note}".rstrip(), style="bold"))
        for id_, (phase, started) in running[:_SHOWN]:
            table.add_row(
                Text(f"  {one_line(id_)}"), Text(phase, style="cyan"), Text(f"{now - started:5.1f} s", style="dim")
            )
        if len(running) > _SHOWN:
            table.add_row(Text(f"  and {len(running) - _SHOWN} more", style="dim"))
        return table
