"""Which addresses count as an engine: loopback, or named by ``LAB_ALLOW_REMOTE``, and never AWS itself."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from lab_env import settings
from lab_env.errors import EngineError

# The domains AWS answers on, by partition (AWS General Reference, "AWS service endpoints"); subdomains included.
_AWS_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "aws",
    "aws.dev",
    "amazonwebservices.com.cn",
    "amazon.com",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "csp.hci.ic.gov",
    "cloud.adc-e.uk",
)
# LocalStack's public name of the loopback address.
_LOOPBACK_NAMES = ("localhost", "localhost.localstack.cloud")


def checked_endpoint(url: str, environ: Mapping[str, str] = os.environ) -> str:
    """The URL in its plainest form: ``scheme://host:port``.

    :raises EngineError: it is no http(s) URL of a host, AWS's own, or neither loopback nor in ``LAB_ALLOW_REMOTE``
        (host names, separated by commas).
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https") or parts.username or parts.path.strip("/") or parts.query:
        raise EngineError(
            f"The engine {_without_credentials(url)!r} is not an address this lab can use.",
            next_step="Use embedded, localstack, or a plain address such as http://localhost:4566.",
        )
    if any(host == domain or host.endswith("." + domain) for domain in _AWS_DOMAINS):
        raise EngineError(
            f"The engine address {host} belongs to AWS itself, and the lab never deploys there.",
            next_step="Use embedded, or an address on this machine.",
        )
    if not _is_loopback(host) and host not in settings.ALLOW_REMOTE.read(environ):
        raise EngineError(
            f"The engine address {host} is not on this machine.",
            next_step=f"If you trust that host with your lab data, set LAB_ALLOW_REMOTE={host} and try again.",
        )
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}:{port or (443 if parts.scheme == 'https' else 80)}"


def localstack_endpoint(environ: Mapping[str, str] = os.environ) -> str:
    """Where LocalStack is: ``LOCALSTACK_HOST`` or ``AWS_ENDPOINT_URL``, else ``http://localhost:4566``.

    ``localstack_client`` knows the variables and the default port; it reads them from the process's environment.
    """
    if environ.get("AWS_ENDPOINT_URL"):
        return checked_endpoint(environ["AWS_ENDPOINT_URL"], environ)
    from localstack_client.config import get_service_endpoint

    host = environ.get("LOCALSTACK_HOST")
    if host and host.rsplit(":", 1)[-1].isdigit():
        return checked_endpoint(f"http://{host}", environ)
    return checked_endpoint(str(get_service_endpoint("sts", localstack_host=host)), environ)


def _is_loopback(host: str) -> bool:
    if host in _LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _without_credentials(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rsplit('@', 1)[-1]}"
