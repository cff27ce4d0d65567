"""What is written down about the shared engine: one JSON file and one lock in the user's state directory."""

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


@dataclass(frozen=True)
class State:
    """One running engine.

    :param created: when its process began (with the pid it names the process for ever).
    :param capabilities: sorted; None while it is being started.
    """

    pid: int
    created: float
    endpoint: str
    version: str
    capabilities: tuple[str, ...] | None
    format: int = _FORMAT

    def engine(self) -> Engine:
        return Engine("embedded", self.version, self.endpoint, frozenset(self.capabilities or ()))  # type: ignore[arg-type]


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


def log_path() -> Path:
    return directory() / "engine.log"


def lock() -> BaseFileLock:
    """Held by who starts, replaces or stops the engine; the system lets go of it when its holder dies."""
    import filelock

    return filelock.FileLock(directory() / "engine.lock", mode=0o600)


def read() -> State | None:
    """None when nothing usable is written down (no file, half a file, an older format)."""
    try:
        document = json.loads((directory() / "engine.json").read_text())
        if document.get("format") != _FORMAT:
            return None
        kept = document["capabilities"]
        return State(**{**document, "capabilities": None if kept is None else tuple(kept)})
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def write(state: State) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    path = directory() / "engine.json"
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(state), sort_keys=True) + "\n")
    draft.chmod(0o600)
    draft.replace(path)


def clear() -> None:
    (directory() / "engine.json").unlink(missing_ok=True)
