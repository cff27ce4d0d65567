"""One command on a learner's deployment: Terraform on a copy of the files that goes on from the deployment's state."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.deployment.record import STATE, DeploymentStore, Record, made_on
from lab_env.errors import SubmissionError

if TYPE_CHECKING:
    from graders.model import SourceDiagnostic
    from lab_env.engine import Account, Engine
    from lab_env.submission import Submission
    from lab_env.terraform import Event, Lane, LanePool, RunResult, Terraform, Toolchain
    from lab_env.workspace import Workspace

ENVIRONMENT = "dev"
FORGOTTEN = (
    "The engine was restarted and has forgotten your account, so your files are applied again to a fresh one; "
    "a password that you rotated is gone."
)


class RefusedError(SubmissionError):
    """The gate or Terraform refuses the working copy.

    :param diagnostics: all that is wrong, each at the learner's own file and line; the message tells the first.
    """

    def __init__(self, message: str, *, next_step: str, diagnostics: Sequence[SourceDiagnostic] = ()) -> None:
        first = diagnostics[0] if diagnostics else None
        super().__init__(
            message,
            next_step=next_step,
            path=first.path if first else None,
            line=first.line if first else None,
        )
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True)
class Deployment:
    """A deployed working copy.

    :param fresh: it was applied just now.
    :param document: the plan that was applied, if it was.
    :param applied: what came of it, if it was.
    """

    engine: Engine
    account: Account
    task_definitions: tuple[str, ...]
    fresh: bool
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    applied: RunResult | None = None


@dataclass(frozen=True)
class Prepared:
    """An initialised copy of the working copy, which goes on from the deployment's state."""

    terraform: Terraform
    workspace: Workspace
    on_event: Callable[[Event], None] | None

    def plan(self) -> Mapping[str, Any]:
        """Plans it and holds the plan against the gate's list.

        :raises RefusedError: Terraform cannot plan it, or it would make what the lab does not allow.
        """
        from graders.evidence.planning import plan_environments

        documents: list[Mapping[str, Any]] = []
        planned = plan_environments(
            self.terraform,
            self.workspace,
            (ENVIRONMENT,),
            on_event=self.on_event,
            on_document=documents.append,
        )
        require(planned.errors)
        if planned.violations:
            raise RefusedError(
                f"The plan holds what the lab does not allow: {planned.violations[0]}", next_step="Run `lab check`."
            )
        return documents[0]


@dataclass(frozen=True)
class Means:
    """How Terraform is run, and who is told."""

    plain: bool
    note: Callable[[str], None]
    lanes: LanePool | None
    on_event: Callable[[Event], None] | None

    def toolchain(self) -> Toolchain:
        from lab_env.terraform import find_toolchain

        return self.lanes.toolchain if self.lanes is not None else find_toolchain(on_progress=self.note)

    @contextmanager
    def lane(self, toolchain: Toolchain) -> Iterator[Lane | None]:
        """A lane for one run; None: take the plain path."""
        from lab_env.terraform import LanePool

        if self.plain:
            yield None
        elif self.lanes is not None:
            with self.lanes.lane() as lane:
                yield lane
        else:
            with LanePool(1, toolchain=toolchain, on_notice=self.note) as pool, pool.lane() as lane:
                yield lane


