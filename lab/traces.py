"""What the lab keeps of learners on this machine outside the files that somebody named, and its end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Trace:
    """Something that is kept. :param what: in words, for a sentence. :param path: a directory, which need not be there."""

    what: str
    path: Path


@dataclass(frozen=True)
class Removed:
    """:param size: bytes."""

    trace: Trace
    files: int
    size: int


def traces() -> tuple[Trace, ...]:
    """List what the lab keeps in the user's state directory; docs/security.md says for how long."""
    from graders.batch.cache import Cache
    from lab import deployment
    from lab.running import ledgers

    return (
        Trace("what was deployed, and Terraform's state of it", deployment.stores()),
        Trace("verdicts and the evidence for them", Cache().directory),
        Trace("ledgers of runs without a result JSON", ledgers()),
    )


def remove() -> Iterator[Removed]:
    """Remove it all, and the temporary directories of runs that were killed; what was there, one after the other."""
    from lab import deployment
    from lab_env.temporary import sweep

    for trace in traces():
        found = [one for one in trace.path.rglob("*") if one.is_file() and not one.is_symlink()]
        size = sum(one.stat().st_size for one in found)
        if trace.path == deployment.stores():
            deployment.forget_all()
        shutil.rmtree(trace.path, ignore_errors=True)
        if found:
            yield Removed(trace, len(found), size)
    sweep(tempfile.gettempdir())
