"""What our own code makes of an engine, by content: an engine outlives the lab that started it, and a lab its upgrade."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lab_env import digests


def digest(more: Iterable[Path] = ()) -> str:
    """64 hexadecimal digits of the modules beside this one, and of ``more`` files.

    All of them, not those alone that run in the engine's process: what is written down about an engine, and how it was probed,
    must be understood by who finds it. Read again each time (some 100 kB), for a program can be upgraded while it runs.
    """
    return digests.of_files(
        {f"{path.parent.name}/{path.name}": path for path in (*Path(__file__).parent.glob("*.py"), *more)}
    )
