"""The services that LocalStack Community lacks: ECS over the moto it ships, CloudTrail's LookupEvents over our trail."""

from __future__ import annotations

from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.skeleton import DispatchTable, Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto, call_moto_with_request
from localstack.services.plugins import Service, aws_provider
from moto.ecs.models import ecs_backends
from secrets_lab_refusals import LENIENT

from . import ecs_answers, lookup
from .trail import TRAIL


@aws_provider(api="ecs")
def ecs() -> Service:
    """Every operation of botocore's description of ECS, sent to moto."""
    model = load_service("ecs")
    operations: DispatchTable = dict.fromkeys(model.operation_names, _ask_moto)
    return Service("ecs", skeleton=Skeleton(model, operations))


@aws_provider(api="cloudtrail")
def cloudtrail() -> Service:
    """``LookupEvents`` alone; any other operation is answered as not implemented."""
    return Service("cloudtrail", skeleton=Skeleton(load_service("cloudtrail"), {"LookupEvents": _look_up}))


def _ask_moto(context: RequestContext, request: Any) -> Any:
    operation, request = context.operation.name, request or {}
    try:
        if operation == "DescribeTaskDefinition":
            named = ecs_answers.with_revision(request["taskDefinition"], _revisions(context, request["taskDefinition"]))
            return call_moto_with_request(context, {**request, "taskDefinition": named})
        if operation == "RegisterTaskDefinition" and context.request.headers.get("X-Amz-Security-Token") == LENIENT:
            # A lenient caller's task without memory was refused before, by AWS's rules; moto would refuse it again.
            return call_moto_with_request(context, ecs_answers.with_memory(request))
        if operation == "CreateService" and request.get("networkConfiguration"):
            return ecs_answers.mended(operation, request, _create_service(context, request))
        return ecs_answers.mended(operation, request, call_moto(context))
    except ecs_answers.RefusedError as refused:
        raise CommonServiceException(refused.code, str(refused)) from refused


def _create_service(context: RequestContext, request: Any) -> Any:
    """A service in subnets and security groups that are only ids here: the lesson has no VPC, and moto would look for them."""
    network = request["networkConfiguration"]
    answer = call_moto_with_request(context, {k: v for k, v in request.items() if k != "networkConfiguration"})
    arn = answer["service"]["serviceArn"]
    for service in ecs_backends[context.account_id][context.region].services.values():
        if service.arn == arn:
            service.network_configuration = network
            for deployment in service.deployments:
                deployment["networkConfiguration"] = network
    for holder in (answer["service"], *(answer["service"].get("deployments") or ())):
        holder["networkConfiguration"] = network
    return answer


def _revisions(context: RequestContext, asked: str) -> dict[int, str]:
    """The revisions of a family, by moto's own store, with their status."""
    store = ecs_backends[context.account_id][context.region].task_definitions
    return {number: definition.status for number, definition in store.get(asked, {}).items()}


def _look_up(context: RequestContext, request: Any) -> Any:
    events = TRAIL.events(context.account_id, context.region)
    try:
        return lookup.look_up(events, request or {})
    except lookup.RefusedError as refused:
        raise CommonServiceException(refused.code, str(refused)) from refused
