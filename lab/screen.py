"""Where a verb writes: results to standard output, progress to standard error."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def output() -> Console:
    """Standard output."""
    return _console(error=False)


def errors() -> Console:
    """Standard error."""
    return _console(error=True)


def _console(*, error: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    # In a pipe there is no width to keep to: a line is as long as it is.
    width = None if stream.isatty() else max(200, shutil.get_terminal_size().columns)
    return Console(file=stream, width=width, highlight=False, emoji=False, markup=False)
