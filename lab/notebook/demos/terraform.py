"""Real Terraform for a demonstration: a directory and an account that are thrown away afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab_env.errors import LabError, TerraformError
from lab_env.hcl.addresses import in_module

if TYPE_CHECKING:
    from lab_env.engine import Account, Engine
    from lab_env.submission import Submission
    from lab_env.terraform import Lane, RunResult, Terraform, Toolchain
    from lab_env.workspace import Workspace


@dataclass(frozen=True)
class Bench:
    """What a demonstration works with; ``lane`` is held by whoever made the bench, None takes the plain path."""

    engine: Engine
    toolchain: Toolchain
    lane: Lane | None = None


@dataclass(frozen=True)
class Throwaway:
    """A workspace and Terraform in it."""

    account: Account
    workspace: Workspace
    terraform: Terraform

    @property
    def state(self) -> bytes:
        """The state file as it lies on the disk."""
        return (self.workspace.directory / "terraform.tfstate").read_bytes()


@contextmanager
def of_text(bench: Bench, text: str) -> Iterator[Throwaway]:
    """An initialised workspace whose module is this text, in a fresh account."""
    from lab_env.engine import fresh_account
    from lab_env.submission import load_submission

    with tempfile.TemporaryDirectory(prefix="lab-demo-") as name:
        module = Path(name) / "module"
        module.mkdir()
        (module / "main.tf").write_text(text, encoding="utf-8")
        with of_submission(bench, load_submission(module), account=fresh_account(bench.engine)) as made:
            yield made


@contextmanager
def of_submission(
    bench: Bench,
    submission: Submission,
    *,
    account: Account,
    environments: Sequence[str] = ("dev",),
    state: Mapping[str, object] | None = None,
) -> Iterator[Throwaway]:
    """An initialised workspace with a copy of a module, which goes on from ``state`` when there is one.

    :raises TerraformError: Terraform refuses the module.
    """
    import json

    from lab_env import workspace as workspaces
    from lab_env.terraform import Terraform

    with tempfile.TemporaryDirectory(prefix="lab-demo-") as name:
        workspace = workspaces.create(
            submission,
            Path(name) / "workspace",
            account=account,
            environments=environments,
            provider_version=bench.toolchain.provider_version,
        )
        if state is not None:
            (workspace.directory / "terraform.tfstate").write_text(json.dumps(state), encoding="utf-8")
        terraform = Terraform(
            workspace.directory, toolchain=bench.toolchain, lane=bench.lane, endpoint=account.endpoint
        )
        require(terraform.init())
        yield Throwaway(account, workspace, terraform)


def require(run: RunResult) -> RunResult:
    """The run, when it went well.

    :raises TerraformError: it did not; with Terraform's first error.
    """
    if run.ok:
        return run
    first = run.errors[0]
    raise TerraformError(f"terraform {run.command} failed: {first.summary}. {first.detail}".strip())


def changes(run: RunResult, resource_type: str) -> tuple[tuple[str, str], ...]:
    """What a plan would do to resources of a type: address in the module and action, without those it leaves alone."""
    return tuple(
        (in_module(change.address), change.action)
        for change in run.changes
        if change.resource_type == resource_type and change.action not in ("noop", "no-op", "read")
    )


class DemoError(LabError):
    """A demonstration cannot be shown now; says what it needs."""

    exit_code = 1
