"""The one factory of AWS clients: quick, for many threads, and deaf to the user's own AWS configuration.

A botocore client costs 7 to 20 ms of CPU, most of it for the service's model and endpoint rules. So there is one client
for a service, endpoint and region, and callers get a thin copy of it (4 µs) that signs with its own credentials. Calls
on a botocore client are thread-safe, creating one is not: that is done under a lock.

Nothing is read from ``AWS_*`` variables, ``~/.aws``, proxies' settings or an instance's metadata: the session's
configuration store and its credential and token providers are replaced by empty ones.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from lab_env.engine.model import Account
from lab_env.errors import EngineError

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 60.0
MAX_CONNECTIONS = 64


@dataclass(frozen=True)
class Credentials:
    """Keys to sign with; the secret parts are not in its ``repr``."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


_current: ContextVar[Credentials] = ContextVar("credentials")


def client(account: Account, service: str, *, credentials: Credentials | None = None) -> Any:
    """A botocore client of ``service`` (``"kms"``, ``"secretsmanager"`` …) in the account.

    It tries once and never again: a repeated CreateRole would be answered with a conflict that is none.

    :param credentials: whose rights are used; the account's root without them.

    Its calls raise EngineError when the engine does not answer, or answers what says nothing about the call (an inner error of
    its own, an answer that is cut off, credentials it has just given and does not know any more), and botocore's
    ``ClientError`` for what AWS refuses.
    """
    keys = credentials or Credentials(account.id, "test", account.session_token)
    return _bind(_CLIENTS.get(service, account.endpoint, account.region), keys)


def forget(endpoint: str) -> None:
    """Close the connections to an engine that is gone for good; nobody may be calling it."""
    _CLIENTS.forget(endpoint)


def _bind(shared: Any, credentials: Credentials) -> Any:
    """A copy of a client whose calls sign with ``credentials``; paginators and waiters made from it do, too."""
    bound = object.__new__(type(shared))  # copy.copy would ask the half-made copy for attributes without end
    bound.__dict__.update(shared.__dict__)
    call = shared._make_api_call

    def call_as(operation_name: str, api_params: dict[str, Any]) -> Any:
        token = _current.set(credentials)
        try:
            return call(operation_name, api_params)
        except Exception as error:
            fault = _fault(error)
            if fault is None:
                raise
            raise EngineError(
                f"The engine at {shared.meta.endpoint_url} {fault[0]} ({operation_name}: {fault[1]}).",
                next_step="See whether it runs with `lab status`, and try again.",
            ) from error
        finally:
            _current.reset(token)

    bound._make_api_call = call_as
    return bound


# An engine says this of credentials that it gave a moment ago when its clock has jumped, or when it was started again.
_FORGOTTEN_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NOT_IMPLEMENTED = 501
"""What an engine answers to an API that it does not have: a fact about it, not a fault."""


def _fault(error: Exception) -> tuple[str, str] | None:
    """What the engine did, and the cause, when a call says nothing about what was asked; what AWS refuses is None."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
    from botocore.parsers import ResponseParserError

    if isinstance(error, ConnectionError | HTTPClientError):
        return "does not answer", type(error).__name__
    if isinstance(error, ResponseParserError):
        return "gives an answer that cannot be read", type(error).__name__
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= 500 and status != _NOT_IMPLEMENTED:
            return "has an error of its own", f"{status} {code}"
        if code in _FORGOTTEN_CREDENTIALS:
            return "does not know credentials that it gave", code
    return None


class _Clients:
    """The shared clients, by service, endpoint and region."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str, str, str], Any] = {}

    def get(self, service: str, endpoint: str, region: str) -> Any:
        key = (service, endpoint, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._create(*key)
            return self._clients[key]

    def forget(self, endpoint: str) -> None:
        with self._lock:
            gone = [self._clients.pop(key) for key in list(self._clients) if key[1] == endpoint]
        for one in gone:
            one.close()

    def _create(self, service: str, endpoint: str, region: str) -> Any:
        from botocore.config import Config

        if self._session is None:
            self._session = _isolated_session()
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            config=Config(
                retries={"total_max_attempts": 1, "mode": "standard"},
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
                max_pool_connections=MAX_CONNECTIONS,
                proxies={},
                account_id_endpoint_mode="disabled",
            ),
        )


_CLIENTS = _Clients()


def _isolated_session() -> Any:
    """A botocore session that reads no environment variable and no file of the user's."""
    from botocore import configprovider
    from botocore.credentials import Credentials as BotocoreCredentials
    from botocore.credentials import ReadOnlyCredentials
    from botocore.session import Session

    class CurrentCredentials(BotocoreCredentials):
        """The credentials of the call that is being made in this thread."""

        def get_frozen_credentials(self) -> ReadOnlyCredentials:
            keys = _current.get()
            return ReadOnlyCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token)

    class Provider:
        def load_credentials(self) -> CurrentCredentials:
            return CurrentCredentials("unused", "unused")

        def load_token(self, **_: Any) -> None:
            return None

    class IsolatedSession(Session):
        @property
        def full_config(self) -> dict[str, Any]:
            return {"profiles": {}}

        def _register_config_store(self) -> None:
            chains = configprovider.ConfigChainFactory(session=self, environ={})
            mapping = {
                name: chains.create_config_chain(
                    instance_name=name,
                    env_var_names=env,
                    config_property_names=prop,
                    default=default,
                    conversion_func=to,
                )
                for name, (prop, env, default, to) in configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
            }
            self.register_component("config_store", configprovider.ConfigValueStore(mapping=mapping))

    session = IsolatedSession()
    session.register_component("credential_provider", Provider())
    session.register_component("token_provider", Provider())
    return session
