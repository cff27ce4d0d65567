"""A planted value that a later command knows again without having kept it: it is where it was planted, in the secret.

What is remembered beside the progress is which version of which secret holds it; a scan reads that version through the API, into
memory.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.drills.leaks import canary_of
from lab.drills.rotation import rotate

if TYPE_CHECKING:
    from lab.drills.leaks import Canary
    from lab.drills.live import LiveDeployment
    from lab.drills.rotation import Rotation
    from lab.session.place import Place
    from lab.session.session import Session

REMEMBERED = (
    "The lab remembers which version holds it, never the value: a scan reads it from the secret, into memory only, as long as "
    "that version exists."
)
_FILE = "planted.json"
_SCHEMA = 1


def plant(root: Path, live: LiveDeployment) -> Rotation:
    """Rotate the secret, and remember which version was written.

    :raises NothingDeployedError: there is no secret to plant a value in.
    """
    from lab.working_copy import memory
    from lab_env.files import write_output

    arn = live.the_secret().arn
    rotation = rotate(live)
    one = {"account": live.account.id, "secret": arn, "name": rotation.secret, "version": rotation.written}
    known = [found for found in _load(root) if found["account"] == live.account.id]
    write_output(memory(root) / _FILE, json.dumps({"schema": _SCHEMA, "planted": [*known, one]}, indent=2) + "\n")
    return rotation


def canaries(root: Path, session: Session[Place]) -> tuple[Canary, ...]:
    """Read what was planted in the account that is deployed now; versions that are gone are passed over."""
    from lab.deployment import NotDeployedError

    known = _load(root)
    if not known:
        return ()
    try:
        account = session.account
    except NotDeployedError:
        return ()
    manager = session.client("secretsmanager")
    found = (_read(manager, one) for one in known if one["account"] == account.id)
    return tuple(one for one in found if one is not None)


def _read(manager: Any, one: dict[str, str]) -> Canary | None:
    from botocore.exceptions import ClientError

    from lab_env.rotation import json_value

    try:
        value = json_value(manager.get_secret_value(SecretId=one["secret"], VersionId=one["version"]))
    except ClientError:
        return None
    password = (value or {}).get("password")
    return canary_of(one["name"], password) if isinstance(password, str) else None


def _load(root: Path) -> list[dict[str, str]]:
    """Read what is remembered; nothing when there is no file, or one that somebody broke."""
    from lab.working_copy import MEMORY

    try:
        document = json.loads((root / MEMORY / _FILE).read_text(encoding="utf-8"))
        if document["schema"] != _SCHEMA:
            return []
        return [{key: str(one[key]) for key in ("account", "secret", "name", "version")} for one in document["planted"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
