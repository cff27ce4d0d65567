"""The learner's own deployment: the working copy, applied to an account that stays while the engine runs.

It lies outside the working copy (a state file is nothing to hand in), one directory a working copy, and belongs to one
run of the engine: when that ends, its accounts are gone, and what was deployed is applied again to a fresh one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.deployment.record import DeploymentStore, still_there, store, stores
from lab.deployment.work import (
    ENVIRONMENT,
    FORGOTTEN,
    Deployment,
    Means,
    RefusedError,
    Work,
    task_definitions,
)
from lab_env.errors import LabError

if TYPE_CHECKING:
    from lab_env.engine import Account, Engine
    from lab_env.submission import Submission
    from lab_env.terraform import Event, LanePool, RunResult

__all__ = [
    "ENVIRONMENT",
    "Deployment",
    "Destroyed",
    "NotDeployedError",
    "Planned",
    "RefusedError",
    "account",
    "bring_back",
    "deploy",
    "destroy",
    "directory",
    "forget",
    "forget_all",
    "plan",
    "state",
]


class NotDeployedError(LabError):
    """Something needs a deployment, and there is none."""

    exit_code = 1


@dataclass(frozen=True)
class Planned:
    """A plan that was not applied.

    :param document: the plan as ``terraform show -json`` writes it.
    """

    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Destroyed:
    """What was destroyed; ``run`` is None when there was nothing to destroy."""

    run: RunResult | None


def deploy(
    root: Path,
    *,
    engine_spec: str,
    plain: bool,
    note: Callable[[str], None],
    lanes: LanePool | None = None,
    on_event: Callable[[Event], None] | None = None,
    again: bool = False,
) -> Deployment:
    """Deploys the working copy unless just these files are deployed already; changed files are applied over the old.

    :param note: gets a line when something slow begins, or the engine was restarted meanwhile.
    :param lanes: whose warm lane to take; one is started for this without, unless it is to be ``plain``.
    :param on_event: told what Terraform does.
    :param again: plan and apply in any case, as something may have changed outside Terraform.
    :raises RefusedError: the files are refused by the gate or by Terraform.
    :raises EngineError: no engine.
    :raises TerraformError: no Terraform or provider.
    """
    submission = _accepted(root)
    with _at_work(root, engine_spec, Means(plain, note, lanes, on_event)) as work:
        if work.record is not None and work.record.digest == submission.digest and not again:
            account = work.account(work.record)
            return Deployment(work.engine, account, task_definitions(work.store), fresh=False)
        note(FORGOTTEN if work.forgotten else f"Deploying the working copy as {ENVIRONMENT} to a practice account …")
        return work.apply(submission)


def plan(
    root: Path,
    *,
    engine_spec: str,
    note: Callable[[str], None],
    plain: bool = False,
    lanes: LanePool | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Planned:
    """What applying the working copy would do to what is deployed; nothing is changed.

    When the engine was restarted, what was deployed is applied again first. The parameters and errors are those of :func:`deploy`.
    """
    submission = _accepted(root)
    with _at_work(root, engine_spec, Means(plain, note, lanes, on_event)) as work:
        work.bring_back()
        with work.prepared(submission) as prepared:
            return Planned(prepared.plan())


def destroy(
    root: Path,
    *,
    engine_spec: str,
    note: Callable[[str], None],
    plain: bool = False,
    lanes: LanePool | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Destroyed:
    """Destroys what is deployed. The next deployment gets a fresh account: in this one, the secret's name stays taken.

    The parameters and errors are those of :func:`deploy`.
    """
    with _at_work(root, engine_spec, Means(plain, note, lanes, on_event)) as work:
        if work.forgotten:
            note("The engine was restarted and has forgotten your account: nothing is left to destroy.")
        run = work.destroy() if work.record is not None else None
        work.store.clear()
        return Destroyed(run)


def bring_back(
    root: Path, *, engine_spec: str, note: Callable[[str], None], lanes: LanePool | None = None, plain: bool = False
) -> None:
    """Applies what was deployed again when the engine was restarted; does nothing when it was not, or nothing was deployed."""
    with _at_work(root, engine_spec, Means(plain, note, lanes, None)) as work:
        work.bring_back()


def state(root: Path) -> Mapping[str, Any] | None:
    """The deployment's ``terraform.tfstate``, parsed; None before the first deployment and after a destroy."""
    return store(root).state()


def account(root: Path, engine: Engine) -> Account:
    """The account that the working copy is deployed in.

    :raises NotDeployedError: it is not.
    """
    from lab_env.engine import Account

    record = store(root).record()
    if record is None:
        raise NotDeployedError("Nothing is deployed yet.", next_step="Apply your files first.")
    return Account(id=record.account, endpoint=engine.endpoint)


def directory(root: Path) -> Path | None:
    """Where Terraform ran for this working copy: its state and saved plans lie there; None before the first time."""
    found = store(root).workspace
    return found if found.is_dir() else None


def forget(root: Path) -> None:
    """The next deployment of this working copy gets a fresh account."""
    _forget(store(root))


def forget_all() -> None:
    """So does that of every working copy."""
    if stores().is_dir():
        for path in stores().iterdir():
            if path.is_dir():
                _forget(DeploymentStore(path))


def _forget(known: DeploymentStore) -> None:
    known.clear()
    shutil.rmtree(known.directory, ignore_errors=True)


@contextmanager
def _at_work(root: Path, engine_spec: str, means: Means) -> Iterator[Work]:
    """The working copy's deployment, for one command at a time."""
    from filelock import FileLock

    from lab_env import engine as engines

    engine = engines.connect(engine_spec)
    place = store(root)
    place.directory.mkdir(parents=True, exist_ok=True)
    with engines.using(engine), FileLock(place.directory.with_suffix(".lock")):
        known = place.record()
        there = known is not None and still_there(known, engine)
        yield Work(place, engine, means, known if there else None, forgotten=known is not None and not there)


def _accepted(root: Path) -> Submission:
    """The working copy, which the gate accepts.

    :raises RefusedError: it does not.
    """
    from graders import gate
    from lab_env.submission import load_submission

    submission = load_submission(root)
    report = gate.check(submission)
    if report.accepted:
        return submission
    raise RefusedError(
        f"The working copy is not accepted: {report.violations[0]}",
        next_step="Run `lab check`.",
        diagnostics=report.violations,
    )
