"""Sends an answer's head and body in one write.

hypercorn writes them one after the other. Under load the AWS provider's HTTP client then lost about two answers in a hundred
applies ("use of closed network connection"): none when both arrive together. What Terraform cannot read it repeats, and a
repeated CreateRole is answered with a conflict that is none.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast


class JoinedWriter:
    """A stream writer that collects what is written in one turn of the event loop and passes it on as one piece."""

    def __init__(self, writer: asyncio.StreamWriter, loop: asyncio.AbstractEventLoop) -> None:
        self._writer = writer
        self._loop = loop
        self._pending: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def write_eof(self) -> None:
        self._flush()
        self._writer.write_eof()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        data = b"".join(self._pending)
        self._pending.clear()
        if data and not self._writer.is_closing():
            self._writer.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


def join_writes() -> None:
    """Make hypercorn's connections use it. There is no setting for that, hence the pinned hypercorn."""
    from hypercorn.asyncio import run, tcp_server

    class JoinedTCPServer(tcp_server.TCPServer):
        def __init__(
            self, app: Any, loop: Any, config: Any, context: Any, state: Any, reader: Any, writer: Any
        ) -> None:
            super().__init__(
                app, loop, config, context, state, reader, cast(asyncio.StreamWriter, JoinedWriter(writer, loop))
            )

    run.TCPServer = JoinedTCPServer  # type: ignore[attr-defined]
