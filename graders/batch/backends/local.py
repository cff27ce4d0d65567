"""The backend of this machine: threads of this process, each with a warm lane, on one engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from graders.batch.backends import Graded
from graders.batch.backends.turns import Turns
from graders.evidence.kept import keep
from graders.grade import grade
from graders.model import Depth, EngineInfo, Status, SubmissionResult, SubmissionStatus
from graders.rubric import Rubric, registry
from graders.verdicts import Examination, refused
from lab_env.engine import Engine
from lab_env.engine.keeper import EngineKeeper
from lab_env.errors import EngineError
from lab_env.processes import WorkerPool
from lab_env.submission import Submission, SubmissionRef
from lab_env.terraform import LanePool, Toolchain

_LOSSES_IN_COMPANY = 2
"""How often a submission may have been on an engine that was lost before it is graded alone: the next loss is its own doing."""
_ATTEMPTS = 2
"""How often a submission is tried that came to no verdict: a sick lane is replaced meanwhile, a broken setup is not mended."""


class LocalBackend:
    """:param toolchain: None at static depth, where neither Terraform nor an engine is needed.

    :param width: lanes at most.
    :param plain: no lanes: Terraform starts a provider for every call.
    :param pool: lanes that somebody else keeps and closes, instead of ``width`` of the backend's own.
    :param on_examined: given each submission's evidence, from several threads.
    :param workers: processes that read and judge; None: this one, for files that are the caller's own.
    :param rubric: None: this installation's, which workers have too.
    """

    def __init__(
        self,
        *,
        engine_spec: str,
        depth: Depth,
        toolchain: Toolchain | None,
        width: int,
        plain: bool,
        rubric: Rubric | None,
        on_notice: Callable[[str], None],
        on_examined: Callable[[Examination], None] | None = None,
        pool: LanePool | None = None,
        workers: WorkerPool | None,
    ) -> None:
        """:raises EngineError: there is no engine."""
        self._depth = depth
        self._toolchain = toolchain
        self._rubric = rubric
        self._notice = on_notice
        self._on_examined = on_examined
        self._keeper: EngineKeeper | None = None
        self._pool = pool
        self._own_pool = pool is None
        self._workers = workers
        self._turns = Turns()
        self._closed = False
        self.engine: EngineInfo | None = None
        if toolchain is None:
            return
        if not plain and self._pool is None:
            self._pool = LanePool(width, toolchain=toolchain, on_notice=on_notice)
            # The engine's start, reading the submissions and starting the lanes go on side by side.
            self._pool.warm_in_background()
        self._keeper = EngineKeeper(engine_spec, on_notice)
        try:
            self.engine = engine_info(self._keeper.current())
        except BaseException:
            self.close()
            raise

    def grade(self, ref: SubmissionRef, submission: Submission, on_phase: Callable[[str], None]) -> Graded:
        """Grade; again when the engine was lost under it, and once more when a lane or Terraform failed."""
        attempt, losses = 1, 0
        while True:
            seen: list[Examination] = []
            with self._turns.alone() if losses >= _LOSSES_IN_COMPANY else self._turns.together():
                engine = self._keeper.current() if self._keeper is not None else None
                result = self._grade(submission, engine, on_phase, seen)
                lost = (
                    not self._closed and engine is not None and self._keeper is not None and self._keeper.lost(engine)
                )
            if lost:
                losses += 1
                if losses > _LOSSES_IN_COMPANY:
                    return Graded(refused(ref.id, _ends_the_engine(), registry(), digest=submission.digest))
                continue
            if not self._closed and attempt < _ATTEMPTS and _came_to_nothing(result) and self._toolchain is not None:
                self._notice(f"{result.id} is graded again: {result.reason}")
                attempt += 1
                continue
            if not seen:
                return Graded(result)
            if self._on_examined is not None:
                self._on_examined(seen[-1])
            return Graded(result, keep(seen[-1].facts, seen[-1].normalise))

    def close(self) -> None:
        self._closed = True
        if self._keeper is not None:
            self._keeper.close()
        if self._pool is not None and self._own_pool:
            self._pool.close()

    def _grade(
        self,
        submission: Submission,
        engine: Engine | None,
        on_phase: Callable[[str], None],
        seen: list[Examination],
    ) -> SubmissionResult:
        with self._pool.lane() if self._pool is not None else nullcontext() as lane:
            return grade(
                submission,
                depth=self._depth,
                engine=engine,
                toolchain=self._toolchain,
                lane=lane,
                rubric=self._rubric,
                workers=self._workers,
                on_phase=on_phase,
                on_examined=seen.append,
            )


def engine_info(engine: Engine) -> EngineInfo:
    """The engine as results name it."""
    return EngineInfo(name=engine.name, version=engine.version, capabilities=tuple(sorted(engine.capabilities)))


def _ends_the_engine() -> EngineError:
    return EngineError(
        "The engine ended, or hung, each time this was graded, also when nothing else was on it.",
        next_step="Look at what it deploys, and report it: no submission should be able to do that.",
    )


def _came_to_nothing(result: SubmissionResult) -> bool:
    """Whether the grading itself failed; a single requirement's fault is the rubric's and would come again."""
    return result.status is SubmissionStatus.ERROR and all(row.status is Status.ERROR for row in result.requirements)
