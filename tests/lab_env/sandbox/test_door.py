"""The closed network and its door: one address goes through, as it is, and nothing else."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab_env.errors import TerraformError
from lab_env.sandbox import Relay, Sandbox, relay_host
from lab_env.sandbox.door import SOCKETS
from tests.conftest import missing

from .conftest import Inside

CALL = "exec 3<>/dev/tcp/127.0.0.1/{port} || exit 9; printf '%s' '{word}' >&3; head -c {size} <&3 | wc -c"


@pytest.fixture
def closed(all_standing: list[Sandbox]) -> list[Sandbox]:
    found = [one for one in all_standing if one.closed]
    if not found:
        missing("no closed network can be made here")
    return found


@contextmanager
def server(size: int = 1) -> Iterator[tuple[int, list[bytes]]]:
    """Notes what each caller says, and answers with so many bytes."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(100))
                    connection.sendall(b"x" * size)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heard
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_nobody_is_there(closed: list[Sandbox], inside: Inside) -> None:
    """Without a door: is a listener on this machine, or on any other address, out of reach?"""
    with server() as (port, heard):
        for sandbox in closed:
            done = inside(sandbox, CALL.format(port=port, word="hello", size=1))
            assert done.returncode == 9, done
            done = inside(sandbox, "exec 3<>/dev/tcp/192.0.2.1/80 || exit 9")
            assert done.returncode == 9, done
            assert b"refused" in done.stderr or b"unreachable" in done.stderr
    assert heard == []


def test_one_address_goes_through(closed: list[Sandbox], inside: Inside) -> None:
    """With a door: is the engine reached at its own address, with large answers whole, and its neighbour not?"""
    size = 3_000_000
    with server(size) as (engine, asked), server() as (other, heard), Relay() as relay:
        for sandbox in closed:
            with relay.door(f"http://127.0.0.1:{engine}") as door:
                done = inside(sandbox, CALL.format(port=engine, word="hello", size=size), door=door.descriptor)
            assert (done.returncode, done.stdout.split()) == (0, [str(size).encode()]), done
            with relay.door(f"http://localhost:{engine}") as door:
                done = inside(sandbox, CALL.format(port=other, word="hello", size=1), door=door.descriptor)
            assert done.returncode == 9, done
        assert asked == [b"hello"] * len(closed)
        assert heard == []


def test_an_engine_by_its_name(bubble: Sandbox, inside: Inside) -> None:
    """Is an engine reached by the names that this machine has for itself, LocalStack's public one included?"""
    for name in ("localhost", "localhost.localstack.cloud"):
        with server() as (port, heard), Relay() as relay, relay.door(f"http://{name}:{port}") as door:
            line = CALL.replace("127.0.0.1", name).format(port=port, word="hello", size=1)
            done = inside(bubble, line, door=door.descriptor)
        assert (heard, done.stdout.split()) == ([b"hello"], [b"1"]), done


def test_an_address_may_come_later(closed: list[Sandbox], inside: Inside, run_directory: Path) -> None:
    """Does a program that runs already reach an engine that is started after it, and the next one, up to a bound?"""
    ask = CALL.format(port="$port", word="hello", size=1)
    line = (
        f"echo up > up; for n in 1 2; do until test -s port$n; do sleep 0.02; done; read -r port < port$n; {ask}; done"
    )
    with Relay() as relay, relay.door() as door, ThreadPoolExecutor(1) as executor:
        running = executor.submit(inside, closed[0], line, door=door.descriptor)
        while not (run_directory / "up").exists():
            time.sleep(0.02)
            assert not running.done()
        for number in (1, 2):
            with server() as (port, heard):
                door.admit(f"http://127.0.0.1:{port}")
                door.admit(f"http://127.0.0.1:{port}")
                part = run_directory / "part"
                part.write_text(f"{port}\n")
                part.chmod(0o644)
                part.rename(run_directory / f"port{number}")
                while not heard:
                    time.sleep(0.02)
                    assert number == 2 or not running.done()
        assert running.result().stdout.split() == [b"1", b"1"]
        for port in range(40_001, 40_001 + SOCKETS - 2):
            door.admit(f"http://127.0.0.1:{port}")
        with pytest.raises(TerraformError, match="no socket left"):
            door.admit("http://127.0.0.1:40009")


def test_an_engine_that_is_gone_is_no_empty_answer(closed: list[Sandbox], inside: Inside) -> None:
    """Does a caller of an engine that has ended see a broken connection, never an answer that is empty and whole?"""
    with server() as (port, _):
        pass
    with Relay() as relay, relay.door(f"http://127.0.0.1:{port}") as door:
        done = inside(closed[0], CALL.format(port=port, word="hello", size=1), door=door.descriptor)
    assert b"reset" in done.stderr or b"Broken pipe" in done.stderr, done


def test_a_relay_that_was_killed(closed: list[Sandbox], inside: Inside) -> None:
    """Does a program whose door nobody holds not begin, and is the order after that an error?"""
    with Relay() as relay:
        door = relay.door()
        os.kill(relay.pid, signal.SIGKILL)
        while relay.alive:
            pass
        done = inside(closed[0], "echo begun", door=door.descriptor)
        assert done.stdout == b""
        assert done.returncode not in (0, None)
        with pytest.raises(TerraformError, match="relay could not admit"):
            door.admit("http://127.0.0.1:4566")
        door.close()


def test_an_answer_that_comes_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the answer to an order that was given up not taken for that to the next one?"""
    monkeypatch.setattr(relay_host, "ANSWER_S", 0.5)
    with Relay() as relay:
        os.kill(relay.pid, signal.SIGSTOP)
        with pytest.raises(TerraformError, match="relay could not admit"):
            relay.order("admit", 7, host="127.0.0.1", port=1)  # there is no such door: it will say so
        relay._control.settimeout(60)
        os.kill(relay.pid, signal.SIGCONT)
        with relay.door():
            assert relay.alive


def test_the_relay_ends_with_us() -> None:
    """Is the relay's process gone when its owner closes it?"""
    with Relay() as relay:
        assert relay.alive
    assert not relay.alive
