"""The façade on the plain path: results, errors at the learner's line, limits, and nothing left running."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab_env.engine import Account
from lab_env.errors import SubmissionError, TerraformError
from lab_env.sandbox import OPEN
from lab_env.terraform import Event, Terraform, Timeouts, Toolchain, facade

from .conftest import SMALL, Build

pytestmark = pytest.mark.terraform

NO_PROVIDER = """
variable "environment" {
  type = string
}

resource "terraform_data" "here" {
  input = var.environment
}

output "here" {
  value = terraform_data.here.output
}
"""


@pytest.fixture
def small(tmp_path: Path, toolchain: Toolchain) -> Terraform:
    """A workspace without the AWS provider: Terraform's own resource, so that each call takes no time."""
    directory = tmp_path / "small"
    directory.mkdir()
    (directory / "main.tf").write_text(NO_PROVIDER)
    terraform = Terraform(directory, toolchain=toolchain)
    assert terraform.init().ok
    return terraform


def processes_in(directory: Path) -> list[psutil.Process]:
    """Running processes whose working directory is the workspace."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(directory) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.engine
def test_a_secret_is_deployed_on_the_plain_path(account: Account, build: Build, toolchain: Toolchain) -> None:
    """Without any lane: is the provider linked, not copied, and do plan and apply give typed results?"""
    terraform = Terraform(build(account, SMALL), toolchain=toolchain, endpoint=account.endpoint)
    result = terraform.init()
    assert (result.ok, result.diagnostics) == (True, ())
    (link,) = (terraform.directory / ".terraform" / "providers").rglob("linux_*")
    assert link.is_symlink() or link.parent.is_symlink()
    assert link.resolve() == toolchain.provider.binary.parent.resolve()
    result = terraform.apply()
    assert result.ok, result.errors
    assert [(c.address, c.action) for c in result.applied] == [
        ("module.secrets.aws_secretsmanager_secret.db", "create")
    ]
    assert f":{account.id}:secret:dev-database-credentials-" in result.outputs["secrets"].value["secret_arn"]


def test_an_endpoint_that_is_gone_is_not_the_learners_mistake(
    build: Build, in_lane: Callable[[Path], Terraform]
) -> None:
    """Nobody listens at the endpoint: an error about the machinery, and no result that could be graded?"""
    terraform = in_lane(build(Account(id="123456789012", endpoint="http://127.0.0.1:9"), SMALL))
    assert terraform.init().ok
    with pytest.raises(TerraformError, match="could not work") as caught:
        terraform.apply()
    assert caught.value.exit_code == 3


def test_plan_show_apply_destroy(small: Terraform) -> None:
    """Do the calls of one run follow each other, with variables, a saved plan, state and outputs?"""
    assert small.state() == {}
    events: list[Event] = []
    planned = small.plan(Path("first.tfplan"), variables={"environment": 'de"v $(x)'}, on_event=events.append)
    assert [(change.address, change.action) for change in planned.changes] == [("terraform_data.here", "create")]
    assert [event.kind for event in events] == ["planned_change", "change_summary", "outputs"]
    shown = small.show(Path("first.tfplan"))
    assert shown["variables"]["environment"]["value"] == 'de"v $(x)'
    applied = small.apply(Path("first.tfplan"))
    assert applied.applied == planned.changes
    assert applied.outputs["here"].value == 'de"v $(x)'
    assert small.state()["outputs"]["here"]["value"] == 'de"v $(x)'


def test_a_mistake_is_a_result_with_its_place(small: Terraform) -> None:
    """Syntax, reference and validation: does each come back as Terraform's own words at file and line?"""
    cases = {
        'output "x" {\n  value = nothing.here\n}\n': ("Reference to undeclared resource", 2),
        'output "x" {\n  value = \n}\n': ("Invalid expression", 2),
        'output "x" {\n  vlaue = 1\n}\n': ("Missing required argument", 1),
    }
    for text, (summary, line) in cases.items():
        (small.directory / "wrong.tf").write_text(text)
        for result in (small.validate(), small.plan(Path("p"), variables={"environment": "dev"})):
            assert not result.ok
            assert (result.errors[0].summary, result.errors[0].file, result.errors[0].line) == (
                summary,
                "wrong.tf",
                line,
            )


