"""A real LocalStack of ours, in host mode: what it can do, and that it gives the marks of the embedded engine.

Needs Python 3.12 or newer on the machine (see ``lab_env.engine.localstack_home.find_python``) and, the first time, some 200 MB
from pip's index: without them these tests are skipped, or fail under ``CI=true``.
"""

from __future__ import annotations

import contextlib
import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Results
from lab_env.engine import Account, Engine, fresh_account, localstack, localstack_home, probe, sessions
from lab_env.engine.trail import lookup_trail
from lab_env.errors import EngineError
from lab_env.submission import SubmissionRef
from lab_env.terraform import Toolchain
from tests.conftest import missing
from tests.graders.everywhere import SAMPLE, corpus_refs, todays_part

pytestmark = [pytest.mark.engine, pytest.mark.longest]
CONTAINER = {"name": "app", "image": "none", "memory": 128, "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn"}]}
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def there(localstack_engine: Engine) -> Account:
    """A fresh account on it."""
    return fresh_account(localstack_engine)


def test_what_it_can_do(localstack_engine: Engine) -> None:
    """Does it answer with ECS and a trail, enforce nothing, and say so by its own probes?"""
    assert localstack_engine.version == localstack_home.VERSION
    assert localstack_engine.capabilities >= {"ecs", "trail"}
    assert "iam" not in localstack_engine.capabilities
    found = probe.describe("localstack", localstack_engine.endpoint)
    assert (found.version, found.capabilities) == (localstack_engine.version, localstack_engine.capabilities)


