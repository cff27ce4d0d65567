"""Gives a new version the labels that it was written with.

MiniStack drops every label that comes beside ``AWSCURRENT`` in PutSecretValue; Secrets Manager attaches them all (PutSecretValue,
``VersionStages``). A version that has a label of its own is never deleted, on which the lesson's safer design rests.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from lab_env.aws_refusals import Call, Question
from lab_env.engine.refusing import App, ask

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_SECRETS_MANAGERS = frozenset({"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"})


def dropped_labels(call: Call | None) -> tuple[str, ...]:
    """The labels of a call that the engine would drop."""
    if call is None or (call.service, call.operation) != ("secretsmanager", "PutSecretValue"):
        return ()
    stages = call.parameters.get("VersionStages")
    if not isinstance(stages, list) or "AWSCURRENT" not in stages:
        return ()
    return tuple(stage for stage in stages if isinstance(stage, str) and stage not in _SECRETS_MANAGERS)


class Labelling:
    """Holds the answer to a PutSecretValue back until the new version has its labels."""

    def __init__(self, app: App, call: Call, labels: tuple[str, ...], send: Send) -> None:
        self._app = app
        self._call = call
        self._labels = labels
        self._send = send
        self._start: MutableMapping[str, Any] = {}
        self._body = b""

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = await self._labelled() if self._start["status"] == 200 else self._body  # HTTP's
        headers = [(n, v) for n, v in self._start.get("headers", ()) if n.lower() != b"content-length"]
        await self._send({**self._start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self._send({**message, "body": body})

    async def _labelled(self) -> bytes:
        answer = json.loads(self._body)
        version, secret = str(answer["VersionId"]), str(answer["ARN"])
        there = await self._ask("DescribeSecret", SecretId=secret)
        if "AWSCURRENT" not in (there or {}).get("VersionIdsToStages", {}).get(version, ()):
            return self._body  # an earlier request again, which is ignored
        for label in self._labels:
            moved = {"SecretId": secret, "VersionStage": label, "MoveToVersionId": version}
            holders = [v for v, stages in (there or {}).get("VersionIdsToStages", {}).items() if label in stages]
            if holders:
                moved["RemoveFromVersionId"] = holders[0]
            await self._ask("UpdateSecretVersionStage", **moved)
        stages = [*answer.get("VersionStages", ()), *self._labels]
        return json.dumps({**answer, "VersionStages": list(dict.fromkeys(stages))}).encode()

    async def _ask(self, operation: str, **parameters: str) -> Any:
        return await ask(self._app, self._call, Question("secretsmanager", operation, parameters))
