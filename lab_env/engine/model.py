"""What an engine is to everyone else: where AWS is, what it can do, and an account on it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import Literal

from lab_env.aws_refusals import LENIENT

Capability = Literal["iam", "trail", "ecs", "version_pruning"]
REGION = "us-east-1"


@dataclass(frozen=True)
class Engine:
    """An AWS endpoint that answers.

    :param name: ``embedded``, ``localstack`` or ``endpoint``.
    :param version: the engine's own, ``unknown`` when it does not tell.
    :param endpoint: its URL, such as ``http://127.0.0.1:4566``.
    :param capabilities: what was probed on it, never assumed: ``iam`` (a role without rights is denied), ``trail``
        (LookupEvents finds a call), ``ecs`` (a task definition registers and is described), ``version_pruning`` (a
        secret's version without a staging label is gone).
    """

    name: str
    version: str
    endpoint: str
    capabilities: frozenset[Capability]


@dataclass(frozen=True)
class Account:
    """An account on an engine: it separates work, it is no security boundary.

    :param id: 12 digits; as an access key id it is the root of the account.
    :param session_token: what its calls are signed with besides; None but for a caller whom the engine is to treat in its own way.
    """

    id: str
    endpoint: str
    region: str = REGION
    session_token: str | None = None

    @property
    def lenient(self) -> Account:
        """The same account, for a caller to whom less is refused than AWS would (``lab_env.aws_refusals.LENIENT``)."""
        return replace(self, session_token=LENIENT)


@dataclass(frozen=True)
class EngineUser:
    """A run that uses an engine.

    :param what: the words that its process was started with, such as ``lab grade``.
    :param since: from when on, in seconds since the epoch.
    """

    pid: int
    what: str
    since: float

    def __str__(self) -> str:
        return f"process {self.pid} ({self.what})" if self.what else f"process {self.pid}"


@dataclass(frozen=True)
class EngineStatus:
    """An engine that we started, as ``lab status`` shows it.

    :param running: a process of ours is there and answers.
    :param engine: None: there is no process.
    :param since: when it started, in seconds since the epoch.
    :param log: path of its log file.
    :param users: the runs that use it.
    """

    running: bool
    engine: Engine | None
    pid: int | None
    since: float | None
    log: str
    users: tuple[EngineUser, ...] = ()


def fresh_account(engine: Engine) -> Account:
    """A random account that nobody has used: 12 digits, the first not 0 (so never ``000000000000``)."""
    return Account(id=str(10**11 + secrets.randbelow(9 * 10**11)), endpoint=engine.endpoint)


def account_of(engine: Engine, owner: str) -> Account:
    """The account that belongs to a name: the same 12 digits for the same name, everywhere. Whoever knows the name knows them."""
    number = int.from_bytes(hashlib.sha256(owner.encode()).digest(), "big")
    return Account(id=str(10**11 + number % (9 * 10**11)), endpoint=engine.endpoint)
