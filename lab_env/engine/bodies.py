"""How large a request may be: what AWS would refuse as too large is answered here, in the service's own form, before it is read by
the engine.

AWS's own quotas: a secret 64 KiB (Secrets Manager), a task definition 64 KiB (ECS), a key policy 32 KiB (KMS), a policy of IAM's
10,240 characters, of which a form makes three or, in Latin-1, six bytes each. What is over is a client error, which neither boto3
nor the AWS provider sends a second time: Terraform ends at once and says it.

A compressed body is refused, too: the engine would unfold it, whatever it comes to, and AWS's clients compress for no service here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

JSON_BYTES = 256 << 10
FORM_BYTES = 64 << 10
"""IAM and STS: AWS's query protocol, whose parameters are a form."""
READ_BYTES = 128 << 20
"""What is read, and dropped, of a body that is refused. An answer in the middle of one that is still being sent is lost to most
clients, and what is lost they send again. More than a plan can hold, which is read to 64 MiB (form-encoded three times that)."""


@dataclass(frozen=True)
class Answer:
    """A refusal.

    :param headers: all that an answer has.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class GoneError(Exception):
    """The client went away while it was still sending."""


async def read(headers: Mapping[bytes, bytes], receive: Receive) -> bytes | Answer:
    """The whole body, or why it is refused. ``Content-Length`` is not asked: a body in chunks has none.

    :param headers: names in small letters.
    :raises GoneError: there is nobody to answer.
    """
    is_json = b"x-amz-target" in headers
    limit = JSON_BYTES if is_json else FORM_BYTES
    taken: list[bytes] = []
    size = 0
    while size <= READ_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            raise GoneError
        piece = message.get("body", b"")
        size += len(piece)
        if size <= limit:
            taken.append(piece)
        if not message.get("more_body"):
            break
    if size > limit:
        said = f"The request is longer than {limit} bytes, which is more than AWS takes."
        return _refusal(413, "RequestEntityTooLarge", said, is_json)
    if b"content-encoding" in headers:
        return _refusal(415, "UnsupportedMediaType", "A compressed request is not read here.", is_json)
    return b"".join(taken)


def again(body: bytes, receive: Receive) -> Receive:
    """What gives the body in one piece, and then whatever comes."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Message:
        return first.pop() if first else await receive()

    return given


def _refusal(status: int, code: str, said: str, is_json: bool) -> Answer:
    """AWS's JSON protocol names an error's type in ``__type``; the query protocol answers in XML (IAM API Reference,
    "Common Errors"). None of the words is the sender's."""
    if is_json:
        kind, body = b"application/x-amz-json-1.1", json.dumps({"__type": f"{code}Exception", "message": said})
    else:
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{said}</Message></Error>"
        kind, body = b"text/xml", f"<ErrorResponse>{error}<RequestId>refused</RequestId></ErrorResponse>"
    data = body.encode()
    # What was not read is still under way on this connection.
    headers = [(b"content-type", kind), (b"content-length", str(len(data)).encode()), (b"connection", b"close")]
    return Answer(status, headers, data)
