"""Between closed networks and the engine: takes connections at the doors' sockets and joins each to the real engine.

A process of its own, as the lanes' proxy is, so that a call does not wait for the grader's interpreter lock. It knows
one address a door, the one it is told, so nothing else can be reached through it.

``python -I -S relay.py`` with one end of a pair of sockets as stdin. Orders are JSON, a message each, answered in
turn: ``door`` (the descriptor comes along), ``admit`` an address, ``close``. When the other end goes, it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

OPENED = b"+"
_PIECE = 65536


@dataclass
class Door:
    """One closed network.

    :ivar unused: its sockets that are not bound yet.
    :ivar wanted: an address that was to be admitted before the sockets came.
    """

    peer: socket.socket
    unused: list[socket.socket] = field(default_factory=list)
    wanted: tuple[str, int] | None = None
    servers: dict[tuple[str, int], asyncio.Server] = field(default_factory=dict)

    async def admit(self, address: tuple[str, int]) -> None:
        """Serve an address in there.

        :raises OSError: all sockets are used, or it cannot be bound.
        """
        if address in self.servers:
            return
        host, port = address
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        found = next((one for one in self.unused if one.family == family), None)
        if found is None:
            raise OSError("the door has no socket left")
        self.unused.remove(found)
        found.bind((host, port))

        async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await joined(reader, writer, host, port)

        self.servers[address] = await asyncio.start_server(join, sock=found, limit=_PIECE)

    def close(self) -> None:
        for server in self.servers.values():
            server.close()
        for one in (*self.unused, self.peer):
            one.close()


async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    """Pass everything on, both ways, until both sides have said all; an engine that is not there resets the connection."""
    try:
        there, back = await asyncio.open_connection(host, port, limit=_PIECE)
    except OSError:
        reset(writer)
        return
    await asyncio.gather(passed(reader, back), passed(there, writer))
    for end in (writer, back):
        end.close()


async def passed(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """One way; a side that breaks off has the other one reset, so that nobody takes half an answer for a whole one."""
    try:
        while piece := await source.read(_PIECE):
            target.write(piece)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except OSError:
        reset(target)


def reset(writer: asyncio.StreamWriter) -> None:
    """Break a connection off, so that its end is an error there and no end of a text."""
    end = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Relay:
    """All doors, by number, and the orders about them."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._doors: dict[int, Door] = {}
        self._orders: asyncio.Queue[tuple[dict[str, Any], list[int]] | None] = asyncio.Queue()
        self._letting_go: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Obey until the other end is gone."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._control, self._take)
        while (order := await self._orders.get()) is not None:
            answer: dict[str, Any] = {"order": order[0]["order"]}
            try:
                await self._obey(order[0], order[1])
            except (OSError, LookupError) as error:
                answer["error"] = str(error)
            self._control.send(json.dumps(answer).encode())

    def _take(self) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, _PIECE, 1)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        self._orders.put_nowait((json.loads(data), descriptors) if data else None)
        if not data:
            asyncio.get_running_loop().remove_reader(self._control)

    async def _obey(self, order: dict[str, Any], descriptors: list[int]) -> None:
        number = order["door"]
        if order["do"] == "door":
            peer = socket.socket(fileno=descriptors[0])
            peer.setblocking(False)
            self._doors[number] = door = Door(peer)
            asyncio.get_running_loop().add_reader(peer, self._greet, door)
        elif order["do"] == "admit":
            door, address = self._doors[number], (order["host"], order["port"])
            if door.unused or door.servers:
                await door.admit(address)
            else:
                door.wanted = address
        elif number in self._doors:
            door = self._doors.pop(number)
            if door.peer.fileno() >= 0:
                asyncio.get_running_loop().remove_reader(door.peer)
            door.close()

    def _greet(self, door: Door) -> None:
        """A door's sockets have come, or its program has ended before."""
        loop = asyncio.get_running_loop()
        try:
            _, descriptors, _, _ = socket.recv_fds(door.peer, 16, 16)
        except BlockingIOError:
            return
        except OSError:
            descriptors = []
        loop.remove_reader(door.peer)
        for descriptor in descriptors:
            one = socket.socket(fileno=descriptor)
            one.setblocking(False)
            door.unused.append(one)
        task = loop.create_task(self._let_go(door))
        self._letting_go.add(task)
        task.add_done_callback(self._letting_go.discard)

    async def _let_go(self, door: Door) -> None:
        """The program may begin; without the address that it needs it is not let go, and says so by its exit code."""
        with contextlib.suppress(OSError):
            if door.wanted is not None:
                await door.admit(door.wanted)
            door.peer.send(OPENED)
        door.peer.close()


def main() -> None:
    with socket.socket(fileno=0) as control:
        control.setblocking(False)
        asyncio.run(Relay(control).serve())


if __name__ == "__main__":
    main()
