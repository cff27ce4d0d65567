"""Asks :mod:`lab_env.aws_refusals` about each call before the engine sees it, and answers in the API's own form what AWS refuses.

A rule's questions are put to the engine itself, as the account's root, past the trail: AWS asks itself, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from lab_env import aws_refusals
from lab_env.aws_refusals import LENIENT, REQUEST_ID, Call, Question, Refusal, Retries
from lab_env.engine import bodies

App = Callable[..., Awaitable[None]]
_TARGETS = {
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
    "AmazonEC2ContainerServiceV20141113": "ecs",
}
_TARGET_OF = {service: target for target, service in _TARGETS.items()}
_IAM_VERSION = "2010-05-08"
_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/\s,]+)/\d+/(?P<region>[^/\s,]+)/(?P<service>[^/\s,]+)/")
_ACCOUNT = re.compile(r"\d{12}")
_asking: ContextVar[bool] = ContextVar("asking", default=False)


class Refusing:
    """Decides about the calls of one engine.

    :param app: the engine's.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._retries = Retries()

    async def answer(self, headers: Mapping[bytes, bytes], body: bytes) -> bodies.Answer | None:
        """The answer to a call that AWS refuses; None: the engine answers.

        :param headers: names in small letters.
        """
        lenient = headers.get(b"x-amz-security-token") == LENIENT.encode()
        calls = aws_refusals.CALLS_OF_THE_LENIENT if lenient else aws_refusals.CALLS
        call = read_call(headers, body)
        if call is None or (call.service, call.operation) not in calls:
            return None
        refusal = await self._decide(call)
        if refusal is None:
            return None
        user_agent = headers.get(b"user-agent", b"").decode("latin-1")
        code = self._retries.code(refusal, user_agent=user_agent, caller=call.account, body=body)
        return _answer(call, refusal, code)

    async def _decide(self, call: Call) -> Refusal | None:
        verdict = aws_refusals.refusal(call)
        try:
            question = next(verdict)
            while True:
                question = verdict.send(await ask(self._app, call, question))
        except StopIteration as end:
            refusal: Refusal | None = end.value
            return refusal


def read_call(headers: Mapping[bytes, bytes], body: bytes) -> Call | None:
    """What is called, by whose account; None: it is nothing that there are rules for, or cannot be read (the engine says so)."""
    signed = _CREDENTIAL.search(headers.get(b"authorization", b"").decode("latin-1"))
    if signed is None:
        return None
    target, _, operation = headers.get(b"x-amz-target", b"").decode("latin-1").partition(".")
    if target in _TARGETS:
        service = _TARGETS[target]
        if (service, operation) not in aws_refusals.CALLS:
            return None
        parameters = _json_object(body)
    elif signed["service"] == "iam" and not target:
        service = "iam"
        parameters = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        operation = str(parameters.get("Action", ""))
    else:
        return None
    account = signed["key"] if _ACCOUNT.fullmatch(signed["key"]) else _named_account(parameters)
    return None if account is None else Call(service, operation, parameters, account, signed["region"])


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _named_account(parameters: Mapping[str, Any]) -> str | None:
    """A session's key does not tell its account; the ARN that it asks for does."""
    for value in parameters.values():
        fields = value.split(":") if isinstance(value, str) and value.startswith("arn:") else []
        if len(fields) > 4 and _ACCOUNT.fullmatch(fields[4]):  # an ARN's fifth field
            return str(fields[4])
    return None


async def ask(app: App, call: Call, question: Question) -> Mapping[str, Any] | None:
    """Put a rule's question to the engine, as the root of the call's account."""
    target = _TARGET_OF.get(question.service)
    if target is None:
        body = urlencode({"Action": question.operation, "Version": _IAM_VERSION, **question.parameters}).encode()
        named = {}
        kind = "application/x-www-form-urlencoded"
    else:
        body = json.dumps(question.parameters).encode()
        named = {"x-amz-target": f"{target}.{question.operation}"}
        kind = "application/x-amz-json-1.1"
    credential = f"{call.account}/20260101/{call.region}/{question.service}/aws4_request"
    headers = {
        "host": "127.0.0.1",
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00",
        "content-length": str(len(body)),
        "content-type": kind,
        **named,
    }
    token = _asking.set(True)
    try:
        status, answer = await request(app, headers, body)
    finally:
        _asking.reset(token)
    if status != 200:  # HTTP's
        return None
    return _json_object(answer)


async def request(app: App, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    """One request to the engine within its own process."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
        "asgi": {"version": "3.0"},
    }
    status = 0
    pieces: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            pieces.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, b"".join(pieces)


def ask_past_the_trail() -> None:
    """Keep the rules' questions out of the trail. There is no setting for that, hence the pinned ministack."""
    from ministack.services import cloudtrail

    record = cloudtrail.record_event

    def record_others(*args: Any, **named: Any) -> None:
        if not _asking.get():
            record(*args, **named)

    vars(cloudtrail)["record_event"] = record_others


def _answer(call: Call, refusal: Refusal, code: str) -> bodies.Answer:
    if call.service == "iam":
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(_printable(refusal.message))}</Message></Error>"
        space = f"https://iam.amazonaws.com/doc/{_IAM_VERSION}/"
        kind, text = (
            b"text/xml",
            f'<ErrorResponse xmlns="{space}">{error}<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>',
        )
    else:
        kind = b"application/x-amz-json-1.1"
        text = json.dumps({"__type": code, "message": refusal.message, "Message": refusal.message})
    data = text.encode()
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(data)).encode()),
        (b"x-amzn-requestid", REQUEST_ID.encode()),
    ]
    return bodies.Answer(refusal.status, headers, data)


def _printable(text: str) -> str:
    """XML has no control characters."""
    return "".join(c if c.isprintable() else " " for c in text)
