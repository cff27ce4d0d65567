"""Where AWS is: the embedded engine, LocalStack, or an endpoint; accounts on it; what it can do.

``connect`` is the way in. Clients come from :func:`lab_env.engine.sessions.client` and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from lab_env.engine.model import (
    REGION,
    Account,
    Capability,
    Engine,
    EngineStatus,
    EngineUser,
    account_of,
    fresh_account,
)
from lab_env.events import OnNotice, ignore

__all__ = [
    "ENGINE_PACKAGE",
    "REGION",
    "Account",
    "Capability",
    "Engine",
    "EngineStatus",
    "EngineUser",
    "account_of",
    "connect",
    "engine_identity",
    "fresh_account",
    "localstack_status",
    "other_engines",
    "private_engine",
    "status",
    "stop",
    "using",
]

ENGINE_PACKAGE = "ministack"
"""What the embedded engine is, as it is installed and imported."""


def connect(spec: str = "embedded", *, install: bool = False, on_event: OnNotice = ignore) -> Engine:
    """Find or start an engine.

    :param spec: ``embedded``; ``localstack`` (where ``LOCALSTACK_HOST`` or ``AWS_ENDPOINT_URL`` say, else at
        ``http://localhost:4566`` when one answers there, else one of ours); or a URL: on loopback, or of a host that
        ``LAB_ALLOW_REMOTE`` names, never AWS's.
    :param install: LocalStack may be downloaded and installed when it is not there.
    :param on_event: told before something that takes long.
    :raises EngineError: there is none, or the address is not allowed.

    >>> from lab_env.engine import fresh_account, sessions
    >>> engine = connect("embedded")
    >>> sessions.client(fresh_account(engine), "secretsmanager").list_secrets()["SecretList"]
    []
    """
    if spec == "embedded":
        from lab_env.engine import embedded, shared

        return shared.connect(embedded.KIND)
    if spec == "localstack":
        from lab_env.engine.localstack import connect_localstack

        return connect_localstack(install=install, on_event=on_event)
    from lab_env.engine import endpoints, probe

    return probe.describe("endpoint", endpoints.checked_endpoint(spec))


def engine_identity(spec: str) -> str | None:
    """``NAME VERSION`` of an engine whose behaviour its version tells, without starting it; None: it has to be asked.

    :raises EngineError: it is not installed.
    """
    if spec != "embedded":
        return None
    from lab_env.engine.embedded import engine_version

    return f"embedded {engine_version()}"


def status() -> EngineStatus:
    """The embedded engine of this user, running or not; starts nothing."""
    from lab_env.engine import embedded, shared

    return shared.status(embedded.KIND)


def localstack_status() -> EngineStatus:
    """The LocalStack that we started for this user, running or not; starts nothing."""
    from lab_env.engine import localstack, shared

    return shared.status(localstack.KIND)


def other_engines() -> tuple[EngineStatus, ...]:
    """The engines that other installations of the lab have running for this user; they end when nobody uses them."""
    from lab_env.engine import embedded, localstack, shared

    return (*shared.others(embedded.KIND), *shared.others(localstack.KIND))


def stop(purge: bool = False, everything: bool = False) -> tuple[str, ...]:
    """End the engines of this user that this installation started, and all accounts on them, whoever uses them.

    :param purge: remove their logs and files, too, and those that engines of other versions have left.
    :param everything: end the engines of other installations, too.
    :return: the names of those that were running.
    """
    from lab_env.engine import embedded, localstack, shared

    kinds = (embedded.KIND, localstack.KIND)
    return tuple(kind.name for kind in kinds if shared.stop(kind, purge=purge, everything=everything))


def using(engine: Engine) -> AbstractContextManager[None]:
    """A block in which the engine is used: no other run ends it because it answers slowly."""
    from lab_env.engine import in_use

    return in_use.using(engine.endpoint)


@contextmanager
def private_engine(*, refusals: bool = True) -> Iterator[Engine]:
    """An embedded engine of one's own, on a free port, that ends with the block and with its parent.

    :param refusals: whether it refuses what AWS refuses; without, it is MiniStack as it is.
    """
    from lab_env.engine import embedded

    with embedded.private_engine(refusals=refusals) as engine:
        yield engine
