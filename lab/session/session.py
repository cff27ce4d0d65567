"""One session of a learner's, a kernel's or a command's: its place, engine, Terraform and warm lane, and the deployment.

Nothing is started before it is needed. What was started ends with the process.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lab import deployment
from lab.session import place as places
from lab.session.place import NotebookDirectory, Place, WorkingCopy
from lab_env import settings

if TYPE_CHECKING:
    from graders.assignment import Rules
    from graders.model import Depth, SubmissionResult
    from lab_env.engine import Account, Engine
    from lab_env.events import Notice
    from lab_env.terraform import Event, Lane, LanePool, RunResult, Toolchain

P_co = TypeVar("P_co", bound=Place, covariant=True)
Note = Callable[[str], None]
"""Gets a line for people when something slow begins, or something unusual was found."""


class Session(Generic[P_co]):
    """:param engine_spec: as :func:`lab_env.engine.connect` takes it.

    :param plain: call Terraform plainly, without a warm lane.
    """

    def __init__(self, place: P_co, engine_spec: str = "embedded", *, plain: bool = False) -> None:
        self.place = place
        self.engine_spec = engine_spec
        self._plain = plain
        self._lock = threading.Lock()
        self._toolchain: Toolchain | None = None
        self._pool: LanePool | None = None
        self._unsaid: list[str] = []
        self._seen: dict[tuple[str, str], SubmissionResult] = {}
        self._asked: Rules | None = None

    @property
    def rules(self) -> Rules:
        """What is asked of this learner, as the directory says it now.

        :raises UsageError: the course gives each learner values of their own, and nobody has said whose these are.
        """
        from lab import assignment

        return assignment.rules(self.place.root)

    # -- what it stands on --------------------------------------------------------------------------------------------

    def engine(self) -> Engine:
        """Connect the engine, which is started when it does not run.

        :raises EngineError: there is none.
        """
        from lab_env import engine as engines

        return engines.connect(self.engine_spec)

    @property
    def toolchain(self) -> Toolchain:
        """Terraform and the provider.

        :raises TerraformError: one is missing.
        """
        with self._lock:
            return self._found()

    @property
    def lanes(self) -> LanePool:
        """The pool of one lane that this kernel keeps warm."""
        from lab_env.terraform import LanePool

        with self._lock:
            if self._pool is None:
                self._pool = LanePool(1, toolchain=self._found(), on_event=self._hear)
            return self._pool

    @property
    def _warm_lanes(self) -> LanePool | None:
        return None if self._plain else self.lanes

    def warm(self) -> None:
        """Start the lane and the engine in the background, unless they are there: soon they will be needed."""
        if self._pool is None:
            threading.Thread(target=self._warm, name="warm-session", daemon=True).start()

    @contextmanager
    def lane(self, note: Note) -> Iterator[Lane | None]:
        """Lend the warm lane for one run; None: take the plain path.

        :param note: gets a line when no lane can be started.
        """
        with self.lanes.lane() as lane:
            self._say(note)
            yield lane

    def close(self) -> None:
        """End what this session has started; it may be used again."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    # -- the learner's deployment ----------------------------------------------------------------------------------

    def deployed(self, note: Note) -> deployment.Deployment:
        """Deploy the workspace's files unless just these are deployed already.

        An engine that was restarted has forgotten the account: then the files are applied again to a fresh one, and ``note``
        gets a line that says so.

        :raises SubmissionError: the files are refused by the gate or by Terraform.
        :raises EngineError: no engine.
        :raises TerraformError: no Terraform or provider.
        """
        return self.apply(note, again=False)

    def apply(
        self, note: Note, *, again: bool = True, on_event: Callable[[Event], None] | None = None
    ) -> deployment.Deployment:
        """Plan and apply the workspace's files.

        :param again: also when just these files are deployed: something may have changed outside Terraform.
        :raises SubmissionError: as for :meth:`deployed`.
        """
        made = deployment.deploy(
            self._files(),
            engine_spec=self.engine_spec,
            plain=self._plain,
            note=note,
            lanes=self._warm_lanes,
            on_event=on_event,
            again=again,
        )
        self._say(note)
        return made

    def plan(self, note: Note, *, on_event: Callable[[Event], None] | None = None) -> Mapping[str, Any]:
        """Plan what an apply would do.

        :raises SubmissionError: as for :meth:`deployed`.
        """
        made = deployment.plan(
            self._files(),
            engine_spec=self.engine_spec,
            plain=self._plain,
            note=note,
            lanes=self._warm_lanes,
            on_event=on_event,
        )
        self._say(note)
        return made

    def destroy(self, note: Note, *, on_event: Callable[[Event], None] | None = None) -> RunResult | None:
        """Destroy what is deployed; the next apply gets a fresh account.

        :raises SubmissionError: Terraform could not destroy all of it.
        """
        made = deployment.destroy(
            self.place.files,
            engine_spec=self.engine_spec,
            plain=self._plain,
            note=note,
            lanes=self._warm_lanes,
            on_event=on_event,
        )
        self._say(note)
        return made

    def workspace_state(self) -> Mapping[str, Any] | None:
        """Read the deployment's ``terraform.tfstate``; None before the first apply and after a destroy."""
        return deployment.state(self.place.files)

    def deployment_directory(self) -> Path | None:
        """Find where Terraform ran: the deployment's state and saved plan lie there; None before the first time."""
        return deployment.directory(self.place.files)

    def bring_back(self, note: Note) -> None:
        """Apply what was deployed again, if the engine was restarted since; do nothing otherwise."""
        deployment.bring_back(
            self.place.files, engine_spec=self.engine_spec, plain=self._plain, note=note, lanes=self._warm_lanes
        )

    @property
    def account(self) -> Account:
        """The account in which the workspace's files are deployed.

        :raises NotDeployedError: there is none yet.
        :raises EngineError: no engine.
        """
        return deployment.account(self.place.files, self.engine())

    def client(self, service: str) -> Any:
        """Make a boto3 client of ``service`` in that account, with the rights of its root.

        :raises NotDeployedError: there is none yet.
        """
        from lab_env.engine import sessions

        return sessions.client(self.account, service)

    # -- verdicts -----------------------------------------------------------------------------------------------------

    def known(self, depth: Depth) -> tuple[SubmissionResult, Depth] | None:
        """Find this session's verdicts on just these files at that depth or deeper, and how deep; the same files get the same."""
        from graders.model import Depth
        from lab_env.errors import SubmissionError
        from lab_env.submission import load_submission

        try:
            digest = load_submission(self._files()).digest
        except SubmissionError:
            return None
        if self.rules != self._asked:
            return None
        deep_enough = list(Depth)[list(Depth).index(depth) :]
        return next(((found, one) for one in deep_enough[::-1] if (found := self._seen.get((digest, one.value)))), None)

    def check(self, depth: Depth, *, on_phase: Note, note: Note) -> SubmissionResult:
        """Judge the workspace's files by the grader that everybody is graded by.

        :param on_phase: told the name of each phase as it begins.
        :raises EngineError: no engine.
        :raises TerraformError: no Terraform or provider.
        """
        from graders.batch.backends.local import LocalBackend
        from graders.batch.run_config import RunConfig
        from graders.model import Depth, SubmissionStatus
        from graders.rubric import registry
        from graders.verdicts import refused
        from lab_env.errors import SubmissionError
        from lab_env.submission import SubmissionRef, load_submission

        files, rules = self._files(), self.rules
        ref = SubmissionRef(self.place.root.name or "workspace", files)
        try:
            submission = load_submission(files, id=ref.id)
        except SubmissionError as error:
            return refused(ref.id, error, registry(rules))
        reading = depth is Depth.STATIC
        with closing(
            LocalBackend(
                RunConfig(depth=depth, engine=self.engine_spec, plain=reading),
                toolchain=None if reading else self.toolchain,
                workers=None,
                pool=None if reading else self.lanes,
                on_event=lambda notice: note(notice.text),
            )
        ) as backend:
            result = backend.grade(ref, submission, lambda phase: on_phase(phase.name), rules).result
        self._say(note)
        if result.status is not SubmissionStatus.ERROR:
            same = self._asked == rules
            self._seen = {key: kept for key, kept in self._seen.items() if same and key[0] == result.digest}
            self._asked = rules
            self._seen[result.digest, depth.value] = result
        return result

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _files(self) -> Path:
        """Find the workspace, in which something is.

        :raises UsageError: nothing was written yet.
        """
        from lab_env.errors import UsageError

        if not self.place.paths():
            raise UsageError(self.place.front.nothing, next_step=self.place.front.begin)
        return self.place.files

    def _found(self) -> Toolchain:
        from lab_env.terraform import find_toolchain

        if self._toolchain is None:
            self._toolchain = find_toolchain(on_event=self._hear)
        return self._toolchain

    def _warm(self) -> None:
        from contextlib import suppress

        from lab_env.errors import LabError

        # Whoever needs what is missing here is told so then.
        with suppress(LabError):
            self.lanes.warm_in_background()
            self.engine()

    def _hear(self, notice: Notice) -> None:
        self._unsaid.append(notice.text)

    def _say(self, note: Note) -> None:
        while self._unsaid:
            note(self._unsaid.pop(0))


