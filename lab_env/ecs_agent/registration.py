"""What ECS refuses when a task definition is registered, though an engine may take it.

Sources: API reference of RegisterTaskDefinition and ``Secret``; ECS Developer Guide, "Amazon ECS task definition parameters for
Fargate" (network mode, and which CPU goes with which memory).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# CPU units and the memory in MiB that goes with them: from, to, in steps of.
_FARGATE = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}


def why_not_registered(
    containers: Sequence[Mapping[str, Any]],
    *,
    execution_role_arn: str | None,
    network_mode: str | None,
    compatibilities: Sequence[str],
    cpu: str | None,
    memory: str | None,
) -> str | None:
    """ECS's reason to refuse a task definition, in its own words where they are known; None when it takes it."""
    if execution_role_arn is None and any(container.get("secrets") for container in containers):
        return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
    for container in containers:
        names = [str(entry.get("name")) for entry in container.get("secrets") or ()]
        taken = {str(entry.get("name")) for entry in container.get("environment") or ()}
        twice = next((name for at, name in enumerate(names) if name in taken or name in names[:at]), None)
        if twice is not None:
            return (
                "The secret name must be unique and not shared with any new or existing environment variables set on the "
                f"container, such as '{twice}'."
            )
    if "FARGATE" not in compatibilities:
        return None
    if network_mode != "awsvpc":
        return "Fargate only supports network mode 'awsvpc'."
    if not (cpu or "").isdigit() or not (memory or "").isdigit():
        # ".25 vCPU" and "0.5 GB" are other ways to write a pair, which are not read here.
        return (
            "Fargate requires that 'cpu' and 'memory' be defined at the task level." if not cpu or not memory else None
        )
    if int(str(memory)) not in _FARGATE.get(int(str(cpu)), ()):
        return f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory."
    return None
