"""The learner's own deployment: the working copy, applied to an account that stays while the engine runs.

It lies outside the working copy (a state file is nothing to hand in), one directory a working copy, and belongs to one
run of the engine: when that ends, its accounts are gone and so is this.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab_env.errors import SubmissionError

if TYPE_CHECKING:
    from graders.evidence.plan import PlanDiagnostic
    from lab_env.engine import Account, Engine
    from lab_env.submission import Submission
    from lab_env.terraform import Lane, Toolchain
    from lab_env.workspace import Workspace

ENVIRONMENT = "dev"
_RECORD = "record.json"
_WORKSPACE = "workspace"
_STATE = "terraform.tfstate"


@dataclass(frozen=True)
class Record:
    """What is deployed where.

    :param digest: of the files that were applied.
    :param instance: of the engine: its endpoint and when it started, as another run of it has other accounts.
    :param account: 12 digits.
    """

    digest: str
    instance: str
    account: str


@dataclass(frozen=True)
class Deployment:
    """A deployed working copy. ``fresh``: it was applied just now."""

    engine: Engine
    account: Account
    task_definitions: tuple[str, ...]
    fresh: bool


def deploy(root: Path, *, engine_spec: str, plain: bool, note: Callable[[str], None]) -> Deployment:
    """Deploys the working copy unless just these files are deployed already; changed files are applied over the old.

    :param note: gets a line when something slow begins.
    :raises SubmissionError: the files are refused by the gate or by Terraform.
    :raises EngineError: no engine.
    :raises TerraformError: no Terraform or provider.
    """
    from filelock import FileLock

    from graders import gate
    from lab_env import engine as engines
    from lab_env.engine import Account
    from lab_env.submission import load_submission

    submission = load_submission(root)
    report = gate.check(submission)
    if not report.accepted:
        first = report.violations[0]
        raise SubmissionError(
            f"The working copy is not accepted: {first}", next_step="Run `lab check`.", path=first.path, line=first.line
        )
    engine = engines.connect(engine_spec)
    place = _place(root)
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_suffix(".lock")):
        record = _read(place)
        instance = _instance(engine)
        if record is not None and record.instance == instance:
            account = Account(id=record.account, endpoint=engine.endpoint)
            if record.digest == submission.digest:
                return Deployment(engine, account, _task_definitions(place / _WORKSPACE), fresh=False)
        else:
            account = engines.fresh_account(engine)
            shutil.rmtree(place / _WORKSPACE, ignore_errors=True)
        note(f"Deploying the working copy as {ENVIRONMENT} to a practice account …")
        _apply(submission, place, account, plain=plain, note=note)
        _write(place, Record(submission.digest, instance, account.id))
    return Deployment(engine, account, _task_definitions(place / _WORKSPACE), fresh=True)


def forget(root: Path) -> None:
    """The next deployment of this working copy gets a fresh account."""
    shutil.rmtree(_place(root), ignore_errors=True)


def forget_all() -> None:
    """So does that of every working copy."""
    shutil.rmtree(_places(), ignore_errors=True)


def _apply(submission: Submission, place: Path, account: Account, *, plain: bool, note: Callable[[str], None]) -> None:
    """Plans, holds the plan against the gate's list, and applies it; the old state is kept until that has worked."""
    from graders.evidence.planning import PLAN_FILE, learner_diagnostics, plan_environments
    from lab_env import workspace as workspaces
    from lab_env.terraform import Terraform, find_toolchain

    toolchain = find_toolchain(on_progress=note)
    fresh = place / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    workspace = workspaces.create(
        submission, fresh, account=account, environments=(ENVIRONMENT,), provider_version=toolchain.provider_version
    )
    old_state = place / _WORKSPACE / _STATE
    if old_state.exists():
        shutil.copyfile(old_state, fresh / _STATE)
    with _lane(toolchain, plain=plain, note=note) as lane:
        terraform = Terraform(fresh, toolchain=toolchain, lane=lane)
        _require(learner_diagnostics(terraform.init(), workspace))
        planned = plan_environments(terraform, workspace, (ENVIRONMENT,))
        _require(planned.errors)
        if planned.violations:
            raise SubmissionError(
                f"The plan holds what the lab does not allow: {planned.violations[0]}", next_step="Run `lab check`."
            )
        note("Applying …")
        applied = terraform.apply(fresh / PLAN_FILE)
    # What an apply has made is in its state even when it failed on the way; the next one goes on from there.
    _adopt(workspace, place)
    _require(learner_diagnostics(applied, workspace))


@contextmanager
def _lane(toolchain: Toolchain, *, plain: bool, note: Callable[[str], None]) -> Iterator[Lane | None]:
    if plain:
        yield None
        return
    from lab_env.terraform import LanePool

    with LanePool(1, toolchain=toolchain, on_notice=note) as pool, pool.lane() as lane:
        yield lane


def _adopt(workspace: Workspace, place: Path) -> None:
    shutil.rmtree(place / _WORKSPACE, ignore_errors=True)
    workspace.directory.rename(place / _WORKSPACE)


def _require(errors: tuple[PlanDiagnostic, ...]) -> None:
    """:raises SubmissionError: there are errors; the first one is told, with its place."""
    if not errors:
        return
    first = errors[0]
    place = f"{first.path}, line {first.line}: " if first.path else ""
    detail = f" {first.detail}" if first.detail else ""
    raise SubmissionError(
        f"Terraform refuses the working copy: {place}{first.summary}.{detail}",
        next_step="Correct it, then run `lab check`.",
        path=first.path,
        line=first.line,
    )


def _task_definitions(directory: Path) -> tuple[str, ...]:
    """ARNs of the task definitions in the state, in address order."""
    from graders.evidence.deploy_reader import state_resources

    state = json.loads((directory / _STATE).read_bytes())
    found = [one for one in state_resources(state) if one.type == "aws_ecs_task_definition"]
    return tuple(str(one.attributes["arn"]) for one in sorted(found, key=lambda one: one.address))


def _instance(engine: Engine) -> str:
    from lab_env import engine as engines

    since = engines.status().since if engine.name == "embedded" else None
    return f"{engine.endpoint} since {since}"


def _places() -> Path:
    from lab_env.engine import state

    return state.directory() / "deployments"


def _place(root: Path) -> Path:
    return _places() / hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _read(place: Path) -> Record | None:
    """The record, or None when there is none, it is broken, or its state file is gone."""
    try:
        document = json.loads((place / _RECORD).read_text(encoding="utf-8"))
        json.loads((place / _WORKSPACE / _STATE).read_bytes())
        return Record(**document)
    except (OSError, ValueError, TypeError):
        return None


def _write(place: Path, record: Record) -> None:
    from graders.report.files import write_atomically

    write_atomically(place / _RECORD, json.dumps(asdict(record), indent=2) + "\n")
