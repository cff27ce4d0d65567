"""What is written down about a shared engine: one JSON file, one lock and one log each in the user's state directory."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab_env.engine.model import Engine
from lab_env.errors import EngineError

if TYPE_CHECKING:
    from filelock import BaseFileLock

_FORMAT = 1
EMBEDDED = "engine"
"""What the embedded engine's files are called; every other engine's files have another stem."""


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
    import platformdirs

    named = os.environ.get("LAB_STATE_DIR")
    path = Path(named) if named else platformdirs.user_state_path("secrets-lab", appauthor=False)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise EngineError(
            f"The lab cannot keep its state in {path} ({error.strerror}).",
            next_step="Set LAB_STATE_DIR to a directory that you may write to.",
        ) from error
    return path.resolve()


def log_path(stem: str = EMBEDDED) -> Path:
    return directory() / f"{stem}.log"


def lock(stem: str = EMBEDDED) -> BaseFileLock:
    """Held by who starts, replaces or stops the engine; the system lets go of it when its holder dies."""
    import filelock

    return filelock.FileLock(directory() / f"{stem}.lock", mode=0o600)


def read(stem: str = EMBEDDED) -> State | None:
    """None when nothing usable is written down (no file, half a file, an older format)."""
    try:
        document = json.loads((directory() / f"{stem}.json").read_text())
        if document.get("format") != _FORMAT:
            return None
        kept = document["capabilities"]
        return State(**{**document, "capabilities": None if kept is None else tuple(kept)})
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def write(state: State, stem: str = EMBEDDED) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    path = directory() / f"{stem}.json"
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(state), sort_keys=True) + "\n")
    draft.chmod(0o600)
    draft.replace(path)


def clear(stem: str = EMBEDDED) -> None:
    (directory() / f"{stem}.json").unlink(missing_ok=True)
