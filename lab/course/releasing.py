"""The release that is there stays until the newer one is: nbgrader takes it away first, and what failed after it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def older_kept(release: Path, aside: Path) -> Iterator[None]:
    """Put the older release back when no newer one comes of what is done meanwhile, also by the run after one that was killed.

    :param release: the directory that is made anew.
    :param aside: where the older one lies meanwhile; when it is there, it is whole.
    """
    for left in aside.parent.glob(f"{aside.name}-*"):
        shutil.rmtree(left, ignore_errors=True)
    if not aside.is_dir() and release.is_dir():
        aside.parent.mkdir(parents=True, exist_ok=True)
        unfinished = _beside(aside, "unfinished")
        shutil.copytree(release, unfinished)
        unfinished.rename(aside)
    try:
        yield
    except BaseException:
        if aside.is_dir():
            shutil.rmtree(release, ignore_errors=True)
            release.parent.mkdir(parents=True, exist_ok=True)
            aside.rename(release)
        raise
    if aside.is_dir():
        # All at once, before it is removed: half of it, or all of it by the next run, would be taken for the release of before.
        replaced = _beside(aside, "replaced")
        aside.rename(replaced)
        shutil.rmtree(replaced, ignore_errors=True)


def _beside(aside: Path, what: str) -> Path:
    """A name that nothing has: what an earlier run left under another one may not be removable."""
    return aside.with_name(f"{aside.name}-{what}-{secrets.token_hex(4)}")
