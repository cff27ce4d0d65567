"""A thread for each submission that is graded at a time, and a way out of all of them at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

_LOOK_S = 0.2
PATIENCE_S = 2.5
"""How long an interrupt waits for threads whose processes and lanes were taken from them."""

_T = TypeVar("_T")
_R = TypeVar("_R")


def in_threads(
    one: Callable[[_T, int], _R],
    items: Sequence[_T],
    width: int,
    *,
    give_up: Callable[[], None],
    end: Callable[[], None],
) -> list[_R]:
    """``one(item, slot)`` for each, ``width`` at a time, the results in the items' order; ``slot`` counts from 0.

    On an interrupt, or when one of them raises: what has not begun never begins, and what runs is ended. A thread that is in the
    middle of a call that nobody can end (an engine that hangs is waited for up to a minute) is left behind: it is a daemon, so it
    holds up nobody's exit, and what it comes to counts for nothing.

    :param give_up: called once, before anything is ended: results count for nothing from now on.
    :param end: ends whatever the threads have started; called again until they are done, for one that was between two
        commands has started the next since.
    """
    work = _Work(one, items)
    threads = [
        threading.Thread(target=work.run, args=(slot,), name=f"grade-{slot}", daemon=True) for slot in range(width)
    ]
    try:
        for thread in threads:
            thread.start()
        # Python looks for Ctrl-C only when this thread runs; a wait without an end would sleep through one that the system
        # gave to another thread.
        while not work.over.wait(_LOOK_S) and any(thread.is_alive() for thread in threads):
            pass
        return work.results()
    except BaseException:
        give_up()
        work.stop()
        deadline = time.monotonic() + PATIENCE_S
        end()
        while any(thread.is_alive() for thread in threads) and time.monotonic() < deadline:
            time.sleep(_LOOK_S / 4)
            end()
        raise


class _Work(Generic[_T, _R]):
    """What is still to do, what came of what is done, and the first failure."""

    def __init__(self, one: Callable[[_T, int], _R], items: Sequence[_T]) -> None:
        self._one = one
        self._lock = threading.Lock()
        self._waiting = deque(enumerate(items))
        self._done: dict[int, _R] = {}
        self._count = len(items)
        self._failure: BaseException | None = None
        self.over = threading.Event()
        if not items:
            self.over.set()

    def run(self, slot: int) -> None:
        while True:
            with self._lock:
                if self._failure is not None or not self._waiting:
                    return
                index, item = self._waiting.popleft()
            try:
                result = self._one(item, slot)
            except BaseException as failure:
                with self._lock:
                    self._failure = self._failure or failure
                self.over.set()
                return
            with self._lock:
                self._done[index] = result
                if len(self._done) == self._count:
                    self.over.set()

    def stop(self) -> None:
        with self._lock:
            self._waiting.clear()

    def results(self) -> list[_R]:
        with self._lock:
            if self._failure is not None:
                raise self._failure
            return [self._done[index] for index in range(self._count)]
