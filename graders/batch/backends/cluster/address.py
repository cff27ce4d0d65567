"""Which addresses a submission may travel over.

Dask's wire carries pickles: who can connect to a scheduler or a worker can run any program there. So it is loopback, or ``tls://``
with certificates, which both ends must show. A host that ``LAB_ALLOW_REMOTE`` names is the user's own word that the network in
between is closed; the compose file gives it for its own network.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graders.batch.backends.cluster.errors import ClusterError
from lab_env.engine.endpoints import checked_endpoint
from lab_env.errors import EngineError, UsageError

if TYPE_CHECKING:
    from distributed.security import Security

_TLS = "DASK_DISTRIBUTED__COMM__TLS__"


def checked_address(address: str, environ: Mapping[str, str] = os.environ) -> str:
    """``address`` as Dask takes it: ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.

    :raises UsageError: it is something else, or a ``tcp://`` address that is neither on loopback nor in ``LAB_ALLOW_REMOTE``.
    """
    scheme, host, port = _parts(address)
    if scheme not in ("tcp", "tls") or not host or not port:
        raise UsageError(
            f"The cluster {address.rsplit('@', 1)[-1]!r} is not an address of a Dask scheduler.",
            next_step="Use one such as tcp://127.0.0.1:8786, or tls://HOST:8786 with certificates.",
        )
    if scheme == "tcp" and not is_trusted(host, environ):
        raise UsageError(
            f"The scheduler at {host} is not on this machine, and tcp:// would let anybody on the way run programs on both ends.",
            next_step="Use tls:// with certificates (docs/cluster.md); if that network is closed and your own, set "
            f"LAB_ALLOW_REMOTE={host} and try again.",
        )
    return f"{scheme}://{_in_url(host)}:{port}"


def check_scheduler(reached: str, advertised: str, environ: Mapping[str, str] = os.environ) -> None:
    """Refuse a scheduler of this machine that was reached on loopback and listens on the network as well, Dask's default.

    An address that is not this machine's means a tunnel or a container's published port: what listens there is somebody else's
    to answer for.

    :param reached: the checked address that we connected to.
    :param advertised: the one that the scheduler gives out.
    :raises ClusterError: others can reach it, without TLS.
    """
    host = _host(advertised)
    if not reached.startswith("tcp://") or not _is_loopback(_host(reached)) or is_trusted(host, environ):
        return
    if host in own_addresses():
        raise ClusterError(
            f"The scheduler listens on {host} too, without TLS, where others can reach it and run programs.",
            next_step="Start it with `dask scheduler --host 127.0.0.1`, or with certificates (docs/cluster.md); if that network "
            f"is closed and your own, set LAB_ALLOW_REMOTE={host} and try again.",
        )


def own_addresses() -> frozenset[str]:
    """The addresses of this machine's network interfaces, as text."""
    import psutil

    found = (one.address for interface in psutil.net_if_addrs().values() for one in interface)
    return frozenset(address.split("%")[0] for address in found)


def check_worker(listens: tuple[str, ...], scheduler: str, environ: Mapping[str, str] = os.environ) -> None:
    """Refuse to grade on a worker that others can reach without TLS; called on the worker, with the worker's environment.

    :param listens: the addresses it listens on, such as ``tcp://0.0.0.0:34567``, which is Dask's default.
    :param scheduler: the address by which it knows its scheduler; with its host in ``LAB_ALLOW_REMOTE`` the network is trusted.
    :raises ClusterError: it listens where others can reach it, without TLS.
    """
    open_to_others = [one for one in listens if not one.startswith("tls://") and not _is_loopback(_host(one))]
    if not open_to_others or (not _is_loopback(_host(scheduler)) and is_trusted(_host(scheduler), environ)):
        return
    raise ClusterError(
        f"It listens on {', '.join(open_to_others)} without TLS, where others can reach it and run programs.",
        next_step="Start it with `dask worker --host 127.0.0.1`, or with certificates (docs/cluster.md).",
    )


def is_trusted(host: str, environ: Mapping[str, str] = os.environ) -> bool:
    """On loopback, or named by ``LAB_ALLOW_REMOTE``: the rule for engines."""
    try:
        checked_endpoint(f"http://{_in_url(host)}", environ)
    except EngineError:
        return False
    return True


def security_for(address: str) -> Security:
    """How to connect to a checked address: for ``tls://`` with the certificates of Dask's configuration, and never without.

    :raises ClusterError: there are none, or they cannot be read.
    """
    from distributed.security import Security

    if not address.startswith("tls://"):
        return Security(require_encryption=False)
    security = Security(require_encryption=True)
    try:
        found = security.get_connection_args("client")["ssl_context"]
    except (OSError, ssl.SSLError) as error:
        raise ClusterError(
            f"The certificates for {address} cannot be used: {error}.",
            next_step=f"Check the files that {_TLS}CA_FILE, …CLIENT__CERT and …CLIENT__KEY name.",
        ) from error
    if found is None:
        raise ClusterError(
            f"There are no certificates to connect to {address} with.",
            next_step=f"Set {_TLS}CA_FILE, {_TLS}CLIENT__CERT and {_TLS}CLIENT__KEY to their files (docs/cluster.md).",
        )
    return security


def _parts(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; nothing of an address that holds anything else."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "", "", None
    beside = parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment
    return ("", "", None) if beside else (parts.scheme, (parts.hostname or "").rstrip("."), port)


def _is_loopback(host: str) -> bool:
    return is_trusted(host, {})


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").rstrip(".")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
