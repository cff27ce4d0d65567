"""lab_env.processes against real children."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lab_env.processes import Limits, clean_environment, create_time, is_running, run, spawn

ENV = clean_environment()


def sh(script: str) -> list[str]:
    return ["sh", "-c", script]


def gone(pid: int, within: float = 10.0) -> bool:
    """Whether the process ends within that many seconds."""
    deadline = time.monotonic() + within
    while create_time(pid) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_keeps_output_and_code(tmp_path: Path) -> None:
    """Are stdout, stderr and the exit code those of the program, and its directory the asked one?"""
    done = run(sh("pwd; echo oops >&2; exit 3"), cwd=tmp_path, env=ENV)
    assert (done.returncode, done.stdout, done.stderr, done.ok) == (3, f"{tmp_path}\n".encode(), b"oops\n", False)


def test_environment_is_only_what_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a child see nothing of the caller's environment?"""
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere")
    done = run([sys.executable, "-c", "import os; print(sorted(os.environ))"], cwd=tmp_path, env={**ENV, "ONE": "1"})
    assert b"AWS_CA_BUNDLE" not in done.stdout
    assert b"'ONE'" in done.stdout


def test_input_and_lines(tmp_path: Path) -> None:
    """Does the child read what we write, and do we get each line once, the last one too?"""
    lines: list[bytes] = []
    done = run(["cat"], cwd=tmp_path, env=ENV, input=b"a\nb\nc", on_line=lines.append)
    assert lines == [b"a", b"b", b"c"]
    assert done.stdout == b"a\nb\nc"


MUCH = bytes(range(256)) * 16_384
"""4 MiB: 64 times what a pipe holds."""


def test_input_larger_than_a_pipe(tmp_path: Path) -> None:
    """Does a child that answers while it still reads get all of a large input, and do we get all of its answer?"""
    done = run(["cat"], cwd=tmp_path, env=ENV, input=MUCH, timeout=60)
    assert done.ok
    assert done.stdout == MUCH


def test_output_before_the_input_is_read(tmp_path: Path) -> None:
    """Does a child that first says more than a pipe holds, on both of its pipes, and reads only then, not wait for ever?"""
    script = "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; wc -c"
    done = run(sh(script), cwd=tmp_path, env=ENV, input=MUCH, timeout=60)
    assert done.ok
    assert done.stdout[300_000:].split() == [str(len(MUCH)).encode()]
    assert len(done.stderr) == 300_000


def test_child_that_never_reads(tmp_path: Path) -> None:
    """Is a child that reads nothing of a large input ended at its time-out?"""
    done = run(sh("sleep 300"), cwd=tmp_path, env=ENV, input=MUCH, timeout=0.3)
    assert done.timed_out


@pytest.mark.parametrize("script", ["echo early", "exec 0<&-; echo early; sleep 0.2", "head -c 5 >&2; echo early"])
def test_child_that_does_not_read_to_the_end(tmp_path: Path, script: str) -> None:
    """Is a child that ends, or closes its stdin, before it has read everything one that is done, with its code and output?"""
    done = run(sh(script), cwd=tmp_path, env=ENV, input=MUCH, timeout=60)
    assert done.ok
    assert done.stdout == b"early\n"


def test_stdin_held_open_by_a_straggler(tmp_path: Path) -> None:
    """Is a child done when it ends, although what it left behind holds its stdin and never reads it?"""
    done = run(sh("sleep 300 <&0 & echo $!"), cwd=tmp_path, env=ENV, input=MUCH, timeout=60)
    assert done.ok
    assert gone(int(done.stdout))


def test_empty_input_is_an_end_of_file(tmp_path: Path) -> None:
    """Does a child that is given no bytes read the end of its stdin at once?"""
    assert run(["cat"], cwd=tmp_path, env=ENV, input=b"", timeout=60).ok


def test_time_out_ends_the_whole_group(tmp_path: Path) -> None:
    """Does a time-out end what the child started, too?"""
    done = run(sh("sleep 300 & echo $!; sleep 300"), cwd=tmp_path, env=ENV, timeout=0.3)
    assert done.timed_out
    assert not done.ok
    assert gone(int(done.stdout))


def test_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    """Does a child that ignores SIGTERM end after the grace?"""
    done = run(sh("trap '' TERM; while :; do sleep 0.05; done"), cwd=tmp_path, env=ENV, timeout=0.2, grace=0.1)
    assert done.returncode == -9


def test_stragglers_do_not_outlive_the_leader(tmp_path: Path) -> None:
    """Is a background process that holds the pipes ended as soon as its leader is done?"""
    done = run(sh("sleep 300 & echo $!"), cwd=tmp_path, env=ENV, timeout=60)
    assert done.ok
    assert gone(int(done.stdout))


