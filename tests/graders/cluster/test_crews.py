"""A worker's crews: shared while somebody grades, taken down when nobody does or nobody waits."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from graders.cluster import ClusterError, crews
from graders.cluster.circumstances import own_code
from graders.cluster.crews import Crews
from graders.cluster.messages import Terms
from graders.model import Depth

TERMS = Terms(engine="embedded", depth=Depth.STATIC, plain=False)
OTHERS = Terms(engine="embedded", depth=Depth.STATIC, plain=True)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks often, and ends what is idle at once."""
    monkeypatch.setattr(crews, "IDLE_S", 0.1)
    monkeypatch.setattr(crews, "_LOOK_S", 0.02)


def made(wanted: Callable[[str], bool] = lambda key: True) -> Crews:
    return Crews(2, wanted=wanted, on_notice=lambda text: None)


def becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_shared_by_those_who_want_the_same() -> None:
    """Do two runs on the same terms share one crew, and other terms get another?"""
    worker = made()
    with worker.crew(TERMS, "a") as one, worker.crew(TERMS, "b") as same, worker.crew(OTHERS, "c") as other:
        assert one is same
        assert one is not other
        assert one.circumstances.code == own_code()
    worker.close()


def test_ended_when_idle() -> None:
    """Is a crew kept while it is in use, however long, ended a while after, and made anew for the next?"""
    worker = made()
    with worker.crew(TERMS, "a") as first:
        with worker.crew(OTHERS, "b") as short:
            pass
        assert becomes_true(lambda: short.ended)
        assert not first.ended
    assert becomes_true(lambda: first.ended)
    with worker.crew(TERMS, "c") as second:
        assert second is not first
        assert not second.ended
    worker.close()


def test_ended_when_nobody_waits() -> None:
    """Is a crew ended in the middle of its work as soon as nobody waits for any of it, and not before?"""
    waiting = {"a", "b"}
    worker = made(waiting.__contains__)
    with worker.crew(TERMS, "a") as crew, worker.crew(TERMS, "b"):
        waiting.remove("a")
        time.sleep(0.2)
        assert not crew.ended
        waiting.remove("b")
        assert becomes_true(lambda: crew.ended)
        with worker.crew(TERMS) as fresh:  # asked for by a caller who connects, not by a task
            time.sleep(0.2)
            assert fresh is not crew
            assert not fresh.ended
    worker.close()


def test_closed_while_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a crew ended that was still being opened when the worker was told to end?"""
    worker = made()
    opening = worker._open

    def slow(terms: Terms) -> crews.OpenCrew:
        opened = opening(terms)
        worker.close()
        return opened

    monkeypatch.setattr(worker, "_open", slow)
    with worker.crew(TERMS, "a") as crew:
        assert crew.ended


def test_closed() -> None:
    """Does closing end what is in use?"""
    worker = made()
    with worker.crew(TERMS, "a") as crew:
        worker.close()
        assert crew.ended


def test_files_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a worker whose files were updated while it ran refuse, rather than grade with half of each?"""
    worker = made()
    updated = own_code().model_copy(update={"digest": "0" * 64})
    monkeypatch.setattr(crews, "own_code", lambda: updated)
    with pytest.raises(ClusterError, match="changed since this worker started") as refused, worker.crew(TERMS):
        pass
    assert "Start the worker again" in (refused.value.next_step or "")
    worker.close()
