"""Many submissions: a thread and a warm lane each, results in path order, one bad submission never touching another."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal

from graders.grade import Examination, grade
from graders.model import Depth, EngineInfo, Results, SubmissionResult, Versions
from graders.rubric import Rubric, registry
from lab_env import processes
from lab_env.engine import Engine, connect
from lab_env.submission import SubmissionRef
from lab_env.terraform import LanePool, Toolchain, find_toolchain

LANES_A_CORE = 5
"""A lane mostly waits for the provider's own pauses, so several share a core."""
LANE_MEMORY = 400 * 1024 * 1024
"""Bytes of memory to keep for a lane and its Terraform."""


@dataclass(frozen=True)
class Progress:
    """What happens to one submission: a phase begins, or (``result``) it is done."""

    id: str
    phase: str
    result: SubmissionResult | None = None


OnProgress = Callable[[Progress], None]


def grade_many(
    refs: Sequence[SubmissionRef],
    *,
    engine_spec: str = "embedded",
    depth: Depth = Depth.FULL,
    jobs: int | None = None,
    plain: bool = False,
    rubric: Rubric | None = None,
    on_progress: OnProgress | None = None,
    on_examined: Callable[[Examination], None] | None = None,
    on_notice: Callable[[str], None] | None = None,
) -> Results:
    """Grade every submission; the results come in the order of ``refs`` whatever finishes first.

    :param jobs: submissions at a time; from cores and free memory when left out.
    :param plain: Terraform's plain path, without warm lanes.
    :param on_progress: called from several threads.
    :raises EngineError, TerraformError: there is no engine, Terraform or provider.
    """
    rules = rubric or registry()
    tell = on_progress or (lambda progress: None)
    engine: Engine | None = None
    toolchain: Toolchain | None = None
    with ExitStack() as stack:
        pool: LanePool | None = None
        width = max(1, min(len(refs), jobs or default_jobs(plain=plain)))
        if depth is not Depth.STATIC and refs:
            engine = connect(engine_spec)
            toolchain = find_toolchain()
            if not plain:
                pool = LanePool(width, toolchain=toolchain, on_notice=on_notice)
                stack.callback(pool.close)

        def one(ref: SubmissionRef) -> SubmissionResult:
            def phase(name: str) -> None:
                tell(Progress(ref.id, name))

            with pool.lane() if pool is not None else nullcontext() as lane:
                result = grade(
                    ref,
                    depth=depth,
                    engine=engine,
                    toolchain=toolchain,
                    lane=lane,
                    rubric=rules,
                    on_phase=phase,
                    on_examined=on_examined,
                )
            tell(Progress(ref.id, "done", result))
            return result

        executor = stack.enter_context(ThreadPoolExecutor(width, thread_name_prefix="grade"))
        futures = [executor.submit(one, ref) for ref in refs]
        try:
            graded = tuple(future.result() for future in futures)
        except BaseException:
            # An interrupt: what has not begun never begins; what runs loses its lane and its processes below.
            executor.shutdown(wait=False, cancel_futures=True)
            processes.terminate_all()
            if pool is not None:
                pool.close()
            raise
    return _results(graded, rules, engine, toolchain)


def default_jobs(*, plain: bool) -> int:
    """Submissions at a time that this machine's cores and free memory carry."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if plain:
        return cores
    return max(1, min(cores * LANES_A_CORE, psutil.virtual_memory().available // LANE_MEMORY))


def walls(depth: Depth) -> tuple[Literal["gate", "plan"], ...]:
    """The walls that stood between the submissions and this machine."""
    return ("gate",) if depth is Depth.STATIC else ("gate", "plan")


def _results(
    graded: tuple[SubmissionResult, ...], rubric: Rubric, engine: Engine | None, toolchain: Toolchain | None
) -> Results:
    deepest = Depth.STATIC if engine is None else Depth.FULL
    return Results(
        rubric=rubric.label,
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        engine=None
        if engine is None
        else EngineInfo(name=engine.name, version=engine.version, capabilities=tuple(sorted(engine.capabilities))),
        versions=Versions(
            grader=version("secrets-lab"),
            terraform=toolchain.version if toolchain else "",
            provider=toolchain.provider_version if toolchain else "",
        ),
        walls=walls(deepest),
        submissions=graded,
    )
