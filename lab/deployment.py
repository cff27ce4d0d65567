"""The learner's own deployment: the working copy, applied to an account that stays while the engine runs.

It lies outside the working copy (a state file is nothing to hand in), one directory a working copy, and belongs to one
run of the engine: when that ends, its accounts are gone, and what was deployed is applied again to a fresh one.

``record.json``
    :class:`Record`.
``workspace/``
    A copy of where Terraform ran: the files that were applied, its state, the last plan. It runs where the sandbox's user gets at,
    as a grading's does, and never in here, which is this user's alone.

Beside the directory ``<its name>.accounts`` counts the accounts that are not to be used again
(see :meth:`DeploymentStore.next_account`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab_env import settings
from lab_env.errors import LabError, SubmissionError, UsageError

if TYPE_CHECKING:
    from graders.model import SourceDiagnostic
    from lab_env.engine import Account, Engine
    from lab_env.events import Notice
    from lab_env.submission import Submission
    from lab_env.terraform import Event, Lane, LanePool, RunResult, Terraform, Toolchain
    from lab_env.workspace import Workspace

ENVIRONMENT = "dev"
FORGOTTEN = (
    "The engine was restarted and has forgotten your account, so your files are applied again to a fresh one; "
    "a password that you rotated is gone."
)
STATE = "terraform.tfstate"
_RECORD = "record.json"
_WORKSPACE = "workspace"
_TERRAFORMS_OWN = (".terraform", ".terraform.lock.hcl", ".scratch")
"""What Terraform, or the sandbox for it, makes anew for every run."""


class NotDeployedError(LabError):
    """Something needs a deployment, and there is none."""

    exit_code = 1


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
    """Deploy the working copy unless just these files are deployed already; changed files are applied over the old.

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
) -> Mapping[str, Any]:
    """Plan what applying the working copy would do to what is deployed; nothing is changed.

    When the engine was restarted, what was deployed is applied again first. The parameters and errors are those of :func:`deploy`.

    :return: the plan as ``terraform show -json`` writes it.
    """
    submission = _accepted(root)
    with _at_work(root, engine_spec, Means(plain, note, lanes, on_event)) as work:
        work.bring_back()
        with work.prepared(submission) as prepared:
            return prepared.plan()


