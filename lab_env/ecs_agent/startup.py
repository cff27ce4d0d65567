"""What else ECS does with the execution role before a container starts: registry logins, log drivers and their options.

Sources: ECS Developer Guide, "Amazon ECS task execution IAM role", "Using non-AWS container images" and "Send Amazon ECS logs to
CloudWatch"; Service Authorization Reference, "Actions defined by Amazon CloudWatch Logs" and "… AWS Systems Manager".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lab_env.ecs_agent.role import ExecutionRole
from lab_env.ecs_agent.value_from import AgentError
from lab_env.engine import Account
from lab_env.iam_policy import Decision, Principal, Request, evaluate, reads_secret

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


def _decide(account: Account, role: ExecutionRole, action: str, resource: str) -> Decision:
    principal = Principal.session(role.role.arn, tags=role.role.tags)
    context = {"aws:RequestedRegion": account.region, "aws:SecureTransport": "true", "aws:ViaAWSService": "false"}
    request = Request(action, resource, principal, context, ("aws:resourcetag/",))
    return evaluate(request, identity=role.identity.policies, boundary=role.identity.boundary)
