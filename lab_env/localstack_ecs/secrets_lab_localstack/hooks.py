"""What is put into LocalStack when it starts: its door, what AWS refuses, the writer of the trail, shared policy texts, the end of
an engine that nobody uses."""

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

from .door import USE, Door, is_no_domain
from .managed_policies import share_texts
from .policy_versions import take_policies_without_version
from .refusing import Refusing
from .trail import TRAIL, Call

_LOG = logging.getLogger(__name__)
_KEY = re.compile(r"Credential=([^/\s,]+)/")
_READING = ("Get", "List", "Describe", "Lookup", "BatchGet", "Simulate")
IDLE_MINUTES = "SECRETS_LAB_IDLE_MINUTES"
# Not by POST and PUT: LocalStack obeys "kill" there, and takes what is sent for its state.
_HEALTH = {"/_localstack/health": frozenset({"GET", "HEAD"})}


@hooks.on_infra_start(name="secrets_lab")
def install() -> None:
    """Called by LocalStack once, before it serves."""
    # Before everything that answers, LocalStack's own endpoints included, and before what counts as use.
    handlers.preprocess_request.handlers.insert(0, Doorkeeper(os.environ.get("LOCALSTACK_HOST", "")))
    handlers.serve_custom_service_request_handlers.append(Refusing())
    handlers.run_custom_response_handlers.append(write_down)
    share_texts()
    take_policies_without_version()
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


class Doorkeeper:
    """A request handler of the gateway that ends what the door refuses.

    :param own: what LocalStack was told it is called, with or without a port: a name with dots in it is a name of its own, too.
    """

    def __init__(self, own: str = "") -> None:
        names = {own.lower().partition(":")[0]} - {""}
        self._door = Door(_HEALTH, lambda host: is_no_domain(host) or host in names)

    def __call__(self, chain: Any, context: RequestContext, _response: Any) -> None:
        request = context.request
        headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in request.headers]
        why = self._door.refusal(request.method, request.path, request.query_string, headers)
        if why is not None:
            chain.respond(404, {"message": why})


class LastUse:
    """A request handler of the gateway that knows when the engine was last used. Plain health checks do not count."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def __call__(self, _chain: Any, context: RequestContext, _response: Any) -> None:
        request = context.request
        if not request.path.endswith("/health") or request.query_string == USE:
            self.at = time.monotonic()


def _end_when_idle(use: LastUse, idle_s: float) -> None:
    while (left := use.at + idle_s - time.monotonic()) > 0:
        time.sleep(min(max(left, 0.1), 5.0))
    os.kill(os.getpid(), signal.SIGTERM)
