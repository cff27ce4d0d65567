"""Directories in each other, more of them than Python's own functions go down; pytest could not remove them, either."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOO_DEEP = 1_500


@contextmanager
def nested(directory: Path, deep: int = TOO_DEEP) -> Iterator[None]:
    """So many of them in this directory, for as long as the block runs."""
    place = os.open(directory, os.O_RDONLY)
    try:
        for _ in range(deep):
            os.mkdir("d", dir_fd=place)
            inner = os.open("d", os.O_RDONLY, dir_fd=place)
            os.close(place)
            place = inner
        yield
    finally:
        os.close(place)
        subprocess.run(["rm", "-rf", directory / "d"], check=True)