def test_a_required_variable_that_is_missing_is_a_result(small: Terraform) -> None:
    """Does Terraform never ask, and say which variable has no value?"""
    result = small.plan(Path("p"))
    assert not result.ok
    assert result.errors[0].summary == "No value for required variable"


def test_a_plan_that_is_not_there_is_an_error(small: Terraform) -> None:
    """Is showing a file that is no plan the machinery's fault, with Terraform's words in it?"""
    with pytest.raises(TerraformError, match=r"no-such\.tfplan"):
        small.show(Path("no-such.tfplan"))


def test_a_plan_that_is_cut_off_is_an_error(small: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan file that Terraform could not write whole, of which it says nothing: an error that says so?"""
    environment = {"environment": "dev"}
    assert small.plan(Path("p"), variables=environment).ok
    monkeypatch.setattr(zipfile, "is_zipfile", lambda path: False)
    with pytest.raises(TerraformError, match="The plan file p is cut off"):
        small.plan(Path("p"), variables=environment)


def test_a_damaged_state_is_an_error(small: Terraform) -> None:
    """Is a state file that is no JSON named, not read as empty?"""
    (small.directory / "terraform.tfstate").write_text("{")
    with pytest.raises(TerraformError, match="cannot be read"):
        small.state()


SLOW = """
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "echo started >> started; sleep 600"
  }
}
"""


def test_a_call_past_its_time_is_ended(small: Terraform) -> None:
    """After the time-out: an error that names call and limit, and not one process of it left?"""
    (small.directory / "slow.tf").write_text(SLOW)
    hasty = Terraform(small.directory, toolchain=small.toolchain, timeouts=Timeouts(apply=3.0))
    (small.directory / "main.tf").unlink()
    with pytest.raises(TerraformError, match="terraform apply was ended after 3 seconds"):
        hasty.apply()
    assert (small.directory / "started").exists()
    wait_for(lambda: processes_in(small.directory) == [])


# A shell that starts the tests in the background has their children ignore Ctrl-C.
INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from lab_env.terraform import Terraform, find_toolchain
Terraform(Path(sys.argv[1]), toolchain=find_toolchain(download=False)).apply()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_call_leaves_nothing(number: signal.Signals, small: Terraform) -> None:
    """Control-C or kill -9 during an apply: are Terraform and what it started gone?"""
    (small.directory / "slow.tf").write_text(SLOW)
    (small.directory / "main.tf").unlink()
    caller = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(small.directory)], stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    wait_for(lambda: (small.directory / "started").exists())
    caller.send_signal(number)
    assert caller.wait(30) != 0
    wait_for(lambda: processes_in(small.directory) == [])


def wait_for(condition: Any, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_an_exception_in_the_listener_ends_the_call(small: Terraform) -> None:
    """A progress bar that fails: is the call ended too, and the exception not swallowed?"""

    def fail(_: Event) -> None:
        raise RuntimeError("no terminal")

    with pytest.raises(RuntimeError, match="no terminal"):
        small.plan(Path("p"), variables={"environment": "dev"}, on_event=fail)
    wait_for(lambda: processes_in(small.directory) == [])


def test_the_callers_environment_does_not_reach_a_run(small: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Can TF_VAR_ or TF_CLI_ARGS of the caller change a result?"""
    monkeypatch.setenv("TF_VAR_environment", "callers")
    monkeypatch.setenv("TF_CLI_ARGS_plan", "-destroy")
    monkeypatch.setenv("TF_WORKSPACE", "callers")
    planned = small.plan(Path("p"), variables={"environment": "dev"})
    assert [change.action for change in planned.changes] == ["create"]
    assert small.show(Path("p"))["variables"]["environment"]["value"] == "dev"


