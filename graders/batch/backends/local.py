"""The backend of this machine: threads of this process, each with a warm lane, on one engine."""

from __future__ import annotations

from contextlib import nullcontext

from graders.assignment import Rules
from graders.batch.backends.turns import Turns
from graders.batch.run_config import RunConfig
from graders.grade import Graded, OnPhase, grade
from graders.model import EngineInfo, Status, SubmissionResult, SubmissionStatus
from graders.rubric import Rubric, registry
from graders.verdicts import refused
from lab_env.engine import Engine
from lab_env.engine.keeper import EngineKeeper
from lab_env.errors import EngineError
from lab_env.events import Notice, OnNotice, ignore
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
    :param rubric: None: this installation's, which workers have too.
    :param workers: processes that read and judge; None: this one, for files that are the caller's own.
    :param pool: lanes that somebody else keeps and closes, instead of ``width`` of the backend's own.
    """

    def __init__(
        self,
        config: RunConfig,
        *,
        toolchain: Toolchain | None,
        workers: WorkerPool | None,
        width: int = 1,
        rubric: Rubric | None = None,
        pool: LanePool | None = None,
        on_event: OnNotice = ignore,
    ) -> None:
        """:raises EngineError: there is no engine."""
        self._config = config
        self._toolchain = toolchain
        self._rubric = rubric
        self._on_event = on_event
        self._keeper: EngineKeeper | None = None
        self._pool = pool
        self._own_pool = pool is None
        self._workers = workers
        self._turns = Turns()
        self._closed = False
        self.engine: EngineInfo | None = None
        if toolchain is None:
            return
        if not config.plain and self._pool is None:
            self._pool = LanePool(width, toolchain=toolchain, on_event=on_event)
            # The engine's start, reading the submissions and starting the lanes go on side by side.
            self._pool.warm_in_background()
        self._keeper = EngineKeeper(config.engine, on_event)
        try:
            self.engine = engine_info(self._keeper.current())
        except BaseException:
            self.close()
            raise

    def grade(self, ref: SubmissionRef, submission: Submission, on_event: OnPhase, rules: Rules = Rules()) -> Graded:
        """Grade; again when the engine was lost under it, and once more when a lane or Terraform failed."""
        attempt, losses = 1, 0
        while True:
            with self._turns.alone() if losses >= _LOSSES_IN_COMPANY else self._turns.together():
                engine = self._keeper.current() if self._keeper is not None else None
                graded = self._grade(submission, engine, on_event, rules)
                lost = (
                    not self._closed and engine is not None and self._keeper is not None and self._keeper.lost(engine)
                )
            if lost:
                losses += 1
                if losses > _LOSSES_IN_COMPANY:
                    able = engine.capabilities if engine is not None else None
                    made = refused(
                        ref.id,
                        _ends_the_engine(),
                        registry(rules),
                        digest=submission.digest,
                        depth=self._config.depth,
                        capabilities=able,
                    )
                    return Graded(made)
                continue
            result = graded.result
            if not self._closed and attempt < _ATTEMPTS and _came_to_nothing(result) and self._toolchain is not None:
                self._on_event(Notice(f"{result.id} is graded again: {result.reason}"))
                attempt += 1
                continue
            return graded

    def close(self) -> None:
        self._closed = True
        if self._keeper is not None:
            self._keeper.close()
        if self._pool is not None and self._own_pool:
            self._pool.close()

    def _grade(self, submission: Submission, engine: Engine | None, on_event: OnPhase, rules: Rules) -> Graded:
        with self._pool.lane() if self._pool is not None else nullcontext() as lane:
            return grade(
                submission,
                depth=self._config.depth,
                engine=engine,
                toolchain=self._toolchain,
                lane=lane,
                rules=rules,
                rubric=self._rubric,
                workers=self._workers,
                on_event=on_event,
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
