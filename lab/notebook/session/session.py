"""One kernel's session: its place, engine, Terraform and warm lane, and the learner's deployment.

Nothing is started before it is needed. What was started ends with the kernel.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import deployment
from lab.notebook.session import place as places
from lab.notebook.session.place import NotebookDirectory
from lab_env import settings

if TYPE_CHECKING:
    from graders.assignment import Rules
    from graders.model import Depth, SubmissionResult
    from lab_env.engine import Account, Engine
    from lab_env.events import Notice
    from lab_env.terraform import Event, Lane, LanePool, RunResult, Toolchain

Note = Callable[[str], None]
"""Gets a line for people when something slow begins, or something unusual was found."""


class KernelSession:
    """:param engine_spec: as :func:`lab_env.engine.connect` takes it."""

    def __init__(self, place: NotebookDirectory, engine_spec: str = "embedded") -> None:
        self.place = place
        self.engine_spec = engine_spec
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
            plain=False,
            note=note,
            lanes=self.lanes,
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
            self._files(), engine_spec=self.engine_spec, note=note, lanes=self.lanes, on_event=on_event
        )
        self._say(note)
        return made

    def destroy(self, note: Note, *, on_event: Callable[[Event], None] | None = None) -> RunResult | None:
        """Destroy what is deployed; the next apply gets a fresh account.

        :raises SubmissionError: Terraform could not destroy all of it.
        """
        made = deployment.destroy(
            self.place.files, engine_spec=self.engine_spec, note=note, lanes=self.lanes, on_event=on_event
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
        deployment.bring_back(self.place.files, engine_spec=self.engine_spec, note=note, lanes=self.lanes)

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
            raise UsageError(
                "The workspace is empty: no cell has written a file yet.",
                next_step="Run the %%hcl cells, from notebook 00 on.",
            )
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


@cache
def current() -> KernelSession:
    """Give this kernel's session; it is made when it is first asked for.

    :raises UsageError: ``LAB_WORKSPACE`` names no directory.
    """
    session = KernelSession(places.find(os.environ, places.told_notebook()), settings.ENGINE.read())
    atexit.register(session.close)
    return session
