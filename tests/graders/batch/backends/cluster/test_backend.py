"""A worker's backends: shared while somebody grades, taken down when nobody does or nobody waits."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from graders.batch.backends.cluster import ClusterError, backend
from graders.batch.backends.cluster.backend import Backends
from graders.batch.backends.cluster.environment import own_code
from graders.batch.run_config import RunConfig
from graders.model import Depth

CONFIG = RunConfig(depth=Depth.STATIC)
OTHERS = RunConfig(depth=Depth.STATIC, plain=True)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks often, and ends what is idle at once."""
    monkeypatch.setattr(backend, "IDLE_S", 0.1)
    monkeypatch.setattr(backend, "_LOOK_S", 0.02)


def made(wanted: Callable[[str], bool] = lambda key: True) -> Backends:
    return Backends(2, wanted=wanted)


def becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_shared_by_those_who_want_the_same() -> None:
    """Do two runs with the same settings share one backend, and others get another?"""
    worker = made()
    with worker.backend(CONFIG, "a") as one, worker.backend(CONFIG, "b") as same, worker.backend(OTHERS, "c") as other:
        assert one is same
        assert one is not other
        assert one.circumstances.code == own_code()
    worker.close()


def test_ended_when_idle() -> None:
    """Is a backend kept while it is in use, however long, ended a while after, and made again for the next?"""
    worker = made()
    with worker.backend(CONFIG, "a") as first:
        with worker.backend(OTHERS, "b") as short:
            pass
        assert becomes_true(lambda: short.ended)
        assert not first.ended
    assert becomes_true(lambda: first.ended)
    with worker.backend(CONFIG, "c") as second:
        assert second is not first
        assert not second.ended
    worker.close()


def test_ended_when_nobody_waits() -> None:
    """Is a backend ended in the middle of its work as soon as nobody waits for any of it, and not before?"""
    waiting = {"a", "b"}
    worker = made(waiting.__contains__)
    with worker.backend(CONFIG, "a") as backend, worker.backend(CONFIG, "b"):
        waiting.remove("a")
        time.sleep(0.2)
        assert not backend.ended
        waiting.remove("b")
        assert becomes_true(lambda: backend.ended)
        with worker.backend(CONFIG) as fresh:  # asked for by a caller who connects, not by a task
            time.sleep(0.2)
            assert fresh is not backend
            assert not fresh.ended
    worker.close()


def test_closed_while_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a backend ended that was still being opened when the worker was told to end?"""
    worker = made()
    opening = worker._open

    def slow(config: RunConfig) -> backend.OpenBackend:
        opened = opening(config)
        worker.close()
        return opened

    monkeypatch.setattr(worker, "_open", slow)
    with worker.backend(CONFIG, "a") as backend:
        assert backend.ended


def test_closed() -> None:
    """Does closing end what is in use?"""
    worker = made()
    with worker.backend(CONFIG, "a") as backend:
        worker.close()
        assert backend.ended


def test_files_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a worker whose files were updated while it ran refuse, rather than grade with half of each?"""
    worker = made()
    updated = own_code().model_copy(update={"digest": "0" * 64})
    monkeypatch.setattr(backend, "own_code", lambda: updated)
    with pytest.raises(ClusterError, match="changed since this worker started") as refused, worker.backend(CONFIG):
        pass
    assert "Start the worker again" in (refused.value.next_step or "")
    worker.close()
