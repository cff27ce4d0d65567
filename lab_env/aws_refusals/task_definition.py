"""What ECS refuses when a task definition is registered, though an engine may take it.

Sources: Amazon ECS API Reference, RegisterTaskDefinition, ``ContainerDefinition`` and ``Secret``; Amazon ECS Developer Guide,
"Amazon ECS task definition parameters for Fargate" (network mode, which CPU goes with which memory, log drivers, port mappings)
and "… for Amazon EC2" (``memory``, ``essential``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .model import Call, Refusal

# CPU units and the memory in MiB that goes with them.
_FARGATE = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
REFUSED = "ClientException"
"""ECS's code for all of it."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_PRIVATE = re.compile(r"\d{12}\.dkr\.ecr[.-]")
_SECRET_SOURCES = ("secretsmanager", "ssm")


@dataclass(frozen=True)
class TaskDefinition:
    """What is registered, by the API's own fields."""

    containers: Sequence[Mapping[str, Any]]
    execution_role_arn: str | None = None
    network_mode: str | None = None
    compatibilities: Sequence[str] = field(default_factory=tuple)
    cpu: str | None = None
    memory: str | None = None

    @property
    def fargate(self) -> bool:
        return "FARGATE" in self.compatibilities


def refuse_registration(call: Call) -> Refusal | None:
    """``RegisterTaskDefinition``."""
    given = call.parameters
    containers = given.get("containerDefinitions") or ()
    if not all(isinstance(container, Mapping) for container in containers):
        return None  # the engine's to refuse: it is not of the API's form
    task = TaskDefinition(
        containers=containers,
        execution_role_arn=given.get("executionRoleArn"),
        network_mode=given.get("networkMode"),
        compatibilities=given.get("requiresCompatibilities") or (),
        cpu=given.get("cpu"),
        memory=given.get("memory"),
    )
    why = why_not_registered(task)
    return None if why is None else Refusal(REFUSED, why)


def why_not_registered(task: TaskDefinition) -> str | None:
    """ECS's reason to refuse a task definition, in its own words where they are known; None when it takes it."""
    checks = (_containers, _secrets, _ports, _fargate)
    return next((why for check in checks if (why := check(task)) is not None), None)


def _containers(task: TaskDefinition) -> str | None:
    if not task.containers:
        return "Container list cannot be empty."
    for container in task.containers:
        name = str(container.get("name") or "")
        if not name:
            return "Container.name should not be null or empty."
        if not _NAME.fullmatch(name):
            return (
                f"Invalid container name '{name}'. Up to 255 letters (uppercase and lowercase), numbers, hyphens, and "
                "underscores are allowed."
            )
        if not container.get("image"):
            return "Container.image should not be null or empty."
        if not task.memory and not container.get("memory") and not container.get("memoryReservation"):
            return f"Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be specified."
    if all(container.get("essential") is False for container in task.containers):
        return "TaskDefinition must have at least one essential container."
    return None


def _secrets(task: TaskDefinition) -> str | None:
    if task.execution_role_arn is None and any(container.get("secrets") for container in task.containers):
        return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
    for container in task.containers:
        names = [str(entry.get("name")) for entry in container.get("secrets") or ()]
        taken = {str(entry.get("name")) for entry in container.get("environment") or ()}
        twice = next((name for at, name in enumerate(names) if name in taken or name in names[:at]), None)
        if twice is not None:
            return (
                "The secret name must be unique and not shared with any new or existing environment variables set on the "
                f"container, such as '{twice}'."
            )
        for entry in container.get("secrets") or ():
            parts = str(entry.get("valueFrom") or "").split(":")
            if parts[0] == "arn" and len(parts) > 2 and parts[2] not in _SECRET_SOURCES:
                return f"Invalid secret source. 'valueFrom' of '{entry.get('name')}' is the ARN of a resource of {parts[2]}."
    return None


def _ports(task: TaskDefinition) -> str | None:
    if task.network_mode != "awsvpc":
        return None
    for container in task.containers:
        for port in container.get("portMappings") or ():
            if port.get("hostPort") not in (None, 0, port.get("containerPort")):
                return "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
    return None


def _fargate(task: TaskDefinition) -> str | None:
    if not task.fargate:
        return None
    if task.network_mode != "awsvpc":
        return "Fargate only supports network mode 'awsvpc'."
    if task.execution_role_arn is None and any(_log_driver(container) == "awslogs" for container in task.containers):
        return "Fargate requires task definition to have execution role ARN to support log driver awslogs."
    if task.execution_role_arn is None and any(_PRIVATE.match(str(c.get("image", ""))) for c in task.containers):
        return "Fargate requires task definition to have execution role ARN to support ECR images."
    for name, value in (("cpu", task.cpu), ("memory", task.memory)):
        if not value:
            return f"Fargate requires that '{name}' be defined at the task level."
    cpu, memory = _units(task.cpu, "vcpu", 1024), _units(task.memory, "gb", 1024)
    if cpu is not None and memory is not None and memory not in _FARGATE.get(cpu, ()):
        return f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory."
    return None


def _log_driver(container: Mapping[str, Any]) -> str | None:
    logging = container.get("logConfiguration")
    driver = logging.get("logDriver") if isinstance(logging, Mapping) else None
    return driver if isinstance(driver, str) else None


def _units(written: str | None, unit: str, each: int) -> int | None:
    """``256``, ``.25 vCPU`` or ``0.5 GB`` as a number of units; None: another form, which is ECS's to read."""
    text = str(written).strip().lower()
    number = text.removesuffix(unit).strip()
    if re.fullmatch(r"\d{1,6}", text):
        return int(text)
    if number != text and re.fullmatch(r"\d{0,6}\.?\d{1,6}", number):
        units = float(number) * each
        return int(units) if units.is_integer() else None
    return None
