"""ECS: task definitions and clusters as the lesson uses them. Nothing is run: see docs/engines.md on what is not proved."""

from __future__ import annotations

import json
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, expect, refused
from lab_env.engine.model import Account
from lab_env.engine.sessions import client

_REFERENCE = "ECS API Reference"
_SECRETS = [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:us-east-1:1:secret:a-b:password::"}]
_CONTAINER: dict[str, Any] = {"name": "app", "image": "none", "memory": 128, "essential": True}
_TAGS = [{"key": "Environment", "value": "dev"}]


def _register(ecs: Any, family: str = "lesson", **more: Any) -> dict[str, Any]:
    wanted = {"containerDefinitions": [_CONTAINER], **more}
    made: dict[str, Any] = ecs.register_task_definition(family=family, **wanted)
    return made


def _described(account: Account) -> None:
    ecs = client(account, "ecs")
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client(account, "iam").create_role(RoleName="execution", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    _register(ecs, executionRoleArn=role, containerDefinitions=[{**_CONTAINER, "secrets": _SECRETS}])
    found = ecs.describe_task_definition(taskDefinition="lesson:1")["taskDefinition"]
    expect(found["containerDefinitions"][0]["secrets"] == _SECRETS, "the secrets are others")
    expect(found.get("executionRoleArn") == role, "the execution role is another")


def _tagged(account: Account) -> None:
    ecs = client(account, "ecs")
    _register(ecs, tags=_TAGS)
    found = ecs.describe_task_definition(taskDefinition="lesson:1", include=["TAGS"]).get("tags")
    expect(found == _TAGS, "others are told")


def _latest(account: Account) -> None:
    ecs = client(account, "ecs")
    for _ in range(3):
        _register(ecs)
    ecs.deregister_task_definition(taskDefinition="lesson:3")
    revision = ecs.describe_task_definition(taskDefinition="lesson")["taskDefinition"]["revision"]
    expect(revision == 2, f"it is revision {revision} of 3, the third of which is not active")


def _inactive(account: Account) -> None:
    ecs = client(account, "ecs")
    _register(ecs)
    ecs.deregister_task_definition(taskDefinition="lesson:1")
    status = ecs.describe_task_definition(taskDefinition="lesson:1")["taskDefinition"]["status"]
    expect(status == "INACTIVE", f"it is {status}")


def _unknown(account: Account) -> None:
    refused(lambda: client(account, "ecs").describe_task_definition(taskDefinition="nobody"), "ClientException")


def _listed(account: Account) -> None:
    ecs = client(account, "ecs")
    for family in ("b", "a", "a"):
        _register(ecs, family)
    arns = ecs.list_task_definitions()["taskDefinitionArns"]
    names = [arn.rsplit("/", 1)[-1] for arn in arns]
    expect(names == ["a:1", "a:2", "b:1"], f"the order is {', '.join(names)}")


def _pages(account: Account) -> None:
    ecs = client(account, "ecs")
    for _ in range(3):
        _register(ecs)
    first = ecs.list_task_definitions(maxResults=2)
    count = len(first["taskDefinitionArns"])
    expect(count == 2 and "nextToken" in first, f"a page of 2 has {count}")
    second = ecs.list_task_definitions(maxResults=2, nextToken=first["nextToken"])
    expect(len(second["taskDefinitionArns"]) == 1, "the second page is not the rest")


def _cluster(account: Account) -> None:
    ecs = client(account, "ecs")
    arn = ecs.create_cluster(clusterName="lesson", tags=_TAGS)["cluster"]["clusterArn"]
    (found,) = ecs.describe_clusters(clusters=[arn], include=["TAGS"])["clusters"]
    expect((found["status"], found.get("tags")) == ("ACTIVE", _TAGS), "its status or tags are others")


def _revision(account: Account) -> None:
    ecs = client(account, "ecs")
    first = _register(ecs)["taskDefinition"]["taskDefinitionArn"]
    ecs.deregister_task_definition(taskDefinition=first)
    revision = _register(ecs)["taskDefinition"]["revision"]
    expect(revision == 2, f"it is {revision}")


def _family_alone(account: Account) -> None:
    ecs = client(account, "ecs")
    _register(ecs)
    codes = ("ClientException", "InvalidParameterException")
    refused(lambda: ecs.deregister_task_definition(taskDefinition="lesson"), *codes)


def _same_cluster(account: Account) -> None:
    ecs = client(account, "ecs")
    arns = {ecs.create_cluster(clusterName="lesson")["cluster"]["clusterArn"] for _ in range(2)}
    expect(len(arns) == 1 and ecs.list_clusters()["clusterArns"] == list(arns), "it is another one")


def _no_cluster(account: Account) -> None:
    answer = client(account, "ecs").describe_clusters(clusters=["nobody"])
    expect(answer["clusters"] == [], "one is described")
    expect(
        [one.get("reason") for one in answer.get("failures", [])] == ["MISSING"], "no failure tells that it is missing"
    )


def _service(account: Account) -> Any:
    """ECS with a service of none to run."""
    ecs = client(account, "ecs")
    ecs.create_cluster(clusterName="lesson")
    _register(ecs)
    ecs.create_service(cluster="lesson", serviceName="app", taskDefinition="lesson:1", desiredCount=0)
    return ecs


def _described_service(account: Account) -> None:
    (found,) = _service(account).describe_services(cluster="lesson", services=["app"])["services"]
    expect((found["status"], found["desiredCount"]) == ("ACTIVE", 0), "its status or count are others")
    expect(found["taskDefinition"].endswith(":task-definition/lesson:1"), "its task definition is another")


def _deleted_service(account: Account) -> None:
    ecs = _service(account)
    ecs.delete_service(cluster="lesson", service="app")
    found = ecs.describe_services(cluster="lesson", services=["app"])["services"]
    expect([one["status"] for one in found] == ["INACTIVE"], "it is not described as INACTIVE")
    expect(ecs.list_services(cluster="lesson")["serviceArns"] == [], "it is listed")


def _no_cluster_for_it(account: Account) -> None:
    ecs = client(account, "ecs")
    _register(ecs)
    asked = {"cluster": "nobody", "serviceName": "app", "taskDefinition": "lesson:1", "desiredCount": 0}
    refused(lambda: ecs.create_service(**asked), "ClusterNotFoundException")


ECS = (
    Behaviour("ecs.described", "A task definition is described with its secrets and its execution role.",
              f"{_REFERENCE}, DescribeTaskDefinition", _described),
    Behaviour("ecs.tagged", "Its tags are told when they are asked for.",
              f"{_REFERENCE}, DescribeTaskDefinition", _tagged),
    Behaviour("ecs.latest", "A family without a revision is its latest active revision.",
              f"{_REFERENCE}, DescribeTaskDefinition", _latest),
    Behaviour("ecs.inactive", "A deregistered revision is still described, as INACTIVE.",
              f"{_REFERENCE}, DeregisterTaskDefinition", _inactive),
    Behaviour("ecs.unknown", "A family that is not there is refused.",
              f"{_REFERENCE}, DescribeTaskDefinition", _unknown),
    Behaviour("ecs.listed", "Task definitions are listed by family and revision.",
              f"{_REFERENCE}, ListTaskDefinitions", _listed),
    Behaviour("ecs.pages", "A list comes in pages of the size that is asked for.",
              f"{_REFERENCE}, ListTaskDefinitions", _pages),
    Behaviour("ecs.cluster", "A cluster is active and has its tags.", f"{_REFERENCE}, DescribeClusters", _cluster),
    Behaviour("ecs.revision", "A new revision takes the next number, whatever was deregistered.",
              "ECS Developer Guide, Task definition states", _revision),
    Behaviour("ecs.family_alone", "Deregistering a family without its revision is refused.",
              f"{_REFERENCE}, DeregisterTaskDefinition", _family_alone),
    Behaviour("ecs.same_cluster", "A cluster of a name that is there is that cluster.",
              f"{_REFERENCE}, CreateCluster", _same_cluster),
    Behaviour("ecs.no_cluster", "A cluster that is not there is told as a failure, MISSING.",
              f"{_REFERENCE}, Failure", _no_cluster),
    Behaviour("ecs.service", "A service is active, with its task definition and its count.",
              f"{_REFERENCE}, DescribeServices", _described_service),
    Behaviour("ecs.deleted_service", "A deleted service is described as INACTIVE, and is not listed.",
              f"{_REFERENCE}, DeleteService", _deleted_service),
    Behaviour("ecs.no_cluster_for_it", "A service in a cluster that is not there is refused.",
              f"{_REFERENCE}, CreateService", _no_cluster_for_it),
)  # fmt: skip
