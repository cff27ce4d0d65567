"""LocalStack's server for a machine that is no container: it listens where ``GATEWAY_LISTEN`` says and nowhere else.

LocalStack's own server for twisted takes of an IPv4 address the port alone and listens on every interface of the machine.
"""

from __future__ import annotations

from typing import Any

from localstack.runtime.server.core import RuntimeServer, RuntimeServerPlugin
from localstack.runtime.server.twisted import TwistedRuntimeServer
from rolo.serving.twisted import TwistedGateway
from twisted.internet import reactor


class LoopbackServer(TwistedRuntimeServer):
    """Plain HTTP on the addresses that were asked for; one that cannot be had ends the start."""

    def register(self, gateway: Any, listen: Any, ssl_creds: Any = None) -> None:
        site = TwistedGateway(gateway)
        for place in listen:
            reactor.listenTCP(place.port, site, interface=place.host)


class LoopbackServerPlugin(RuntimeServerPlugin):
    """Chosen by ``GATEWAY_SERVER=loopback``."""

    name = "loopback"

    def load(self, *_args: Any, **_more: Any) -> RuntimeServer:
        return LoopbackServer()