def test_limits(tmp_path: Path) -> None:
    """Does the child run under the limits, and is too much output cut and reported?"""
    shown = run(sh("ulimit -t; ulimit -n"), cwd=tmp_path, env=ENV, limits=Limits(cpu_s=7, open_files=99))
    assert shown.stdout.split() == [b"7", b"99"]
    big = run(sh("head -c 4096 /dev/zero > big"), cwd=tmp_path, env=ENV, limits=Limits(file_bytes=1024))
    assert (tmp_path / "big").stat().st_size == 1024
    assert not big.ok
    loud = run(["yes"], cwd=tmp_path, env=ENV, limits=Limits(output_bytes=1000), timeout=60)
    assert loud.overflowed
    assert len(loud.stdout) == 1000
    assert not loud.ok


def test_missing_program(tmp_path: Path) -> None:
    """Is a program that is not there a FileNotFoundError, with and without a limit?"""
    for limits in (None, Limits(cpu_s=1)):
        with pytest.raises(FileNotFoundError, match="no-such-program"):
            run(["no-such-program"], cwd=tmp_path, env=ENV, limits=limits)


def test_error_in_the_line_handler_ends_the_child(tmp_path: Path) -> None:
    """Is nothing left running when the caller's own handler raises (as an interrupt does)?"""
    seen: list[int] = []

    def fail(line: bytes) -> None:
        seen.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(sh("echo $$; sleep 300"), cwd=tmp_path, env=ENV, on_line=fail)
    assert gone(seen[0])


def test_child_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    """Does a child that dies with its parent stay when only the starting thread ends?"""
    children = []
    thread = threading.Thread(target=lambda: children.append(spawn(["sleep", "300"], cwd=tmp_path, env=ENV)))
    thread.start()
    thread.join()
    with children[0] as child:
        assert child.wait(0.3) is None
        assert is_running(child.pid, child.create_time)
    assert child.returncode == -9
    assert not is_running(child.pid, child.create_time)


def test_many_threads_at_once() -> None:
    """Do children that many threads start in a fresh process all live until they are done?"""
    script = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from lab_env.processes import clean_environment, run
def one(_): return run(["sh", "-c", "sleep 0.2; echo ok"], cwd=Path("/"), env=clean_environment()).stdout
with ThreadPoolExecutor(16) as pool:
    print(set(pool.map(one, range(64))) == {b"ok\\n"})
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "True\n", done.stderr


def test_terminate_group_twice(tmp_path: Path) -> None:
    """Is ending a child twice harmless, and the code that of the first time?"""
    child = spawn(["sleep", "300"], cwd=tmp_path, env=ENV)
    assert child.terminate_group() == -15
    assert child.terminate_group() == -15


def test_terminate_all() -> None:
    """Does an interrupt's clean-up end all guarded children and leave the free ones?

    In a process of its own: this one has the engines of other tests.
    """
    script = """
from pathlib import Path
from lab_env.processes import clean_environment, spawn, terminate_all
env = clean_environment()
guarded = [spawn(["sleep", "300"], cwd=Path("/"), env=env) for _ in range(3)]
free = spawn(["sleep", "300"], cwd=Path("/"), env=env, die_with_parent=False)
terminate_all(grace=1)
print([child.returncode for child in guarded], free.returncode)
free.terminate_group(grace=0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "[-15, -15, -15] None\n", done.stderr


PARENT = """
import os, subprocess, sys, time
from pathlib import Path
from lab_env.processes import clean_environment, spawn
guarded = spawn(["sh", "-c", "sleep 300 & echo $!; wait"], cwd=Path("/"), env=clean_environment(),
                stdout=subprocess.PIPE)
free = spawn(["sleep", "300"], cwd=Path("/"), env=clean_environment(), die_with_parent=False)
if "fork" in sys.argv and os.fork() == 0:
    time.sleep(300)
print(guarded.pid, int(guarded.stdout.readline()), free.pid, flush=True)
time.sleep(300)
"""


@pytest.mark.parametrize("forked", [False, True])
def test_killed_parent_leaves_nothing_but_free_children(forked: bool) -> None:
    """After kill -9 of the parent, forked or not, are its guarded child and grandchild gone, and not the free one?"""
    argv = [sys.executable, "-c", PARENT, *(["fork"] if forked else [])]
    parent = subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert parent.stdout is not None
        child, grandchild, free = map(int, parent.stdout.readline().split())
        parent.kill()
        parent.wait()
        assert gone(child)
        assert gone(grandchild)
        assert create_time(free) is not None
        os.kill(free, 9)
    finally:
        os.killpg(parent.pid, 9) if forked else None
        parent.stdout.close() if parent.stdout else None


def test_is_running_knows_a_reused_pid() -> None:
    """Is a pid with another birth time another process?"""
    mine = create_time(os.getpid())
    assert mine is not None
    assert is_running(os.getpid(), mine)
    assert not is_running(os.getpid(), mine - 60)
