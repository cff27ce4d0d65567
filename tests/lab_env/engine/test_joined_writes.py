"""Does an answer leave the engine in one piece?"""

from __future__ import annotations

import asyncio

from hypercorn.asyncio import run

from lab_env.engine.joined_writes import JoinedWriter, join_writes


class _Recorder:
    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.sent.append(b"<closed>")


def test_what_is_written_in_one_turn_leaves_together() -> None:
    """Are head and body one write, in order, and is nothing lost by a close right after?"""

    async def answer() -> list[bytes]:
        recorder = _Recorder()
        writer = JoinedWriter(recorder, asyncio.get_running_loop())  # type: ignore[arg-type]
        writer.write(b"head ")
        writer.write(b"body")
        await asyncio.sleep(0)
        writer.write(b"last")
        writer.close()
        return recorder.sent

    assert asyncio.run(answer()) == [b"head body", b"last", b"<closed>"]


def test_hypercorn_uses_it() -> None:
    """Does the server that hypercorn starts for a connection join its writes?"""
    before = run.TCPServer  # type: ignore[attr-defined]
    try:
        join_writes()
        assert run.TCPServer is not before  # type: ignore[attr-defined]
        assert issubclass(run.TCPServer, before)  # type: ignore[attr-defined]
    finally:
        run.TCPServer = before  # type: ignore[attr-defined]