BOMB = """
locals {
  a = [for i in range(1000) : [for j in range(1000) : "${i}-${j}-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]]
  b = [for i in range(60) : [for x in local.a : x]]
}

output "x" {
  value = sha256(jsonencode(local.b))
}
"""


def test_memory_is_bounded(small: Terraform) -> None:
    """Is a configuration that takes all memory ended at the bound, and is it the learner's files that are told?"""
    (small.directory / "bomb.tf").write_text(BOMB)
    with pytest.raises(SubmissionError, match=r"needed more than 2 GiB of memory") as caught:
        small.plan(Path("p.tfplan"), variables={"environment": "dev"})
    assert caught.value.next_step


@pytest.mark.parametrize(
    "words",
    ["runtime: out of memory", "out of memory allocating heap arena metadata", "runtime: cannot allocate memory"],
)
def test_whichever_part_of_go_finds_no_memory(words: str, small: Terraform, tmp_path: Path) -> None:
    """Is it the same to us which of Go's allocators came to the bound first?"""
    program = tmp_path / "terraform"
    program.write_text(f"#!/bin/sh\necho 'fatal error: {words}' >&2\nexit 2\n")
    program.chmod(0o755)
    toolchain = dataclasses.replace(small.toolchain, terraform=(str(program),), sandbox=OPEN)
    with pytest.raises(SubmissionError, match="needed more than 2 GiB of memory"):
        Terraform(small.directory, toolchain=toolchain).plan(Path("p"))


def test_a_link_in_the_place_of_the_state_is_not_followed(small: Terraform, tmp_path: Path) -> None:
    """Can what runs in the sandbox have the grader read for it what only the grader may read?"""
    (tmp_path / "elsewhere.json").write_text('{"serial": 1}')
    (small.directory / "terraform.tfstate").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(TerraformError, match="cannot be read"):
        small.state()


def test_endless_computing_is_the_configurations(small: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a call that was cut off while it computed laid to the files, and not to the machine?"""
    monkeypatch.setattr(facade, "CPU_OF_A_LOOP_S", 0.1)
    (small.directory / "bomb.tf").write_text(BOMB)
    small.timeouts = Timeouts(plan=2.0)
    with pytest.raises(SubmissionError, match="still computing after 2 seconds"):
        small.plan(Path("p.tfplan"), variables={"environment": "dev"})


@pytest.mark.parametrize(
    "text",
    [
        "response error StatusCode: 0, dial tcp",
        "operation error KMS: CreateKey, https response error StatusCode: 500, RequestID:",
        "write x: no space left on device",
    ],
)
def test_what_the_language_quotes(text: str, small: Terraform) -> None:
    """Is a value that reads like a dead endpoint or a full disk, quoted by Terraform, the learner's mistake, with its line?"""
    (small.directory / "port.tf").write_text(f'output "port" {{\n  value = parseint("{text}", 10)\n}}\n')
    validated = small.validate()
    planned = small.plan(small.directory / "plan", variables={"environment": "dev"})
    for said in (validated.errors, planned.errors):
        assert [(error.file, error.line) for error in said if text in error.detail] == [("port.tf", 2)]


def test_a_number_that_python_does_not_read(small: Terraform) -> None:
    """Is a number of five thousand digits, in the plan and in the state, said to be the submission's own?"""
    (small.directory / "port.tf").write_text('output "port" {\n  value = 1e5000\n}\n')
    plan = small.directory / "plan"
    assert small.plan(plan, variables={"environment": "dev"}).ok
    with pytest.raises(SubmissionError, match=r"A number of the plan has more digits than are read \(4300\)"):
        small.show(plan)
    assert small.apply(plan).ok
    with pytest.raises(SubmissionError, match="A number of the state has more digits"):
        small.state()
