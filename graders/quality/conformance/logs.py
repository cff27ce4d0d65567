"""CloudWatch Logs: the log group that a task writes to."""

from __future__ import annotations

from typing import Any

from graders.quality.conformance.behaviour import Behaviour, expect, refused
from lab_env.engine.model import Account
from lab_env.engine.sessions import client

_REFERENCE = "CloudWatch Logs API Reference"
NAME = "/ecs/lesson"


def _group(account: Account, **more: Any) -> Any:
    logs = client(account, "logs")
    logs.create_log_group(logGroupName=NAME, **more)
    return logs


def _taken(account: Account) -> None:
    logs = _group(account)
    refused(lambda: logs.create_log_group(logGroupName=NAME), "ResourceAlreadyExistsException")


def _retention(account: Account) -> None:
    logs = _group(account)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=NAME)["logGroups"]
    expect("retentionInDays" not in found, "a new one has a period")
    logs.put_retention_policy(logGroupName=NAME, retentionInDays=30)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=NAME)["logGroups"]
    expect(found.get("retentionInDays") == 30, "another one is told")


def _period(account: Account) -> None:
    logs = _group(account)
    refused(lambda: logs.put_retention_policy(logGroupName=NAME, retentionInDays=10), "InvalidParameterException")


def _tags(account: Account) -> None:
    logs = _group(account, tags={"Environment": "dev"})
    (found,) = logs.describe_log_groups(logGroupNamePrefix=NAME)["logGroups"]
    arn = str(found["arn"]).removesuffix(":*")
    expect(logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"Environment": "dev"}, "others are told")


def _gone(account: Account) -> None:
    logs = _group(account)
    logs.delete_log_group(logGroupName=NAME)
    refused(lambda: logs.delete_log_group(logGroupName=NAME), "ResourceNotFoundException")


LOGS = (
    Behaviour("logs.taken", "A log group that is there is refused.", f"{_REFERENCE}, CreateLogGroup", _taken),
    Behaviour("logs.retention", "A log group keeps its events for ever until a period is set, which is told.",
              f"{_REFERENCE}, PutRetentionPolicy", _retention),
    Behaviour("logs.period", "A period that is none of those that there are is refused.",
              f"{_REFERENCE}, PutRetentionPolicy", _period),
    Behaviour("logs.tags", "Tags are told as they were given.", f"{_REFERENCE}, ListTagsForResource", _tags),
    Behaviour("logs.gone", "A log group is not deleted twice.", f"{_REFERENCE}, DeleteLogGroup", _gone),
)  # fmt: skip
