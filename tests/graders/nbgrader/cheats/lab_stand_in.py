"""What a course graded inside the kernel has: ``%%hcl`` writes a file, ``%lab_check`` returns a number.

Stands in for the lab's own magics where stock nbgrader is shown to be cheated: right in what it measures, and no more to
be trusted than anything else in a kernel that runs learners' cells.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

POINTS = 19
_FILE = Path("placeholder.tf")


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext lab_stand_in``."""
    shell.register_magic_function(_hcl, "cell", "hcl")
    shell.register_magic_function(_check, "line", "lab_check")


def _hcl(line: str, cell: str) -> None:
    _FILE.write_text(cell)


def _check(line: str) -> int:
    text = _FILE.read_text() if _FILE.is_file() else ""
    return POINTS if any(row.strip().startswith("ignore_changes") for row in text.splitlines()) else 0
