"""Disks that are full, and disks that may not be written to: small ones in memory, mounted for a test."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import missing


@dataclass(frozen=True)
class Disk:
    """A file system of its own, which a test may enlarge."""

    path: Path

    def remount(self, options: str) -> None:
        _mount("-o", f"remount,{options}", str(self.path))


@contextlib.contextmanager
def disk(path: Path, size: str) -> Iterator[Disk]:
    """A disk of so many bytes (``64k``); where nobody lets us mount one the test is skipped, loudly, and fails in CI."""
    path.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path))
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"a disk of {size} cannot be mounted here ({sys.platform}): {error}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)
