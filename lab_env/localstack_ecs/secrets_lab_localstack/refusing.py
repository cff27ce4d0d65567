"""Asks the rules of what AWS refuses about each call, before LocalStack's own services see it.

The rules are the lab's (``lab_env.aws_refusals``): they are installed with this plug-in, as ``secrets_lab_refusals``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.connect import connect_to
from secrets_lab_refusals import (
    CALLS,
    CALLS_OF_THE_LENIENT,
    LENIENT,
    REQUEST_ID,
    Call,
    Question,
    Retries,
    refusal,
    settle,
)


class Refusing:
    """A request handler of the gateway, behind the parser and in front of the services."""

    def __init__(self) -> None:
        self._retries = Retries()

    def __call__(self, _chain: Any, context: RequestContext, _response: Any) -> None:
        """
        :raises CommonServiceException: AWS refuses the call.
        """
        if context.service is None or context.operation is None or context.is_internal_call:
            return
        headers = context.request.headers
        calls = CALLS_OF_THE_LENIENT if headers.get("X-Amz-Security-Token") == LENIENT else CALLS
        service, operation = context.service.service_name, context.operation.name
        if (service, operation) not in calls:
            return
        call = Call(service, operation, context.service_request or {}, context.account_id, context.region)
        found = settle(refusal(call), lambda question: _ask(context, question))
        if found is None:
            return
        code = self._retries.code(
            found,
            user_agent=headers.get("User-Agent", ""),
            caller=context.account_id,
            body=context.request.get_data(),
        )
        context.request_id = REQUEST_ID
        raise CommonServiceException(code, found.message, status_code=found.status, sender_fault=True)


def _ask(context: RequestContext, question: Question) -> Mapping[str, Any] | None:
    clients = connect_to(aws_access_key_id=context.account_id, region_name=context.region)
    call = getattr(getattr(clients, question.service), xform_name(question.operation))
    try:
        answer: Mapping[str, Any] = call(**question.parameters)
    except ClientError:
        return None
    return answer
