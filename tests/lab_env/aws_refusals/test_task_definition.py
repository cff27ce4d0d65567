"""What ECS refuses when a task definition is registered, by its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from lab_env.aws_refusals import TaskDefinition, why_not_registered

SECRET = {"name": "DB_PASSWORD", "valueFrom": "arn"}
RIGHT: dict[str, Any] = {
    "execution_role_arn": "arn:aws:iam::111122223333:role/exec",
    "network_mode": "awsvpc",
    "compatibilities": ("FARGATE",),
    "cpu": "256",
    "memory": "512",
}


@pytest.mark.parametrize(
    ("container", "changed", "reason"),
    [
        ({"secrets": [SECRET]}, {}, None),
        ({"secrets": [SECRET]}, {"execution_role_arn": None}, "executionRoleArn"),
        ({}, {"execution_role_arn": None}, None),
        ({"secrets": [SECRET], "environment": [{"name": "DB_PASSWORD", "value": ""}]}, {}, "must be unique"),
        ({"secrets": [SECRET, SECRET]}, {}, "must be unique"),
        ({"secrets": [SECRET]}, {"network_mode": "bridge"}, "awsvpc"),
        ({"secrets": [SECRET]}, {"network_mode": "bridge", "compatibilities": ("EC2",)}, None),
        ({}, {"cpu": ".25 vCPU", "memory": "4 GB"}, "No Fargate configuration"),
        ({}, {"cpu": "1 vcpu", "memory": "3GB"}, None),
        ({"secrets": [SECRET]}, {"memory": "4096"}, "No Fargate configuration"),
        ({"secrets": [SECRET]}, {"cpu": "300"}, "No Fargate configuration"),
        ({"secrets": [SECRET]}, {"cpu": "1024", "memory": "8192"}, None),
        ({"secrets": [SECRET]}, {"cpu": None}, "at the task level"),
        ({"secrets": [SECRET]}, {"cpu": ".25 vCPU", "memory": "0.5 GB"}, None),
    ],
)
def test_refusals(container: dict[str, Any], changed: dict[str, Any], reason: str | None) -> None:
    """Is what ECS does not register told in its words, and nothing else refused?"""
    said = why_not_registered(TaskDefinition([{"name": "app", "image": "a", **container}], **{**RIGHT, **changed}))
    assert (said is None) == (reason is None)
    assert reason is None or reason in str(said)
