"""Lines to and from a child: what keeps to the protocol gets through, and what does not is told in time."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab_env.processes import Lines, clean_environment, spawn

LATER = 60.0


@contextlib.contextmanager
def talking(program: str, *, longest: int = 1 << 20) -> Iterator[Lines]:
    """A Python program and the way to it."""
    with spawn(
        [sys.executable, "-c", "import os, sys, time\n" + program],
        cwd=Path("/"),
        env=clean_environment(),
        stdin=-1,
        stdout=-1,
    ) as child:
        yield Lines(child, longest=longest)


def soon(seconds: float = LATER) -> float:
    return time.monotonic() + seconds


def test_messages_and_bytes() -> None:
    """Do messages and bytes go out and come back, more than pipes hold, and each where the one before it ends?"""
    payload = os.urandom(1 << 22)
    with talking("os.write(1, os.read(0, 5))\nwhile piece := os.read(0, 65536): os.write(1, piece)") as lines:
        lines.send({"a": "b\nc"}, soon())
        assert lines.message(soon()) == {"a": "b\nc"}
    with talking("data = sys.stdin.buffer.read(4194322)\nsys.stdout.buffer.write(data + b'end\\n')") as lines:
        lines.send({"size": len(payload)}, soon(), payload)
        assert lines.message(soon()) == {"size": len(payload)}
        assert lines.read(len(payload), soon()) == payload
        assert lines.line(soon()) == b"end"


def test_lines_in_pieces() -> None:
    """Are lines that come in pieces, or several at once, told apart?"""
    with talking("os.write(1, b'on'); time.sleep(0.2); os.write(1, b'e\\ntwo\\n\\nthr')") as lines:
        assert [lines.line(soon()) for _ in range(3)] == [b"one", b"two", b""]
        with pytest.raises(EOFError):
            lines.line(soon())


def test_no_answer() -> None:
    """Is the wait for an answer, or for somebody who reads, over when its time is, and that no other fault?"""
    with talking("os.write(1, b'half a li'); time.sleep(600)") as lines:
        with pytest.raises(TimeoutError):
            lines.line(soon(0.5))
        with pytest.raises(TimeoutError):
            lines.send({}, soon(0.5), bytes(1 << 20))
        with pytest.raises(TimeoutError):
            lines.line(soon(-1))


@pytest.mark.parametrize("said", ["no JSON", "[1]", "7", "null", "", "[" * 100_000, "\\xff"])
def test_a_broken_message(said: str) -> None:
    """Is a line that is no JSON object the end of the conversation?"""
    with talking(f"os.write(1, b'{said}\\n'); time.sleep(600)") as lines, pytest.raises(EOFError):
        lines.message(soon())


def test_a_line_without_end() -> None:
    """Is a line given up when it is longer than lines are, though it goes on and on?"""
    with talking("while True: os.write(1, b'x' * 65536)", longest=1 << 20) as lines, pytest.raises(EOFError):
        lines.line(soon())


def test_the_end_of_the_child() -> None:
    """Is the child's end told to who waits for an answer, for bytes, and to who writes?"""
    with talking("os.write(1, b'1234')") as lines:
        with pytest.raises(EOFError):
            lines.read(5, soon())
        with pytest.raises(OSError, match=r"."):
            lines.send({}, soon(), bytes(1 << 20))


def test_closed_pipes() -> None:
    """Is it told when the pipes have been closed by who ended the child?"""
    with talking("time.sleep(600)") as lines:
        pass
    with pytest.raises(EOFError):
        lines.line(soon())
    with pytest.raises(EOFError):
        lines.send({}, soon())


def test_pipes_with_high_numbers() -> None:
    """Are descriptors waited for that `select` cannot look at?"""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        with talking("os.write(1, sys.stdin.buffer.readline())") as lines:
            lines.send({"n": 1}, soon())
            assert lines.message(soon()) == {"n": 1}
    finally:
        for one in taken:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
