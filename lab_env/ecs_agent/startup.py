"""What else ECS does with the execution role before a container starts: images, registry logins, log drivers and their options.

Sources: ECS Developer Guide, "Amazon ECS task execution IAM role", "Using Amazon ECR images with Amazon ECS", "Using non-AWS
container images" and "Send Amazon ECS logs to CloudWatch"; Service Authorization Reference, "Actions defined by Amazon CloudWatch
Logs" and "… AWS Systems Manager".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lab_env.ecs_agent.role import ExecutionRole
from lab_env.ecs_agent.value_from import AgentError
from lab_env.engine import Account
from lab_env.iam_policy import (
    Decision,
    NamedPolicy,
    PolicyKind,
    Principal,
    Request,
    evaluate,
    named_policy,
    reads_secret,
)

_SSM = "unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: "
_LOGGER = "ResourceInitializationError: failed to validate logger args: "


def is_parameter(value_from: str) -> bool:
    """Whether a ``valueFrom`` names a Systems Manager parameter: by its ARN, or by a name."""
    return not value_from.startswith("arn:") or value_from.split(":")[2] == "ssm"


def parameter_refused(account: Account, role: ExecutionRole, value_from: str) -> AgentError | None:
    """Why the role cannot fetch a parameter; None when it may, and then it is taken to be there (no lesson makes parameters)."""
    name = value_from.removeprefix("/")
    arn = value_from if value_from.startswith("arn:") else f"arn:aws:ssm:{account.region}:{account.id}:parameter/{name}"
    if (decision := _decide(account, role, "ssm:GetParameters", arn)).allowed:
        return None
    return AgentError(
        f"{_SSM}role {role.role.name} is not authorized to perform: ssm:GetParameters on {arn} ({decision.explanation})"
    )


def log_options(container: Mapping[str, Any]) -> Iterator[str]:
    """The ``valueFrom`` of the log driver's secret options."""
    for option in (container.get("logConfiguration") or {}).get("secretOptions") or ():
        yield str(option.get("valueFrom", ""))


def registry_login(container: Mapping[str, Any], account: Account) -> str | None:
    """The ARN of the secret with the login of the image's registry; None when none is asked for."""
    named = (container.get("repositoryCredentials") or {}).get("credentialsParameter")
    if not named or str(named).startswith("arn:"):
        return str(named) if named else None
    return f"arn:aws:secretsmanager:{account.region}:{account.id}:secret:{named}"


def secret_elsewhere_refused(account: Account, role: ExecutionRole, arn: str) -> AgentError | None:
    """Why the role may not read a secret that this module does not make; None when it may, and then it is taken to be there."""
    principal = Principal.session(role.role.arn, tags=role.role.tags)
    decision = evaluate(reads_secret(principal, arn), identity=role.identity.policies, boundary=role.identity.boundary)
    if decision.allowed:
        return None
    return AgentError(
        "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
        f"{arn} from secrets manager: AccessDeniedException: role {role.role.name} is not authorized to perform: "
        f"secretsmanager:GetSecretValue ({decision.explanation})"
    )


def check_logging(account: Account, role: ExecutionRole | None, containers: Sequence[Mapping[str, Any]]) -> None:
    """On Fargate the execution role writes the logs of the driver ``awslogs``.

    :raises AgentError: it may not, in the words of a stopped task.
    """
    for container in containers:
        logging = container.get("logConfiguration") or {}
        options = logging.get("options") or {}
        group = options.get("awslogs-group")
        if logging.get("logDriver") != "awslogs" or not group:
            continue
        if role is None:
            raise AgentError(
                "ClientException: Fargate requires task definition to have execution role ARN to support log driver awslogs."
            )
        region = options.get("awslogs-region") or account.region
        arn = f"arn:aws:logs:{region}:{account.id}:log-group:{group}"
        stream = f"{arn}:log-stream:{options.get('awslogs-stream-prefix', 'ecs')}/{container['name']}/0"
        wanted: list[tuple[str, tuple[str, ...]]] = [
            ("logs:CreateLogStream", (stream,)),
            ("logs:PutLogEvents", (stream,)),
        ]
        if str(options.get("awslogs-create-group", "")).lower() == "true":
            wanted.insert(0, ("logs:CreateLogGroup", (arn, f"{arn}:log-stream:")))
        for action, resources in wanted:
            decisions = [_decide(account, role, action, resource) for resource in resources]
            if not any(decision.allowed for decision in decisions):
                raise AgentError(
                    f"{_LOGGER}create stream has been retried 1 times: failed to create Cloudwatch log stream: "
                    f"AccessDeniedException: role {role.role.name} is not authorized to perform: {action} on "
                    f"{resources[0]} ({decisions[0].explanation})"
                )


_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<repository>[^:@]+).*"
)
_PULLING = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")


def check_pulling(account: Account, role: ExecutionRole | None, containers: Sequence[Mapping[str, Any]]) -> None:
    """On Fargate the execution role pulls the images of a private ECR repository.

    A repository's own policy is not known here: another account's is taken to let the role in, one's own to say nothing.

    :raises AgentError: it may not, in the words of a stopped task.
    """
    for container in containers:
        found = _ECR.fullmatch(str(container.get("image", "")))
        if found is None:
            continue
        if role is None:
            raise AgentError(
                "ClientException: Fargate requires task definition to have execution role ARN to support ECR images."
            )
        repository = f"arn:aws:ecr:{found['region']}:{found['account']}:repository/{found['repository']}"
        asked = (("ecr:GetAuthorizationToken", "*"), *((action, repository) for action in _PULLING))
        for action, resource in asked:
            theirs = _lets_in(role) if found["account"] != account.id and resource != "*" else None
            decision = _decide(account, role, action, resource, theirs)
            if not decision.allowed:
                raise AgentError(
                    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
                    "unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: role "
                    f"{role.role.name} is not authorized to perform: {action} on {resource} ({decision.explanation})"
                )


def _lets_in(role: ExecutionRole) -> NamedPolicy:
    statement = {"Effect": "Allow", "Principal": {"AWS": role.role.arn}, "Action": "ecr:*", "Resource": "*"}
    return named_policy("the repository's policy", {"Statement": [statement]}, PolicyKind.SECRET)


def _decide(
    account: Account, role: ExecutionRole, action: str, resource: str, theirs: NamedPolicy | None = None
) -> Decision:
    """:param theirs: the resource's own policy, where there is one."""
    principal = Principal.session(role.role.arn, tags=role.role.tags)
    context = {"aws:RequestedRegion": account.region, "aws:SecureTransport": "true", "aws:ViaAWSService": "false"}
    request = Request(action, resource, principal, context, ("aws:resourcetag/",))
    return evaluate(request, identity=role.identity.policies, resource_policy=theirs, boundary=role.identity.boundary)
