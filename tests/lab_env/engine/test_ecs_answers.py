"""Does the engine answer about ECS services as AWS does, where the provider depends on it?"""

from __future__ import annotations

from lab_env.engine import Account, sessions
from lab_env.engine.ecs_answers import mended


def test_a_service_without_network_is_answered_without_one(account: Account) -> None:
    """Is a service on EC2 and bridge answered without an empty networkConfiguration, on which the provider would end?"""
    ecs = sessions.client(account, "ecs")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(family="t", containerDefinitions=[{"name": "a", "image": "x", "memory": 64}])
    created = ecs.create_service(cluster="c", serviceName="s", taskDefinition="t", desiredCount=0)["service"]
    described = ecs.describe_services(cluster="c", services=["s"])["services"][0]
    for service in (created, described):
        assert "networkConfiguration" not in service
        assert all(d.get("networkConfiguration", True) for d in service.get("deployments", ()))
        assert service["availabilityZoneRebalancing"] in ("ENABLED", "DISABLED")


def test_what_is_no_answer_about_services_stays() -> None:
    """Is anything else passed on byte for byte?"""
    assert mended(b"not json") == b"not json"
    assert mended(b"[1]") == b"[1]"
