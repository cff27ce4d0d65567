"""What is written down about a shared engine: one JSON file, one lock and one log each in the user's state directory.

They carry the engine's *name*: its kind, its version and a digest of our code that makes it what it is. So installations of the lab
that differ in any of these have engines of their own, and none finds, judges or ends another's.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab_env import settings
from lab_env.engine.model import Engine
from lab_env.errors import EngineError
from lab_env.files import user_directory, write_atomically

if TYPE_CHECKING:
    from filelock import BaseFileLock

_FORMAT = 1
_OF_YOURS = "Set LAB_STATE_DIR to a directory that you may write to."


@dataclass(frozen=True)
class State:
    """One running engine.

    :param created: when its process began (with the pid it names the process for ever).
    :param endpoint: empty until it has told where it is.
    :param capabilities: sorted; None while it is being started.
    """

    pid: int
    created: float
    endpoint: str
    version: str
    capabilities: tuple[str, ...] | None
    format: int = _FORMAT

    def engine(self, name: str) -> Engine:
        return Engine(name, self.version, self.endpoint, frozenset(self.capabilities or ()))  # type: ignore[arg-type]


def directory() -> Path:
    """``LAB_STATE_DIR``, else the platform's place for a user's state; created, and the user's alone.

    :raises EngineError: it cannot be created.
    """
    path = settings.STATE_DIR.read() or user_directory("state")
    if path is None:
        raise EngineError("The lab cannot keep its state: this user has no home directory.", next_step=_OF_YOURS)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise EngineError(
            f"The lab cannot keep its state in {path} ({error.strerror}).",
            next_step=_OF_YOURS,
        ) from error
    return path.resolve()


def name(stem: str, version: str, code: str) -> str:
    """An engine's name.

    :param stem: of its kind, without a hyphen.
    :param code: a digest, in hexadecimal digits, of our code that makes it what it is.
    """
    return f"{stem}-{re.sub('[^0-9A-Za-z.]', '_', version)}-{code[:12]}"


def names(stem: str) -> tuple[str, ...]:
    """The engines of a kind about which something is written down, sorted. That of an older lab has the stem for its name."""
    found = {path.stem for path in directory().glob(f"{stem}*.json")}
    return tuple(sorted(one for one in found if one == stem or one.startswith(f"{stem}-")))


def log_path(name: str) -> Path:
    return directory() / f"{name}.log"


def files_path(name: str) -> Path:
    """A directory for what the engine itself writes, if it writes anything."""
    return directory() / f"{name}-files"


def lock(name: str) -> BaseFileLock:
    """Held by who starts, replaces or stops the engine; the system lets go of it when its holder dies."""
    import filelock

    return filelock.FileLock(directory() / f"{name}.lock", mode=0o600)


def read(name: str) -> State | None:
    """None when nothing usable is written down (no file, half a file, another format)."""
    try:
        document = json.loads((directory() / f"{name}.json").read_text())
        if document.get("format") != _FORMAT:
            return None
        kept = document["capabilities"]
        return State(**{**document, "capabilities": None if kept is None else tuple(kept)})
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def write(state: State, name: str) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    write_atomically(directory() / f"{name}.json", json.dumps(asdict(state), sort_keys=True) + "\n", mode=0o600)


def clear(name: str) -> None:
    (directory() / f"{name}.json").unlink(missing_ok=True)


def purge(name: str) -> None:
    """Remove the log and the files of an engine that does not run."""
    log_path(name).unlink(missing_ok=True)
    shutil.rmtree(files_path(name), ignore_errors=True)
