"""The release that is there stays until the newer one is: nbgrader takes it away first, and what failed after it."""

from __future__ import annotations

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
    unfinished = aside.with_name(f"{aside.name}-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    if not aside.is_dir() and release.is_dir():
        aside.parent.mkdir(parents=True, exist_ok=True)
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
    shutil.rmtree(aside, ignore_errors=True)
