"""What is put into LocalStack when it starts: the writer of the trail, shared policy texts, the end of an engine nobody uses."""

from __future__ import annotations

import logging
import os
import re
import signal
import threading
import time
from typing import Any

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.runtime import hooks

from .managed_policies import share_texts
from .trail import TRAIL, Call

_LOG = logging.getLogger(__name__)
_KEY = re.compile(r"Credential=([^/\s,]+)/")
_READING = ("Get", "List", "Describe", "Lookup", "BatchGet", "Simulate")
IDLE_MINUTES = "SECRETS_LAB_IDLE_MINUTES"
_USE = b"use"
"""The health check's query string of one who is about to use the engine, as of the embedded one."""


@hooks.on_infra_start(name="secrets_lab")
def install() -> None:
    """Called by LocalStack once, before it serves."""
    handlers.run_custom_response_handlers.append(write_down)
    share_texts()
    minutes = float(os.environ.get(IDLE_MINUTES) or 0)
    if minutes > 0:
        use = LastUse()
        handlers.preprocess_request.append(use)
        threading.Thread(target=_end_when_idle, args=(use, minutes * 60), name="secrets-lab-idle", daemon=True).start()


def write_down(_chain: Any, context: RequestContext, _response: Any) -> None:
    """A response handler of the gateway: the trail's record of one call. LocalStack's own calls to itself are left out."""
    if context.service is None or context.operation is None or context.is_internal_call:
        return
    try:
        TRAIL.add(_call(context))
    except Exception:
        # The learner's call was answered; a hole in the trail is told in the log, where it is looked for.
        _LOG.exception("the trail missed a call of %s", context.operation.name)


def _call(context: RequestContext) -> Call:
    request, error = context.request, context.service_exception
    key = _KEY.search(request.headers.get("Authorization", ""))
    name = context.operation.name
    answer = context.service_response
    return Call(
        account=context.account_id,
        region=context.region,
        # As in the endpoint's name, which is what CloudTrail calls a source.
        service=context.service.endpoint_prefix,
        operation=name,
        access_key_id=key.group(1) if key else "",
        parameters=context.service_request or {},
        answer=answer if isinstance(answer, dict) else {},
        user_agent=request.headers.get("User-Agent", ""),
        source_ip=request.remote_addr or "",
        request_id=context.request_id or "",
        read_only=name.startswith(_READING),
        error=None if error is None else str(error.code),
    )


class LastUse:
    """A request handler of the gateway that knows when the engine was last used. Plain health checks do not count."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def __call__(self, _chain: Any, context: RequestContext, _response: Any) -> None:
        request = context.request
        if not request.path.endswith("/health") or request.query_string == _USE:
            self.at = time.monotonic()


def _end_when_idle(use: LastUse, idle_s: float) -> None:
    while (left := use.at + idle_s - time.monotonic()) > 0:
        time.sleep(min(max(left, 0.1), 5.0))
    os.kill(os.getpid(), signal.SIGTERM)
