"""Names of variables that a process obeys, on every road to a launch: nothing of the learner's is loaded.

Each road is gone twice: with the mend taken out, where the canary must fire, and as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from graders.grade import grade
from graders.model import Depth, Status
from lab_env.ecs_agent import launch, standin
from lab_env.engine import Account, Engine, fresh_account, sessions
from lab_env.sandbox import OPEN
from lab_env.terraform import LanePool, Toolchain
from solutions.hostile import libraries, variables
from tests.conftest import missing
from tests.graders.hostile.canaries import ATTACKS, Attack, Canaries
from tests.graders.hostile.obeyed import start_with_names_in_the_environment

ROOT = Path(__file__).parents[3]
Way = Callable[[Path, Path], dict[str, str]]
BY_A_VARIABLE = [
    attack for attack in ATTACKS if attack.name in ("library-by-a-variable", "library-by-its-own-variables")
]
WAYS = [pytest.param(way, id=way.__name__) for way in (variables.by_a_file, variables.by_itself)]


@pytest.fixture(autouse=True)
def _loadable() -> None:
    if not libraries.can_be_loaded():
        missing("there is no library for this machine that could be loaded")


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The mend taken out, until ``undo``."""
    with monkeypatch.context() as patch:
        patch.setattr(standin, "start", start_with_names_in_the_environment)
        yield patch


@pytest.fixture(scope="module")
def pool(toolchain: Toolchain) -> Iterator[LanePool]:
    with LanePool(1, toolchain=toolchain) as made:
        yield made


@pytest.mark.parametrize(
    "attack",
    # Four gradings each; what differs between the two is asked of the stand-in alone below, four times.
    [pytest.param(a, id=a.name, marks=mark) for a, mark in zip(BY_A_VARIABLE, ((), pytest.mark.full), strict=True)],
)
@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.longest
def test_by_directory(
    attack: Attack, here: Canaries, engine: Engine, toolchain: Toolchain, pool: LanePool, old: pytest.MonkeyPatch
) -> None:
    """Graded in full, in the sandbox and without: is nothing loaded that lies beside the module, and is the launch's mark given?"""
    handed = attack.write(here)
    with pool.lane() as lane:
        grade(handed, depth=Depth.FULL, engine=engine, toolchain=toolchain, lane=lane)
        assert here.sang() == ["the file appeared"]
    here.fired.unlink()
    old.undo()
    for sandbox in (toolchain.sandbox, OPEN):
        with pool.lane() as lane:
            seen = replace(toolchain, sandbox=sandbox)
            result = grade(handed, depth=Depth.FULL, engine=engine, toolchain=seen, lane=lane).result
        rows = {row.id: row for row in result.requirements}
        assert rows["runtime.launch"].status is Status.PASS, rows["runtime.launch"]
        assert here.sang(result.model_dump_json()) == []


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.engine
@pytest.mark.longest
def test_on_localstack(way: Way, here: Canaries, localstack_engine: Engine, old: pytest.MonkeyPatch) -> None:
    """Is the same true of a launch on LocalStack?"""
    account = fresh_account(localstack_engine)
    task, names = _registered(account, here, way)
    assert launch(localstack_engine, account, task, sandbox=OPEN).ok
    assert here.sang() == ["the file appeared"]
    here.fired.unlink()
    old.undo()
    report = launch(localstack_engine, account, task, sandbox=OPEN)
    assert report.ok
    assert all(report.matches(value, name) for name, value in names.items())
    assert here.sang() == []


def _registered(account: Account, here: Canaries, way: Way) -> tuple[str, dict[str, str]]:
    """The ARN of a task with such variables, and what they hold."""
    variables.plant(here.handed)
    here.arm(here.handed)
    names: dict[str, str] = way(here.handed / variables.LIBRARY, here.handed / variables.CONFIGURATION)
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = sessions.client(account, "iam")
    role = iam.create_role(RoleName="execution", AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    secret = sessions.client(account, "secretsmanager").create_secret(Name="db", SecretString=json.dumps(names))["ARN"]
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}
    iam.put_role_policy(RoleName="execution", PolicyName="read", PolicyDocument=_policy(read))
    registered = sessions.client(account, "ecs").register_task_definition(
        family="app",
        executionRoleArn=role,
        containerDefinitions=[
            {
                "name": "app",
                "image": "none",
                "memory": 128,
                "essential": True,
                "secrets": [{"name": name, "valueFrom": f"{secret}:{name}::"} for name in names],
            }
        ],
    )
    return str(registered["taskDefinition"]["taskDefinitionArn"]), names


def _policy(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


_ALONE = """
import json, os, sys
from lab_env.ecs_agent import standin
from lab_env.terraform import find_toolchain
from tests.graders.hostile.obeyed import start_with_names_in_the_environment
sandbox = find_toolchain().sandbox
start = start_with_names_in_the_environment if sys.argv[1] == "old" else standin.start
given = json.load(sys.stdin)
seen = start(given, sandbox=sandbox)
json.dump({"user": os.geteuid(), "layers": sandbox.layers, "seen": [n for n, v in given.items() if seen[n].matches(v)]}, sys.stdout)
"""
_AS_A_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
"""Somebody without a right that root has, who may still read this checkout and its interpreter, wherever they lie."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sandbox", ["auto", "off"])
@pytest.mark.parametrize("user", ["root", "a user"])
def test_whoever_grades(
    way: Way, sandbox: str, user: str, here: Canaries, toolchain: Toolchain, tmp_path: Path
) -> None:
    """As root and as a user, in the sandbox and without: does it fire with the mend taken out only?"""
    variables.plant(here.handed)
    here.arm(here.handed)
    given: dict[str, str] = way(here.handed / variables.LIBRARY, here.handed / variables.CONFIGURATION)
    found = _alone("old", user, sandbox, given, tmp_path)
    assert here.sang() == ["the file appeared"], found
    here.fired.unlink()
    found = _alone("as it is", user, sandbox, given, tmp_path)
    assert found["seen"] == list(given)
    assert (found["user"] == 0) is (user == "root")
    if sandbox == "off":
        assert found["layers"] == []
    elif "bubblewrap" in toolchain.sandbox.layers:
        assert "bubblewrap" in found["layers"]
    assert here.sang() == []


def _alone(start: str, user: str, sandbox: str, given: dict[str, str], tmp_path: Path) -> dict[str, object]:
    words = [sys.executable, "-c", _ALONE, start]
    if user == "root" and os.geteuid() != 0:
        missing("the tests are not run as root")
    if user != "root" and os.geteuid() == 0:
        if shutil.which("unshare") is None or subprocess.run([*_AS_A_USER, "true"], check=False).returncode:
            missing("root cannot be a user here: unshare --user does not work")
        words = [*_AS_A_USER, *words]
    environment = {
        **{name: os.environ[name] for name in ("LAB_TERRAFORM", "LAB_PROVIDER_MIRROR") if name in os.environ},
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "LAB_CACHE_DIR": str(tmp_path / "cache"),
        "LAB_SANDBOX": sandbox,
    }
    done = subprocess.run(
        words, input=json.dumps(given), env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found
