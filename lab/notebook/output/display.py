"""Puts views out: once, or one that changes while something goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.output.view import View

_PAUSE_S = 0.25
"""Between two updates of an output: more often than that nobody reads, and every one goes over the network."""


class Live:
    """One output that is replaced while the work goes on; in a terminal only the last one is printed.

    :param shell: IPython's.
    """

    def __init__(self, shell: object) -> None:
        self._in_kernel = hasattr(shell, "kernel")
        self._handle: Any = None
        self._last = 0.0

    def passing(self, view: View) -> None:
        """Show how far it is, unless that was shown just now."""
        if self._in_kernel and time.monotonic() - self._last >= _PAUSE_S:
            self._put(view)

    def show(self, view: View) -> None:
        """Show what came of it."""
        if self._in_kernel:
            self._put(view)
        else:
            print(view.plain, flush=True)

    def _put(self, view: View) -> None:
        from IPython.display import display

        self._last = time.monotonic()
        bundle = view._repr_mimebundle_()
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


def say(line: str) -> None:
    """Print a line of its own, such as that something slow begins."""
    from lab_env.text import one_line

    print(one_line(line), flush=True)
