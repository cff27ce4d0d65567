"""Put a directory in the place of another one: the old one is there until the new one is whole, whatever happens in between."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab_env.errors import LabError


def require_directory(target: Path) -> None:
    """The target and what it is in are directories, or not there yet.

    :raises LabError: there is something else, which may be somebody's and is not ours to replace.
    """
    for path in (target.parent, target):
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise LabError(f"{path} is not a directory.", next_step="Take it away and collect again.")


def restore(target: Path) -> None:
    """Set right what a swap left that was cut off: the old directory is put back, or, when the new one is in place, removed.

    :raises OSError: that cannot be done.
    """
    old = _beside(target, "old")
    if not os.path.lexists(old):
        return
    if os.path.lexists(target):
        shutil.rmtree(old)
    else:
        old.rename(target)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new, empty directory to be filled, which takes the target's place when the block has ended.

    When the block raises, the target is as it was, and nothing else is left. The new directory is beside the target (a rename is
    quick there and all or nothing) and hidden, so that no pattern of nbgrader's finds it.

    :param target: a directory, or nothing yet.
    :raises OSError: it cannot be written or put in place.
    """
    parent_is_new = not target.parent.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    new = _beside(target, "new")
    try:
        if os.path.lexists(new):
            shutil.rmtree(new)
        new.mkdir()
        yield new
        _swap(target, new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if parent_is_new:
            with suppress(OSError):
                target.parent.rmdir()
        raise


def _swap(target: Path, new: Path) -> None:
    restore(target)
    if not os.path.lexists(target):
        new.rename(target)
        return
    old = _beside(target, "old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    # What cannot be removed now is no reason to call the new one not collected; the next call tries again and says so.
    shutil.rmtree(old, ignore_errors=True)


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.{what}")
