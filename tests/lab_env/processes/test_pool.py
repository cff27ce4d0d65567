"""Worker processes: what is done in them cannot take this process's time, memory or lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab_env import processes
from lab_env.errors import LabError, SubmissionError, UsageError
from lab_env.processes import Bounds, WorkerError, WorkerPool
from tests.lab_env.processes import worked

pytestmark = pytest.mark.slow

QUICK = Bounds(cpu_s=1.0, wall_s=30.0)


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(1, QUICK)
    yield made
    made.close()


def pid_of(pool: WorkerPool) -> int:
    return int(pool.call(worked.pid, b""))


def test_bytes(pool: WorkerPool) -> None:
    """Do bytes go in and come out, more than pipes hold, and nothing that was printed among them?"""
    payload = os.urandom(1 << 22)
    assert pool.call(worked.doubled, payload) == payload * 2
    assert pool.call(worked.doubled, b"") == b""
    assert pool.call(worked.prints_to_the_answers, b"") == b"the answer"


def test_kept(pool: WorkerPool) -> None:
    """Is a worker kept for the next call, in a process of its own?"""
    first = pid_of(pool)
    assert first == pid_of(pool) != os.getpid()


def test_environment(pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a worker see nothing of the caller's environment?"""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "an instructor's own")
    monkeypatch.setenv("LD_BIND_NOW", "1")
    seen = set(pool.call(worked.environment, b"").decode().split("\n"))
    assert seen <= {
        "PATH",
        "LAB_CACHE_DIR",  # where its grammar is kept
        "TMPDIR",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "PWD",
        "SHLVL",
        "_",
        "OLDPWD",
    }


def test_errors(pool: WorkerPool) -> None:
    """Does an error come out as the one that was raised, and what nobody foresaw as a fault of ours?"""
    with pytest.raises(SubmissionError) as refused:
        pool.call(worked.refuses, b"")
    assert (refused.value.message, refused.value.next_step) == ("main.tf is odd.", "Mend it.")
    assert (refused.value.path, refused.value.line) == ("main.tf", 7)
    with pytest.raises(UsageError, match="no such path"):
        pool.call(worked.is_used_wrongly, b"")
    with pytest.raises(WorkerError, match="KeyError"):
        pool.call(worked.fails, b"")


def test_lock(pool: WorkerPool) -> None:
    """Is a step that lets no other thread run ended, said to be the payload's, and this process free meanwhile?"""
    turns: list[float] = []
    over = threading.Event()

    def tick() -> None:
        while not over.wait(0.02):
            turns.append(time.monotonic())

    ticking = threading.Thread(target=tick)
    ticking.start()
    with pytest.raises(SubmissionError, match="processor time"):
        pool.call(worked.holds_the_lock, b"")
    over.set()
    ticking.join()
    assert len(turns) > 5
    assert pool.call(worked.doubled, b"on") == b"onon"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")
def test_memory() -> None:
    """Is one that takes all memory said to be too large, at once or in pieces, and the next one read?"""
    pool = WorkerPool(1, Bounds(cpu_s=60.0, wall_s=180.0))  # touching so much takes a busy machine its time
    for hog in (worked.takes_all_memory, worked.takes_memory_in_pieces):
        with pytest.raises(SubmissionError, match="of memory"):
            pool.call(hog, b"")
        assert pool.call(worked.doubled, b"on") == b"onon"
    pool.close()


def test_time() -> None:
    """Is a worker that gives no answer ended without blaming the payload?"""
    pool = WorkerPool(1, Bounds(cpu_s=1.0, wall_s=1.5))
    first = pid_of(pool)
    with pytest.raises(WorkerError, match=r"no answer in 1\.5 seconds"):
        pool.call(worked.sleeps, b"600")
    assert not processes.is_running(first, processes.create_time(first))
    assert pid_of(pool) != first
    pool.close()


def test_processor_time_is_a_call_s_own(pool: WorkerPool) -> None:
    """Do many calls, each within its bound, never add up to one that is past it?"""
    first = pid_of(pool)
    for _ in range(6):
        pool.call(worked.burns, b"0.5")
    assert pid_of(pool) == first


def test_killed(pool: WorkerPool, tmp_path: Path) -> None:
    """Is a call made again when its worker was killed, idle or at work, and given up when that comes again?"""
    os.kill(pid_of(pool), signal.SIGKILL)
    assert pool.call(worked.doubled, b"on") == b"onon"
    assert pool.call(worked.dies_once, os.fsencode(tmp_path / "seen")) == b"the second time"
    with pytest.raises(WorkerError, match="ended with code -9"):
        pool.call(worked.dies, b"")
    assert pool.call(worked.doubled, b"on") == b"onon"


def test_closed(pool: WorkerPool) -> None:
    """Does closing end a call that another thread waits for, at once, and is the pool usable afterwards?"""
    pid_of(pool)
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            pool.call(worked.sleeps, b"600")
        except LabError as error:
            ended.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    pool.close()
    waiting.join(10)
    assert not waiting.is_alive()
    assert len(ended) == 1
    assert pool.call(worked.doubled, b"on") == b"onon"


def test_ended_with_all_others() -> None:
    """Does an interrupt, which ends every child, leave a pool that works?"""
    # In a process of its own: this one has other tests' engines among its children.
    program = (
        "from lab_env import processes\n"
        "from tests.lab_env.processes import worked\n"
        "pool = processes.WorkerPool(1)\n"
        "first = int(pool.call(worked.pid, b''))\n"
        "processes.terminate_all(grace=0)\n"
        "assert processes.create_time(first) is None\n"
        "print(pool.call(worked.doubled, b'on').decode())\n"
    )
    home = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=home, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "onon\n"), done.stderr


def test_width() -> None:
    """Do as many calls go on at a time as the pool is wide?"""
    pool = WorkerPool(3, QUICK)
    began = threading.Barrier(4)
    pids: list[int] = []

    def call() -> None:
        began.wait()
        pool.call(worked.sleeps, b"0.3")
        pids.append(pid_of(pool))

    threads = [threading.Thread(target=call) for _ in range(3)]
    for one in threads:
        one.start()
    began.wait()
    for one in threads:
        one.join()
    assert len(pids) == 3
    pool.close()