def destroy(
    root: Path,
    *,
    engine_spec: str,
    note: Callable[[str], None],
    plain: bool = False,
    lanes: LanePool | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> RunResult | None:
    """Destroy what is deployed. The next deployment gets a fresh account: in this one, the secret's name stays taken.

    The parameters and errors are those of :func:`deploy`.

    :return: what Terraform did; None when nothing was deployed.
    """
    with _at_work(root, engine_spec, Means(plain, note, lanes, on_event)) as work:
        if work.forgotten:
            note("The engine was restarted and has forgotten your account: nothing is left to destroy.")
        run = work.destroy() if work.record is not None else None
        work.store.clear()
        return run


def bring_back(
    root: Path, *, engine_spec: str, note: Callable[[str], None], lanes: LanePool | None = None, plain: bool = False
) -> None:
    """Apply what was deployed again when the engine was restarted; does nothing when it was not, or nothing was deployed."""
    with _at_work(root, engine_spec, Means(plain, note, lanes, None)) as work:
        work.bring_back()


def state(root: Path) -> Mapping[str, Any] | None:
    """Read the deployment's ``terraform.tfstate``; None before the first deployment and after a destroy."""
    return store(root).state()


def account(root: Path, engine: Engine) -> Account:
    """Find the account that the working copy is deployed in.

    :raises NotDeployedError: it is not.
    """
    from lab_env.engine import Account

    record = store(root).record()
    if record is None:
        raise NotDeployedError("Nothing is deployed yet.", next_step="Apply your files first.")
    return Account(id=record.account, endpoint=engine.endpoint)


def directory(root: Path) -> Path | None:
    """Find what is kept of where Terraform ran for this working copy: its state and saved plans; None before the first time."""
    found = store(root).workspace
    return found if found.is_dir() else None


def forget(root: Path) -> None:
    """Give the next deployment of this working copy a fresh account."""
    _forget(store(root))


def forget_all() -> None:
    """Do so for every working copy."""
    if stores().is_dir():
        for path in stores().iterdir():
            if path.is_dir():
                _forget(DeploymentStore(path))


def _forget(known: DeploymentStore) -> None:
    known.clear()
    shutil.rmtree(known.directory, ignore_errors=True)


@contextmanager
def _at_work(root: Path, engine_spec: str, means: Means) -> Iterator[Work]:
    """Hold the working copy's deployment, for one command at a time."""
    from filelock import FileLock

    from lab_env import engine as engines

    engine = engines.connect(engine_spec)
    place = store(root)
    place.make()
    with engines.using(engine), FileLock(place.directory.with_suffix(".lock")):
        known = place.record()
        there = known is not None and still_there(known, engine)
        yield Work(place, engine, means, known if there else None, forgotten=known is not None and not there)


def _accepted(root: Path) -> Submission:
    """Read the working copy, which the gate accepts.

    :raises RefusedError: it does not.
    :raises UnreadError: Terraform reads it and the grader does not, which is no mistake.
    """
    from graders import gate
    from lab_env.submission import load_submission

    submission = load_submission(root)
    report = gate.check(submission)
    report.require_read()
    if report.accepted:
        return submission
    raise RefusedError(
        f"The working copy is not accepted: {report.violations[0]}",
        next_step="Run `lab check`.",
        diagnostics=report.violations,
    )


@dataclass(frozen=True)
class Prepared:
    """An initialised copy of the working copy, which goes on from the deployment's state."""

    terraform: Terraform
    workspace: Workspace
    on_event: Callable[[Event], None] | None

    def plan(self) -> Mapping[str, Any]:
        """Plan it and hold the plan against the gate's list.

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

    def _hear(self, notice: Notice) -> None:
        self.note(notice.text)

    def toolchain(self) -> Toolchain:
        from lab_env.terraform import find_toolchain

        return self.lanes.toolchain if self.lanes is not None else find_toolchain(on_event=self._hear)

    @contextmanager
    def lane(self, toolchain: Toolchain) -> Iterator[Lane | None]:
        """Take a lane for one run; None: take the plain path."""
        from lab_env.terraform import LanePool

        if self.plain:
            yield None
        elif self.lanes is not None:
            with self.lanes.lane() as lane:
                yield lane
        else:
            with LanePool(1, toolchain=toolchain, on_event=self._hear) as pool, pool.lane() as lane:
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
        """Find that of a record; the working copy's next one without."""
        from lab_env.engine import Account

        return Account(record.account, self.engine.endpoint) if record else self.store.next_account(self.engine)

    @contextmanager
    def prepared(self, submission: Submission, account: Account | None = None) -> Iterator[Prepared]:
        """Put the submission and the state of what is deployed into a directory of their own, ready to be planned."""
        from graders.evidence.planning import learner_diagnostics
        from lab_env import workspace as workspaces
        from lab_env.sandbox import run_directory
        from lab_env.terraform import Terraform

        toolchain = self.means.toolchain()
        with run_directory() as directory:
            workspace = workspaces.create(
                submission,
                directory,
                account=account or self.account(self.record),
                environments=(ENVIRONMENT,),
                provider_version=toolchain.provider_version,
            )
            if self.record is not None:
                shutil.copyfile(self.store.workspace / STATE, directory / STATE)
            with self.means.lane(toolchain) as lane:
                terraform = Terraform(directory, toolchain=toolchain, lane=lane, endpoint=self.engine.endpoint)
                require(learner_diagnostics(terraform.init(), workspace))
                yield Prepared(terraform, workspace, self.means.on_event)

    def apply(self, submission: Submission, digest: str | None = None) -> Deployment:
        """Plan and apply; the old state is kept until that has worked.

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
                    self.store.keep(prepared.terraform.directory)
                    done = (digest or submission.digest) if applied.ok else ""
                    self.record = made_on(self.engine, digest=done, account=account.id, before=self.record)
                    self.store.remember(self.record)
            require(learner_diagnostics(applied, prepared.workspace))
        return Deployment(self.engine, account, task_definitions(self.store), True, document, applied)

    def bring_back(self) -> None:
        """Apply what was deployed again, when the engine has forgotten it."""
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
        """Destroy what the state has, by the files that made it; what could not be destroyed stays in the state that is kept."""
        from graders.evidence.planning import learner_diagnostics
        from lab_env.sandbox import run_directory
        from lab_env.submission import load_submission
        from lab_env.terraform import Terraform
        from lab_env.workspace import SUBMISSION_DIR, Workspace

        toolchain = self.means.toolchain()
        submission = load_submission(self.store.workspace / SUBMISSION_DIR)
        with run_directory() as directory:
            copy_files(self.store.workspace, directory)
            workspace = Workspace(directory, submission, self.account(self.record), submission.module_dir)
            with self.means.lane(toolchain) as lane, self._whole_or_gone():
                terraform = Terraform(directory, toolchain=toolchain, lane=lane, endpoint=self.engine.endpoint)
                require(learner_diagnostics(terraform.init(), workspace))
                run = terraform.destroy(on_event=self.means.on_event)
            if not run.ok:
                self.store.keep(directory)
            require(learner_diagnostics(run, workspace))
            return run

    @contextmanager
    def _whole_or_gone(self) -> Iterator[None]:
        """Clear the store when it is cut off: things that no state file names are left, so the next one needs a fresh account."""
        try:
            yield
        except RefusedError:
            raise
        except BaseException:
            self.store.clear()
            raise


def require(errors: tuple[SourceDiagnostic, ...]) -> None:
    """Raise what Terraform told.

    :raises RefusedError: there are errors.
    """
    if not errors:
        return
    raise RefusedError(
        f"Terraform refuses the working copy: {errors[0]}",
        next_step="Correct it, then run `lab check`."
        if placed(errors)
        else "Run `lab check`; when it finds nothing wrong, run `lab doctor`.",
        diagnostics=errors,
    )


def placed(errors: Sequence[SourceDiagnostic]) -> bool:
    """Whether the first error stands at a line or a resource of the learner's; else it need not be about their files at all."""
    return errors[0].path is not None or errors[0].address is not None


def task_definitions(store: DeploymentStore) -> tuple[str, ...]:
    """List the ARNs of the task definitions in the state, in address order."""
    from graders.evidence.deploy_reader import state_resources

    found = [one for one in state_resources(store.state() or {}) if one.type == "aws_ecs_task_definition"]
    return tuple(str(one.attributes["arn"]) for one in sorted(found, key=lambda one: one.address))


@dataclass(frozen=True)
class Record:
    """What is deployed where.

    :param digest: of the files that were applied; empty when that failed on the way.
    :param instance: of the engine: its endpoint and when it started, as another run of it has other accounts.
    :param account: 12 digits.
    :param sentinel: account and name of a sentinel on an engine that does not tell when it started; empty otherwise.
    """

    digest: str
    instance: str
    account: str
    sentinel: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class DeploymentStore:
    """One working copy's directory.

    :param directory: of ours; it may not exist yet.
    """

    directory: Path

    @property
    def workspace(self) -> Path:
        """A copy of where Terraform ran last, with its state."""
        return self.directory / _WORKSPACE

    def record(self) -> Record | None:
        """Read the record, or None when there is none, it is broken, or its state file is gone."""
        try:
            document = json.loads((self.directory / _RECORD).read_text(encoding="utf-8"))
            json.loads((self.workspace / STATE).read_bytes())
            sentinel = document.pop("witness", ("", ""))  # as it was called once
            return Record(**{**document, "sentinel": tuple(document.get("sentinel", sentinel))})
        except (OSError, ValueError, TypeError, AttributeError):
            return None

    def remember(self, record: Record) -> None:
        """Keep ``record``, whole or not at all."""
        from lab_env.files import write_output

        write_output(self.directory / _RECORD, json.dumps(asdict(record), indent=2) + "\n")

    def state(self) -> Mapping[str, Any] | None:
        """Read the state file; None when there is none."""
        try:
            found = json.loads((self.workspace / STATE).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def make(self) -> None:
        """Make the directory, this user's alone: in a state's passwords and account nobody else has any business.

        :raises UsageError: it cannot be made.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.directory.chmod(0o700)
        except OSError as error:
            raise _not_kept(self.directory, error) from error

    def keep(self, directory: Path) -> None:
        """Make a copy of ``directory``, where nothing runs any more, the workspace from now on: whole or not at all.

        :raises UsageError: it cannot be kept.
        """
        fresh = self.directory / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            fresh.mkdir(mode=0o700)
            copy_files(directory, fresh)
            shutil.rmtree(self.workspace, ignore_errors=True)
            fresh.rename(self.workspace)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            raise _not_kept(self.directory, error) from error

    def next_account(self, engine: Engine) -> Account:
        """Choose the next deployment's account: a random one, or with ``LAB_ACCOUNT_OF`` the owner's next for this working copy."""
        from lab_env.engine import account_of, fresh_account

        owner = settings.ACCOUNT_OF.read()
        if not owner:
            return fresh_account(engine)
        return account_of(engine, f"{owner}\n{self.directory.name}\n{self._used_up()}")

    def clear(self) -> None:
        """Forget what is deployed, and the account with it: a deleted secret's name stays taken in it."""
        from lab_env.files import write_output

        if (self.directory / _RECORD).exists():
            write_output(self._count, str(self._used_up() + 1))
        (self.directory / _RECORD).unlink(missing_ok=True)
        shutil.rmtree(self.workspace, ignore_errors=True)

    @property
    def _count(self) -> Path:
        return self.directory.with_suffix(".accounts")

    def _used_up(self) -> int:
        try:
            return int(self._count.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0


def copy_files(source: Path, target: Path) -> None:
    """Copy files and directories of a workspace: ours from now on, and nobody else's to read.

    What Terraform brings itself at its next start stays behind, and so does what is no file: it may be a link, and lead anywhere.
    """
    for entry in sorted(os.scandir(source), key=lambda one: one.name):
        if entry.name in _TERRAFORMS_OWN or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            (target / entry.name).mkdir(mode=0o700)
            copy_files(Path(entry.path), target / entry.name)
        elif entry.is_file(follow_symlinks=False):
            opened = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            made = os.open(target / entry.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "rb") as read, os.fdopen(made, "wb") as written:
                shutil.copyfileobj(read, written)


def _not_kept(directory: Path, error: OSError) -> UsageError:
    return UsageError(
        f"What is deployed cannot be kept in {directory}: {error.strerror}.",
        next_step="Free some space there, or set LAB_STATE_DIR to a directory that you may write to.",
    )


def store(root: Path) -> DeploymentStore:
    """Find that of a working copy, by its path."""
    return DeploymentStore(
        stores() / hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    )


def stores() -> Path:
    """Find the directory of all of them."""
    from lab_env.engine import state

    return state.directory() / "deployments"


def made_on(engine: Engine, *, digest: str, account: str, before: Record | None) -> Record:
    """Make a record of now. ``before``: the one of the same account, whose sentinel goes on."""
    instance = _instance(engine)
    if engine.name == "embedded":
        return Record(digest, instance, account)
    if before is not None and before.account == account:
        return Record(digest, instance, account, before.sentinel)
    from lab_env.engine.keeper import leave_sentinel

    sentinel = leave_sentinel(engine)
    return Record(digest, instance, account, (sentinel.account.id, sentinel.name))


def still_there(record: Record, engine: Engine) -> bool:
    """Tell whether the engine is the one that the record was made on, and has not forgotten its accounts."""
    from lab_env.engine import Account
    from lab_env.engine.keeper import Sentinel

    if record.instance != _instance(engine):
        return False
    account, name = record.sentinel
    return not name or Sentinel(Account(account, engine.endpoint), name).is_there()


def _instance(engine: Engine) -> str:
    from lab_env import engine as engines

    since = engines.status().since if engine.name == "embedded" else None
    return f"{engine.endpoint} since {since}"
