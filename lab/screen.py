"""Where a verb writes: results to standard output, progress to standard error."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def output() -> Console:
    """Open standard output."""
    return _console(error=False)


def errors() -> Console:
    """Open standard error."""
    return _console(error=True)


def _console(*, error: bool) -> Console:
    from rich.console import Console

    from lab_env.text import visible

    class Screen(Console):
        """A console to which every text is only text: paths, ids and reasons are other people's, and may steer a terminal."""

        def render_str(self, text: str, **options: object) -> Text:
            return super().render_str(visible(text), **options)  # type: ignore[arg-type]

    stream = sys.stderr if error else sys.stdout
    # In a pipe there is no width to keep to: a line is as long as it is.
    width = None if stream.isatty() else max(200, shutil.get_terminal_size().columns)
    return Screen(file=stream, width=width, highlight=False, emoji=False, markup=False)
