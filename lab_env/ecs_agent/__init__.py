"""Starts a task the way ECS does, up to the moment the container runs: role, secrets, environment.

:func:`launch` is a drill: everything ECS checks is checked (trust, the right to read, the right to decrypt, the form of
``valueFrom``), the values are really fetched with the execution role's rights, and a process of ours gets them, as data.
"""

from lab_env.ecs_agent.access import Access
from lab_env.ecs_agent.launch import ContainerView, LaunchReport, launch
from lab_env.ecs_agent.standin import StandInError
from lab_env.ecs_agent.value_from import AgentError, SecretReference, parse_value_from

__all__ = [
    "Access",
    "AgentError",
    "ContainerView",
    "LaunchReport",
    "SecretReference",
    "StandInError",
    "launch",
    "parse_value_from",
]
