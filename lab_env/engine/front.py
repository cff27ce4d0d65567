"""The door of the embedded engine: an ASGI wrapper that lets AWS calls through and nothing else.

Many runs share one engine, so nobody may reach what resets or reconfigures all of it, and no web page may call it through its
user's browser: whatever is no health check and no signed call of AWS's API is answered 404. What that is, and why, is in
:mod:`lab_env.localstack_ecs.secrets_lab_localstack.door`, which is the door of our LocalStack, too. What gets through is read by
:mod:`lab_env.engine.bodies` first, which knows how long it may be.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, cast

from lab_env.aws_refusals import LENIENT
from lab_env.engine import bodies, ecs_answers
from lab_env.engine.own_labels import Labelling, dropped_labels
from lab_env.engine.refusing import Refusing, read_call
from lab_env.localstack_ecs.secrets_lab_localstack.door import USE, Door

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEALTH = "/_ministack/health"
# The engine's health check reads no body, so a POST is as good as a GET.
_ASKED = frozenset({"GET", "HEAD", "POST"})
_DOOR = Door(
    health={HEALTH: _ASKED, "/_localstack/health": _ASKED},
    is_own=frozenset({"127.0.0.1", "localhost", "[::1]"}).__contains__,
)


class Front:
    """Wraps the engine's app and knows since when nobody has used it.

    :param refusals: whether calls that AWS refuses are refused (``lab_env.aws_refusals``).
    """

    def __init__(self, app: App, clock: Callable[[], float] = time.monotonic, *, refusals: bool = True) -> None:
        self._app = app
        self._refusing = Refusing(app) if refusals else None
        self._clock = clock
        self._last_use = clock()
        self._in_flight = 0

    def idle_s(self) -> float:
        """Seconds since the last request ended; 0 while one is served. Health checks do not count."""
        return 0.0 if self._in_flight else self._clock() - self._last_use

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif why := _refusal(scope):
            await _refuse(send, why)
        elif scope["path"] in _DOOR.health and scope.get("query_string") != USE:
            await self._app(scope, receive, send)
        else:
            self._in_flight += 1
            try:
                # AWS is reached by TLS only: a policy that denies plain HTTP, as AWS recommends, must not deny us.
                headers = [*scope.get("headers", ()), (b"x-forwarded-proto", b"https")]
                named = dict(headers)
                body = await bodies.read(named, receive)
                refused = body if isinstance(body, bodies.Answer) else await self._refused(named, body)
                if refused is not None:
                    await _answer(send, refused.status, refused.headers, refused.body)
                    return
                answer = self._mending(send, named, cast(bytes, body))
                # The engine knows no such token.
                headers = [(name, value) for name, value in headers if value != LENIENT.encode()]
                await self._app({**scope, "headers": headers}, bodies.again(cast(bytes, body), receive), answer)
            except bodies.GoneError:
                pass
            finally:
                self._in_flight -= 1
                self._last_use = self._clock()

    async def _refused(self, headers: Mapping[bytes, bytes], body: bytes) -> bodies.Answer | None:
        return None if self._refusing is None else await self._refusing.answer(headers, body)

    def _mending(self, send: Send, headers: Mapping[bytes, bytes], body: bytes) -> Send:
        """Who passes the engine's answer on."""
        if ecs_answers.concerns(headers):
            return _Mending(send)
        call = read_call(headers, body)
        labels = dropped_labels(call)
        return Labelling(self._app, call, labels, send) if call is not None and labels else send


class _Mending:
    """Holds an answer back until it is whole, and passes it on mended."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = ecs_answers.mended(self._body)
        headers = [(n, v) for n, v in self._start.get("headers", ()) if n.lower() != b"content-length"]
        await self._send({**self._start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self._send({**message, "body": body})


def _refusal(scope: Scope) -> str | None:
    return _DOOR.refusal(
        scope["method"], scope["path"], scope.get("query_string", b""), [(n, v) for n, v in scope.get("headers", ())]
    )


async def _refuse(send: Send, why: str) -> None:
    body = json.dumps({"message": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await _answer(send, 404, headers, body)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    """Answer the server's own start and stop. The app's start-up is not run: it would run the machine's init scripts,
    open listeners on every interface (SFTP, MQTT) and remove other people's containers; none of it is needed here."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
