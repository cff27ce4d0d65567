"""Turns on an engine: many together, or one alone; and what becomes of a submission that ends the engine each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import pytest

from graders.batch.backends.local import LocalBackend
from graders.batch.backends.turns import Turns
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.grade import Graded
from graders.model import Depth, SubmissionStatus
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.engine import Engine
from lab_env.engine.keeper import EngineKeeper
from lab_env.errors import EngineError
from lab_env.submission import Submission, SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise


def test_alone_is_alone() -> None:
    """Is nobody else at it while one is alone, and do all come to their turn?"""
    turns = Turns()
    now: list[str] = []
    seen: list[tuple[str, int]] = []
    lock = threading.Lock()

    def take(how: Callable[[], AbstractContextManager[None]], name: str) -> None:
        with how():
            with lock:
                now.append(name)
                seen.append((name, len(now)))
                if "alone" in name:
                    assert len(now) == 1
                assert not any("alone" in other for other in now if other != name)
            time.sleep(0.01)
            with lock:
                now.remove(name)

    threads = [
        threading.Thread(
            target=take, args=(turns.alone if i % 4 == 0 else turns.together, f"{'alone' if i % 4 == 0 else 'x'}{i}")
        )
        for i in range(24)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert len(seen) == 24
    assert max(count for _, count in seen) > 1


def test_the_maximum_of_who_ends_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the maximum of whoever ends the engine that of all others: of this depth and this engine?"""

    class Keeper:
        def current(self) -> SimpleNamespace:
            return SimpleNamespace(capabilities=frozenset({"calls"}))

        def lost(self, engine: object) -> bool:
            return True

    config = RunConfig(depth=Depth.PLAN, plain=True)
    backend = LocalBackend(config, toolchain=None, workers=None)
    monkeypatch.setattr(backend, "_keeper", Keeper())
    monkeypatch.setattr(backend, "_grade", lambda *_: None)
    ref = SubmissionRef("eve", tmp_path)
    found = backend.grade(ref, Submission("eve", "", (), ".", ()), lambda _: None).result
    same = refused("x", EngineError(""), registry(), depth=Depth.PLAN, capabilities={"calls"})
    assert (found.status, found.max_score) == (SubmissionStatus.ERROR, same.max_score)
    assert found.max_score < registry().max_score


@pytest.mark.engine
def test_who_ends_the_engine_is_found_out(
    engine: Engine, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one of five loses the engine each time it is graded, does it alone end as an error, and have the others their marks?"""
    case = load_corpus()["starter"]
    refs = []
    for name in ("ann", "ben", "eve", "fay", "gus"):
        made = materialise(case, tmp_path / f"made-{name}")
        refs.append(SubmissionRef(name, made.rename(tmp_path / name)))
    generation = [0]
    at_it: list[str] = []
    alone: list[str] = []

    def grade_(self: LocalBackend, submission: Submission, engine: object, on_event: object, rules: object) -> Graded:
        at_it.append(submission.id)
        time.sleep(0.2)
        if submission.id == "eve":
            if at_it == ["eve"]:
                alone.append("eve")
            generation[0] += 1
        time.sleep(0.2)
        at_it.remove(submission.id)
        return Graded(
            refused(submission.id, EngineError("It does not answer."), registry())
            if submission.id == "eve"
            else refused(submission.id, EngineError("only a test"), registry()).model_copy(
                update={"status": SubmissionStatus.UNGRADABLE, "score": 0}
            )
        )

    started: dict[int, int] = {}

    def lost_(self: EngineKeeper, one: Engine) -> bool:
        return "eve" in at_it or generation[0] > started.get(threading.get_ident(), 0)

    def remembered(self: EngineKeeper) -> Engine:
        started[threading.get_ident()] = generation[0]
        return engine

    monkeypatch.setattr(LocalBackend, "_grade", grade_)
    monkeypatch.setattr(EngineKeeper, "current", remembered)
    monkeypatch.setattr(EngineKeeper, "lost", lost_)
    results = grade_many(refs, RunConfig(depth=Depth.FULL, jobs=5, plain=True))
    by_id = {one.id: one for one in results.submissions}
    assert by_id["eve"].status is SubmissionStatus.ERROR
    assert "each time this was graded" in (by_id["eve"].reason or "")
    assert {one.status for id, one in by_id.items() if id != "eve"} == {SubmissionStatus.UNGRADABLE}
    assert alone == ["eve"]