def test_listens_on_loopback_only(localstack_engine: Engine) -> None:
    """Is everything that it listens on, for TCP and UDP, on this machine alone, after every service was used?"""
    ours = [p for p in psutil.Process().children(recursive=True) if "localstack.runtime.main" in p.cmdline()]
    places = {
        c.laddr.ip for p in ours for c in p.net_connections() if c.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
    }
    assert places == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/_localstack/health", [], 200),
        ("GET", "/_localstack/health?use", [], 200),
        ("HEAD", "/_localstack/health", [("Host", "localstack:4566")], 200),  # as its neighbours in containers call it
        ("GET", "/_localstack/health", [("Host", "evil.example:4566")], 404),
        ("GET", "/_localstack/health", [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "none")], 404),
        ("GET", "/_localstack/health", [("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "cross-site")], 404),
        ("GET", "/_localstack/health", [("Origin", "http://localhost:4566")], 404),
        ("POST", "/_localstack/health", [], 404),
        ("POST", "/%5flocalstack/health", [], 404),
        ("POST", "//_localstack/health", [], 404),
        ("POST", "/_localstack/./health", [], 404),
        ("POST", "/x/../_localstack/health", [], 404),
        ("POST", "/_localstack/state/reset", [], 404),
        ("GET", "/_localstack/diagnose", [], 404),
        ("GET", "/?Action=ListUsers&Version=2010-05-08", [], 404),
        ("OPTIONS", "/", [("Origin", "https://app.localstack.cloud")], 404),
        ("DELETE", "/", [], 404),
        ("POST", "/", [], 404),
    ],
)
def test_the_door(
    localstack_engine: Engine, method: str, path: str, headers: list[tuple[str, str]], status: int
) -> None:
    """Is a health check answered and all else refused that is no signed call: pages, administration, an order to end itself?"""
    connection = http.client.HTTPConnection(localstack_engine.endpoint.removeprefix("http://"), timeout=30)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host=any(name == "Host" for name, _ in headers))
        body = b'{"action": "kill"}' if method == "POST" else b""
        for name, value in (*headers, ("Content-Type", "text/plain"), ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        connection.endheaders(body)
        assert connection.getresponse().status == status
    assert probe.health(localstack_engine.endpoint, 10, path=localstack.HEALTH) is not None


def test_an_account_costs_little_memory(localstack_engine: Engine) -> None:
    """Are AWS's managed policies, 5 MB of text, held once for a whole class, and whole in every account?"""
    (process,) = (p for p in psutil.Process().children(recursive=True) if "localstack.runtime.main" in p.cmdline())

    def policy() -> Any:
        iam = sessions.client(fresh_account(localstack_engine), "iam")
        version = iam.get_policy(PolicyArn=MANAGED)["Policy"]["DefaultVersionId"]
        return iam.get_policy_version(PolicyArn=MANAGED, VersionId=version)["PolicyVersion"]["Document"]

    first, before = policy(), process.memory_info().rss
    assert "ecr:GetAuthorizationToken" in first["Statement"][0]["Action"]
    assert all(policy() == first for _ in range(30))
    assert (process.memory_info().rss - before) / 30 < 3e6


def test_a_task_definitions_life(there: Account) -> None:
    """Is a task definition described as registered, found by family, listed while active, and tagged?"""
    ecs = sessions.client(there, "ecs")
    tags = [{"key": "Environment", "value": "dev"}]
    for _ in range(3):
        ecs.register_task_definition(
            family="app",
            containerDefinitions=[CONTAINER],
            executionRoleArn=f"arn:aws:iam::{there.id}:role/app",
            tags=tags,
        )
    ecs.deregister_task_definition(taskDefinition="app:3")
    found = ecs.describe_task_definition(taskDefinition="app", include=["TAGS"])
    assert found["taskDefinition"]["revision"] == 2
    assert found["taskDefinition"]["containerDefinitions"][0]["secrets"] == CONTAINER["secrets"]
    assert found["tags"] == tags
    listed = ecs.list_task_definitions(familyPrefix="app", sort="DESC")["taskDefinitionArns"]
    assert [arn.rsplit(":", 1)[-1] for arn in listed] == ["2", "1"]
    assert ecs.describe_task_definition(taskDefinition="app:3")["taskDefinition"]["status"] == "INACTIVE"
    with pytest.raises(ecs.exceptions.ClientException):
        ecs.describe_task_definition(taskDefinition="nobody")


def test_a_cluster(there: Account) -> None:
    """Is a cluster described with its tags, and inactive when it is deleted?"""
    ecs = sessions.client(there, "ecs")
    arn = ecs.create_cluster(clusterName="app", tags=[{"key": "a", "value": "b"}])["cluster"]["clusterArn"]
    (cluster,) = ecs.describe_clusters(clusters=[arn], include=["TAGS"])["clusters"]
    assert (cluster["status"], cluster["tags"]) == ("ACTIVE", [{"key": "a", "value": "b"}])
    ecs.delete_cluster(cluster=arn)
    assert [one["status"] for one in ecs.describe_clusters(clusters=[arn])["clusters"]] == ["INACTIVE"]


def test_trail_tells_a_session_apart(there: Account) -> None:
    """Does the trail tell a role's read from the root's, leave out what was refused, and hold no value?"""
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = sessions.client(there, "iam").create_role(
        RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    root = sessions.client(there, "secretsmanager")
    arn = root.create_secret(Name="db", SecretString="hunter2-hunter2")["ARN"]
    keys = probe.assume(there, role, "a-task")
    sessions.client(there, "secretsmanager", credentials=keys).get_secret_value(SecretId=arn)
    with pytest.raises(root.exceptions.ResourceNotFoundException):
        root.get_secret_value(SecretId="nobody")
    end = datetime.now(UTC) + timedelta(seconds=2)
    events = lookup_trail(there, start=LONG_AGO, end=end)
    (read,) = [event for event in events if event.name == "GetSecretValue"]
    assert read.access_key_id == keys.access_key_id
    assert arn in read.resources
    assert read.user_arn.endswith("assumed-role/reader/a-task")
    assert {"CreateRole", "CreateSecret", "AssumeRole"} <= {event.name for event in events}
    assert "hunter2" not in str(events)


def test_gone_with_its_block() -> None:
    """Is a private LocalStack gone, and its address dead, when its block ends?"""
    if not localstack_home.is_ready():
        missing("LocalStack is not installed")
    with localstack.private_localstack() as running:
        assert probe.health(running.endpoint, 10, path=localstack.HEALTH) is not None
    assert probe.health(running.endpoint, 1, path=localstack.HEALTH) is None
    with pytest.raises(EngineError, match="Nothing answers"):
        probe.describe("localstack", running.endpoint)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SAMPLE, id="sample"),
        pytest.param("part", id="part", marks=pytest.mark.full),
    ],
)
def refs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[SubmissionRef, ...]:
    """A few cases, or (``full``) today's part of the corpus."""
    return corpus_refs(tmp_path_factory.mktemp("class"), todays_part() if request.param == "part" else request.param)


@pytest.mark.terraform
def test_same_points(
    refs: tuple[SubmissionRef, ...], localstack_engine: Engine, engine: Engine, toolchain: Toolchain
) -> None:
    """Does every submission get on LocalStack the points, line by line, that it gets on the embedded engine?"""
    here = points(grade_many(refs, RunConfig(engine=engine.endpoint)))
    there = points(grade_many(refs, RunConfig(engine=localstack_engine.endpoint)))
    assert {ref.id for ref in refs} == set(here) == set(there)
    assert {id: (there[id], here[id]) for id in here if there[id] != here[id]} == {}


def points(results: Results) -> dict[str, Any]:
    """By submission: its status, its score, and each line's status and points."""
    return {
        one.id: (one.status, one.score, one.max_score, [(row.id, row.status, row.earned) for row in one.requirements])
        for one in results.submissions
    }
