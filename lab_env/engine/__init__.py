"""Where AWS is: the embedded engine, LocalStack, or an endpoint; accounts on it; what it can do.

``connect`` is the way in. Clients come from :func:`lab_env.engine.sessions.client` and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab_env.engine.model import REGION, Account, Capability, Engine, EngineStatus, fresh_account

__all__ = [
    "ENGINE_PACKAGE",
    "REGION",
    "Account",
    "Capability",
    "Engine",
    "EngineStatus",
    "connect",
    "engine_identity",
    "fresh_account",
    "private_engine",
    "status",
    "stop",
]

ENGINE_PACKAGE = "ministack"
"""What the embedded engine is, as it is installed and imported."""


def connect(spec: str = "embedded") -> Engine:
    """Find or start an engine.

    :param spec: ``embedded``; ``localstack`` (where ``LOCALSTACK_HOST`` or ``AWS_ENDPOINT_URL`` say, else
        ``http://localhost:4566``); or a URL: on loopback, or of a host that ``LAB_ALLOW_REMOTE`` names, never AWS's.
    :raises EngineError: there is none, or the address is not allowed.
    """
    if spec == "embedded":
        from lab_env.engine.embedded import connect_embedded

        return connect_embedded()
    from lab_env.engine import endpoints, probe

    if spec == "localstack":
        return probe.describe("localstack", endpoints.localstack_endpoint())
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
    from lab_env.engine import embedded

    return embedded.status()


def stop(purge: bool = False) -> bool:
    """End the embedded engine of this user and all accounts on it; False when none was running.

    :param purge: remove its log, too.
    """
    from lab_env.engine import embedded

    return embedded.stop(purge=purge)


@contextmanager
def private_engine() -> Iterator[Engine]:
    """An embedded engine of one's own, on a free port, that ends with the block and with its parent."""
    from lab_env.engine import embedded

    with embedded.private_engine() as engine:
        yield engine
