"""What the plug-in makes of moto's ECS answers."""

from __future__ import annotations

import pytest

from lab_env.localstack_ecs.secrets_lab_localstack.ecs_answers import RefusedError, mended, with_revision

PREFIX = "arn:aws:ecs:us-east-1:123456789012:task-definition/"


def arns(*names: str) -> list[str]:
    return [PREFIX + name for name in names]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("app", "app:2"), ("app:3", "app:3"), (f"{PREFIX}app:1", f"{PREFIX}app:1")],
)
def test_family_means_its_latest_active_revision(asked: str, meant: str) -> None:
    """Is a family without a revision its latest active one, and a named revision taken as it is?"""
    assert with_revision(asked, {1: "ACTIVE", 2: "ACTIVE", 3: "INACTIVE"}) == meant


@pytest.mark.parametrize("revisions", [{}, {1: "INACTIVE"}])
def test_family_without_an_active_revision_is_refused(revisions: dict[int, str]) -> None:
    """Is a family that has nothing active refused as ECS refuses it?"""
    with pytest.raises(RefusedError, match="Unable to describe task definition") as caught:
        with_revision("app", revisions)
    assert caught.value.code == "ClientException"


def test_list_is_ordered_and_paged() -> None:
    """Do pages give every ARN once, by family and revision as a number, either way?"""
    answer = {"taskDefinitionArns": arns("b:1", "a:10", "a:9")}
    first = mended("ListTaskDefinitions", {"maxResults": 2}, answer)
    assert first["taskDefinitionArns"] == arns("a:9", "a:10")
    second = mended("ListTaskDefinitions", {"maxResults": 2, "nextToken": first["nextToken"]}, answer)
    assert second == {"taskDefinitionArns": arns("b:1")}
    assert mended("ListTaskDefinitions", {"sort": "DESC"}, answer) == {"taskDefinitionArns": arns("b:1", "a:10", "a:9")}


@pytest.mark.parametrize("request_", [{"nextToken": "x"}, {"nextToken": "9"}, {"maxResults": 101}])
def test_no_such_page(request_: dict[str, object]) -> None:
    """Is a page that is none refused?"""
    with pytest.raises(RefusedError) as caught:
        mended("ListTaskDefinitions", request_, {"taskDefinitionArns": arns("a:1")})
    assert caught.value.code == "InvalidParameterException"


def test_service_without_a_network() -> None:
    """Does a service lose an empty network configuration, keep a real one, and always tell its rebalancing?"""
    real = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    answer = {"services": [{"networkConfiguration": {}, "deployments": [{"networkConfiguration": real}]}]}
    assert mended("DescribeServices", {}, answer) == {
        "services": [{"deployments": [{"networkConfiguration": real}], "availabilityZoneRebalancing": "DISABLED"}]
    }
