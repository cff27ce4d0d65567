"""The door of an engine on loopback: which requests it obeys, decided by method, path, query string and headers alone.

Loopback keeps other machines out, not the web pages that the machine's user has open: a browser sends their requests to
``127.0.0.1`` as to anywhere else, and an engine takes whoever names an account for its root. So this is a list of what is
obeyed, not of what is refused: a health check, or a POST with its signature in the ``Authorization`` header and nothing in
the query string. That is what boto3 and the AWS provider send to the lesson's services, all of which speak AWS's query or JSON
protocol ("Signing AWS API requests", IAM User Guide, has the two places of a signature). It leaves out what a page can send
without asking first: a GET (an image, a link, a navigation, a presigned URL) and a form. To give a request that header a page has
to ask by OPTIONS (Fetch Standard, "CORS-preflight request"), and nobody answers.

The other rules would each do for a browser of today; a browser, a proxy or a page that gets round one meets the next.

This module is the door of the embedded engine, too. It lies here because this package can import nothing of the lab's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

USE = b"use"
"""The health check's query string of one who is about to use the engine: it counts as a request."""
_OWN_SITES = frozenset({"none", "same-origin"})
"""What ``Sec-Fetch-Site`` says of a typed address and of the engine's own page (W3C, Fetch Metadata Request Headers)."""
_SIGNED = b"AWS4-"
_LOOPBACK = (".localhost", ".localhost.localstack.cloud")
"""How names end that are always loopback's (RFC 6761, 6.3), and LocalStack's public name of loopback."""

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Door:
    """
    :param health: the paths of the health check, each with the methods that ask it and change nothing.
    :param is_own: whether a host's name, in small letters and without its port, is one that the engine goes by.
    """

    health: Mapping[str, frozenset[str]]
    is_own: Callable[[str], bool]

    def refusal(self, method: str, path: str, query: bytes, headers: Headers) -> str | None:
        """Why a request is not obeyed, in a sentence that quotes nothing of it; None: it is.

        :param path: decoded.
        :param headers: as they came, a header that came twice twice: who keeps the last one only can be told two things.
        """
        sent = [(name.lower(), value.strip()) for name, value in headers]
        hosts = _values(sent, b"host")
        if len(hosts) != 1 or not self.is_own(_name(hosts[0])):
            return "The Host is not this engine's name."
        if _values(sent, b"origin"):
            return "A web page's request: it has an Origin."
        if any(_text(value).lower() not in _OWN_SITES for value in _values(sent, b"sec-fetch-site")):
            return "Another site's request: Sec-Fetch-Site."
        if path in self.health:
            known = method in self.health[path] and query in (b"", USE)
            return None if known else "Not found"
        if path.lstrip("/").startswith("_"):
            return "Not found"
        if method != "POST":
            return "AWS's API is called by POST here."
        if query:
            return "AWS's API is called without a query string here: neither credentials nor parameters belong there."
        signatures = _values(sent, b"authorization")
        if len(signatures) != 1 or not signatures[0].startswith(_SIGNED):
            return "AWS's API is called with a signature in the Authorization header here."
        return None


def is_no_domain(host: str) -> bool:
    """Whether a host's name is none that the owner of a web page can have point to this machine (DNS rebinding): an address,
    a name without a dot, as neighbours in a container's network have, or one that is loopback's on every machine."""
    return (bool(host) and "." not in host) or f".{host}".endswith(_LOOPBACK) or _is_address(host)


def _values(sent: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for key, value in sent if key == name]


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _name(host: bytes) -> str:
    """A Host header without its port."""
    text = _text(host).lower()
    name, colon, port = text.rpartition(":")
    return name if colon and port.isdecimal() else text


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
