"""Threads for many submissions: order, failures, and an interrupt that waits for nobody who cannot be ended."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time

import pytest

from graders.batch.threads import PATIENCE_S, in_threads


def nothing() -> None:
    pass


def test_order_and_slots() -> None:
    """Are the results in the items' order, with no more at a time than there are slots?"""
    slots: set[int] = set()
    running: set[int] = set()

    def one(item: int, slot: int) -> int:
        assert slot not in running
        running.add(slot)
        time.sleep(0.01 * (item % 3))
        running.remove(slot)
        slots.add(slot)
        return item * 2

    items = list(range(25))
    assert in_threads(one, items, 4, give_up=nothing, end=nothing) == [item * 2 for item in items]
    assert slots <= {0, 1, 2, 3}
    assert in_threads(one, [], 4, give_up=nothing, end=nothing) == []


def test_failure() -> None:
    """Does a failure stop what has not begun, end what runs, and come out?"""
    begun: list[int] = []
    ended = threading.Event()
    said: list[str] = []

    def one(item: int, slot: int) -> int:
        begun.append(item)
        if item == 1:
            raise ValueError("the disk is full")
        assert ended.wait(30)
        return item

    def end() -> None:
        said.append("end")
        ended.set()

    with pytest.raises(ValueError, match="disk is full"):
        in_threads(one, range(100), 3, give_up=lambda: said.append("give up"), end=end)
    assert said[:2] == ["give up", "end"]
    assert len(begun) < 10


def test_an_interrupt_waits_for_nobody_who_cannot_be_ended() -> None:
    """Does a process end on Ctrl-C while its threads are in a call of a minute that nothing ends?"""
    program = textwrap.dedent(
        """
        import time
        from graders.batch.threads import in_threads
        def one(item, slot):
            print("begun", flush=True)
            time.sleep(600)
        in_threads(one, range(6), 2, give_up=lambda: None, end=lambda: None)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("begun")  # two threads may write at once
    process.send_signal(2)
    # Far below what the threads would take, far above what it takes by itself.
    assert process.wait(20 * PATIENCE_S) != 0
    process.stdout.close()
