"""What the lab remembers of a learner's deployment, one directory a working copy, outside of it.

``record.json``
    :class:`Record`.
``workspace/``
    Where Terraform ran: the files that were applied, its state, the last plan.

Beside the directory ``<its name>.accounts`` counts the accounts that are not to be used again
(see :meth:`DeploymentStore.next_account`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab_env.engine import Account, Engine

OWNER = "LAB_ACCOUNT_OF"
"""Whose accounts are used on an engine that many people share, such as a hub's user name; unset: accounts that nobody knows."""
_RECORD = "record.json"
_WORKSPACE = "workspace"
STATE = "terraform.tfstate"


@dataclass(frozen=True)
class Record:
    """What is deployed where.

    :param digest: of the files that were applied; empty when that failed on the way.
    :param instance: of the engine: its endpoint and when it started, as another run of it has other accounts.
    :param account: 12 digits.
    :param sentinel: account and name of a sentinel on an engine that does not tell when it started; empty otherwise.
    """

    digest: str
    instance: str
    account: str
    sentinel: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class DeploymentStore:
    """One working copy's directory.

    :param directory: of ours; it may not exist yet.
    """

    directory: Path

    @property
    def workspace(self) -> Path:
        """Where Terraform ran last and its state is."""
        return self.directory / _WORKSPACE

    def record(self) -> Record | None:
        """The record, or None when there is none, it is broken, or its state file is gone."""
        try:
            document = json.loads((self.directory / _RECORD).read_text(encoding="utf-8"))
            json.loads((self.workspace / STATE).read_bytes())
            sentinel = document.pop("witness", ("", ""))  # as it was called once
            return Record(**{**document, "sentinel": tuple(document.get("sentinel", sentinel))})
        except (OSError, ValueError, TypeError, AttributeError):
            return None

    def remember(self, record: Record) -> None:
        """Keeps ``record``, whole or not at all."""
        from lab_env.files import write_output

        write_output(self.directory / _RECORD, json.dumps(asdict(record), indent=2) + "\n")

    def state(self) -> Mapping[str, Any] | None:
        """The state file, parsed; None when there is none."""
        try:
            found = json.loads((self.workspace / STATE).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def adopt(self, directory: Path) -> None:
        """``directory`` is the workspace from now on."""
        shutil.rmtree(self.workspace, ignore_errors=True)
        directory.rename(self.workspace)

    def next_account(self, engine: Engine) -> Account:
        """The account of the next deployment: a random one, or with :data:`OWNER` the owner's next for this working copy."""
        from lab_env.engine import account_of, fresh_account

        owner = os.environ.get(OWNER)
        if not owner:
            return fresh_account(engine)
        return account_of(engine, f"{owner}\n{self.directory.name}\n{self._used_up()}")

    def clear(self) -> None:
        """Nothing is deployed any more, and the account is done with: a deleted secret's name stays taken in it."""
        from lab_env.files import write_output

        if (self.directory / _RECORD).exists():
            write_output(self._count, str(self._used_up() + 1))
        (self.directory / _RECORD).unlink(missing_ok=True)
        shutil.rmtree(self.workspace, ignore_errors=True)

    @property
    def _count(self) -> Path:
        return self.directory.with_suffix(".accounts")

    def _used_up(self) -> int:
        try:
            return int(self._count.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0


def store(root: Path) -> DeploymentStore:
    """That of a working copy, by its path."""
    return DeploymentStore(
        stores() / hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    )


def stores() -> Path:
    """The directory of all of them."""
    from lab_env.engine import state

    return state.directory() / "deployments"


def made_on(engine: Engine, *, digest: str, account: str, before: Record | None) -> Record:
    """A record of now. ``before``: the one of the same account, whose sentinel goes on."""
    instance = _instance(engine)
    if engine.name == "embedded":
        return Record(digest, instance, account)
    if before is not None and before.account == account:
        return Record(digest, instance, account, before.sentinel)
    from lab_env.engine.keeper import leave_sentinel

    sentinel = leave_sentinel(engine)
    return Record(digest, instance, account, (sentinel.account.id, sentinel.name))


def still_there(record: Record, engine: Engine) -> bool:
    """Whether the engine is the one that the record was made on, and has not forgotten its accounts."""
    from lab_env.engine import Account
    from lab_env.engine.keeper import Sentinel

    if record.instance != _instance(engine):
        return False
    account, name = record.sentinel
    return not name or Sentinel(Account(account, engine.endpoint), name).is_there()


def _instance(engine: Engine) -> str:
    from lab_env import engine as engines

    since = engines.status().since if engine.name == "embedded" else None
    return f"{engine.endpoint} since {since}"
