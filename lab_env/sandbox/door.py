"""Run inside a closed network, before the program: leaves the sockets there by which the engine can be reached.

A socket belongs to the network in which it was made, whoever holds it later. So this makes a few, hands them out, and
becomes the program: outside they are bound to the engine's address and joined to the real engine
(:mod:`lab_env.sandbox.relay`). Nothing of us stays inside.

``python -I -S door.py DESCRIPTOR PROGRAM …``; only the standard library, and of it as little as can be.
"""

from __future__ import annotations

import os
import socket
import sys

SOCKETS = 4
"""Addresses in a lane's life: an engine that is started again has another port."""
OPENED = b"+"
CLOSED = 125
"""Exit code: nobody outside took the sockets."""
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, linux/if.h


def main(arguments: list[str]) -> None:
    """Does not come back when all went well."""
    program = arguments[1:]
    with socket.socket(fileno=int(arguments[0])) as out:
        raise_loopback()
        made = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(SOCKETS)]
        if socket.has_ipv6:
            made += _version_6()
        socket.send_fds(out, [b"s"], [one.fileno() for one in made])
        for one in made:
            one.close()
        out.settimeout(30)
        if out.recv(1) != OPENED:
            sys.exit(CLOSED)
    os.execv(program[0], program)  # noqa: S606 - this is what it is for


def raise_loopback() -> None:
    """Switch the network's own loopback on, which bubblewrap has done already."""
    import fcntl
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, _GET_FLAGS, struct.pack("16sh22x", b"lo", 0))
        flags = struct.unpack("16sh22x", asked)[1]
        if not flags & _UP:
            fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh22x", b"lo", flags | _UP))


def _version_6() -> list[socket.socket]:
    try:
        return [socket.socket(socket.AF_INET6, socket.SOCK_STREAM) for _ in range(SOCKETS)]
    except OSError:
        return []


if __name__ == "__main__":
    main(sys.argv[1:])