@contextmanager
def in_working_copy(directory: Path | None, engine_spec: str, *, plain: bool) -> Iterator[Session[WorkingCopy]]:
    """Open the session of one command; what it has started ends with it.

    :param directory: the working copy's; the current one when left out.
    :raises UsageError: it is not there.
    """
    from lab import working_copy

    session = Session(WorkingCopy(working_copy.find(directory)), engine_spec, plain=plain)
    before = _OPENED.set(session)
    try:
        yield session
    finally:
        _OPENED.reset(before)
        session.close()


KernelSession = Session[NotebookDirectory]
"""A kernel's: its files are what the cells of a notebook have written."""
_OPENED: ContextVar[Session[Place] | None] = ContextVar("opened", default=None)
"""The one of the command that is being run, for demonstrations, whose callers have none to give."""


def current() -> Session[Place]:
    """Give the session of the command that is being run, else this kernel's.

    :raises UsageError: ``LAB_WORKSPACE`` names no directory.
    """
    return _OPENED.get() or of_kernel()


@cache
def of_kernel() -> KernelSession:
    """Give this kernel's session; it is made when it is first asked for.

    :raises UsageError: ``LAB_WORKSPACE`` names no directory.
    """
    session = KernelSession(places.find(os.environ, places.told_notebook()), settings.ENGINE.read())
    atexit.register(session.close)
    return session
