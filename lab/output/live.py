"""Where a view goes that changes while something goes on; each front end has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lab.output.view import View


class Live(Protocol):
    """One output that is replaced while the work goes on."""

    def passing(self, view: View) -> None:
        """Show how far it is, unless that was shown just now."""

    def show(self, view: View) -> None:
        """Show what came of it."""