@dataclass
class Work:
    """One command on a deployment, with its lock held.

    :param record: of the deployment, None when there is none (any more).
    :param forgotten: there was one, on an engine that was restarted since.
    """

    store: DeploymentStore
    engine: Engine
    means: Means
    record: Record | None
    forgotten: bool

    def account(self, record: Record | None) -> Account:
        """That of a record; the working copy's next one without."""
        from lab_env.engine import Account

        return Account(record.account, self.engine.endpoint) if record else self.store.next_account(self.engine)

    @contextmanager
    def prepared(self, submission: Submission, account: Account | None = None) -> Iterator[Prepared]:
        """The submission beside what is deployed, ready to be planned; its directory is gone afterwards unless adopted."""
        from graders.evidence.planning import learner_diagnostics
        from lab_env import workspace as workspaces
        from lab_env.terraform import Terraform

        toolchain = self.means.toolchain()
        fresh = self.store.directory / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        workspace = workspaces.create(
            submission,
            fresh,
            account=account or self.account(self.record),
            environments=(ENVIRONMENT,),
            provider_version=toolchain.provider_version,
        )
        try:
            if self.record is not None:
                shutil.copyfile(self.store.workspace / STATE, fresh / STATE)
            with self.means.lane(toolchain) as lane:
                terraform = Terraform(fresh, toolchain=toolchain, lane=lane, endpoint=self.engine.endpoint)
                require(learner_diagnostics(terraform.init(), workspace))
                yield Prepared(terraform, workspace, self.means.on_event)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def apply(self, submission: Submission, digest: str | None = None) -> Deployment:
        """Plans and applies; the old state is kept until that has worked.

        :param digest: what the record is to have; the submission's own without.
        """
        from graders.evidence.planning import PLAN_FILE, learner_diagnostics

        account = self.account(self.record)
        with self.prepared(submission, account) as prepared:
            document = prepared.plan()
            self.means.note("Applying …")
            with self._whole_or_gone():
                applied = prepared.terraform.apply(
                    prepared.terraform.directory / PLAN_FILE, on_event=self.means.on_event
                )
            # What an apply has made is in its state even when it failed on the way; the next one goes on from there.
            if (prepared.terraform.directory / STATE).exists():
                self.store.adopt(prepared.terraform.directory)
                done = (digest or submission.digest) if applied.ok else ""
                self.record = made_on(self.engine, digest=done, account=account.id, before=self.record)
                self.store.remember(self.record)
            require(learner_diagnostics(applied, prepared.workspace))
        return Deployment(self.engine, account, task_definitions(self.store), True, document, applied)

    def bring_back(self) -> None:
        """Applies what was deployed again, when the engine has forgotten it."""
        from lab_env.submission import load_submission
        from lab_env.workspace import SUBMISSION_DIR

        if not self.forgotten:
            return
        self.means.note(FORGOTTEN)
        old = self.store.record()
        submission = load_submission(self.store.workspace / SUBMISSION_DIR)
        self.apply(submission, old.digest if old else None)
        self.forgotten = False

    def destroy(self) -> RunResult:
        """Destroys what the state has, by the files that made it."""
        from graders.evidence.planning import learner_diagnostics
        from lab_env.submission import load_submission
        from lab_env.terraform import Terraform
        from lab_env.workspace import SUBMISSION_DIR, Workspace

        toolchain = self.means.toolchain()
        submission = load_submission(self.store.workspace / SUBMISSION_DIR)
        workspace = Workspace(self.store.workspace, submission, self.account(self.record), submission.module_dir)
        with self.means.lane(toolchain) as lane, self._whole_or_gone():
            terraform = Terraform(self.store.workspace, toolchain=toolchain, lane=lane, endpoint=self.engine.endpoint)
            require(learner_diagnostics(terraform.init(), workspace))
            run = terraform.destroy(on_event=self.means.on_event)
        require(learner_diagnostics(run, workspace))
        return run

    @contextmanager
    def _whole_or_gone(self) -> Iterator[None]:
        """What is cut off leaves things that no state file names: the next deployment begins in a fresh account then."""
        try:
            yield
        except RefusedError:
            raise
        except BaseException:
            self.store.clear()
            raise


def require(errors: tuple[SourceDiagnostic, ...]) -> None:
    """:raises RefusedError: there are errors."""
    if not errors:
        return
    raise RefusedError(
        f"Terraform refuses the working copy: {errors[0]}",
        next_step="Correct it, then run `lab check`.",
        diagnostics=errors,
    )


def task_definitions(place: DeploymentStore) -> tuple[str, ...]:
    """ARNs of the task definitions in the state, in address order."""
    from graders.evidence.deploy_reader import state_resources

    found = [one for one in state_resources(place.state() or {}) if one.type == "aws_ecs_task_definition"]
    return tuple(str(one.attributes["arn"]) for one in sorted(found, key=lambda one: one.address))
