"""Puts outputs out: once, or one that changes while something goes on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PAUSE_S = 0.25
"""Between two updates of an output: more often than that nobody reads, and every one goes over the network."""


@dataclass(frozen=True)
class Output:
    """What a magic shows: for people who see it, and for terminals, programs and screen readers."""

    html: str
    plain: str

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.plain}

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.plain)


class Live:
    """One output that is replaced while the work goes on; in a terminal only the last one is printed.

    :param shell: IPython's.
    """

    def __init__(self, shell: object) -> None:
        self._in_kernel = hasattr(shell, "kernel")
        self._handle: Any = None
        self._last = 0.0

    def passing(self, output: Output) -> None:
        """Show how far it is, unless that was shown just now."""
        if self._in_kernel and time.monotonic() - self._last >= _PAUSE_S:
            self._put(output)

    def show(self, output: Output) -> None:
        """Show what came of it."""
        if self._in_kernel:
            self._put(output)
        else:
            print(output.plain, flush=True)

    def _put(self, output: Output) -> None:
        from IPython.display import display

        self._last = time.monotonic()
        bundle = dict(output._repr_mimebundle_())
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


def say(line: str) -> None:
    """A line of its own, such as that something slow begins."""
    from lab_env.text import one_line

    print(one_line(line), flush=True)
