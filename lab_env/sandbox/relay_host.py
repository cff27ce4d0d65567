"""Our end of the relay: starts it, makes doors, has addresses let in."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab_env import processes
from lab_env.errors import TerraformError
from lab_env.sandbox.layers import python

ANSWER_S = 30.0


class Relay:
    """One running relay (:mod:`lab_env.sandbox.relay`). Orders may come from any thread."""

    def __init__(self) -> None:
        """:raises TerraformError: the process cannot be started."""
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with its:
                self._child = processes.spawn(
                    [python(), "-I", "-S", str(Path(__file__).with_name("relay.py"))],
                    cwd=Path("/"),
                    env=processes.clean_environment(PYTHONDONTWRITEBYTECODE="1"),
                    stdin=its.fileno(),
                )
        except OSError as error:
            ours.close()
            raise TerraformError(
                f"The sandbox's relay does not start: {error}.", next_step="Run `lab doctor`."
            ) from error
        ours.settimeout(ANSWER_S)
        self._control = ours
        self._lock = threading.Lock()
        self._doors = 0
        self._orders = 0

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    def door(self, endpoint: str | None = None) -> Door:
        """A door for one closed network, which is about to be made.

        :param endpoint: the URL that is to be reachable from the program's start on.
        """
        inside, outside = socket.socketpair()
        with self._lock:
            self._doors += 1
            number = self._doors
        with outside:
            try:
                self.order("door", number, descriptor=outside.fileno())
            except BaseException:
                inside.close()
                raise
        made = Door(self, number, inside)
        if endpoint is not None:
            made.admit(endpoint)
        return made

    def order(self, do: str, door: int, *, descriptor: int | None = None, **words: str | int) -> None:
        """Give an order and wait until it is carried out.

        :raises TerraformError: it failed, or the relay has ended.
        """
        with self._lock:
            self._orders += 1
            message = json.dumps({"order": self._orders, "do": do, "door": door, **words}).encode()
            try:
                socket.send_fds(self._control, [message], [] if descriptor is None else [descriptor])
                while (answer := self._answer())["order"] != self._orders:
                    pass  # it came too late for the order that it belongs to
            except OSError as error:
                answer = {"error": str(error)}
        if "error" in answer:
            raise TerraformError(f"The sandbox's relay could not {do}: {answer['error']}.", next_step="Try again.")

    def _answer(self) -> dict[str, Any]:
        """The next answer, a whole one: the socket keeps the bounds of what is sent."""
        if not (data := self._control.recv(4096)):
            raise OSError("it has ended")
        return dict(json.loads(data))

    def close(self) -> None:
        self._control.close()
        self._child.terminate_group(grace=0)

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Door:
    """One closed network's way out.

    :ivar descriptor: what the program inherits (see :meth:`lab_env.sandbox.layers.Sandbox.command`).
    """

    def __init__(self, relay: Relay, number: int, inside: socket.socket) -> None:
        self._relay = relay
        self._number = number
        self._inside = inside
        self._admitted: set[tuple[str, int]] = set()
        self.descriptor = inside.fileno()

    def given(self) -> None:
        """The program has been started and holds its end."""
        self._inside.close()

    def admit(self, endpoint: str) -> None:
        """Make the engine at this URL reachable, and let nothing else be.

        :raises TerraformError: the relay has ended, or the door's addresses are used up.
        """
        address = _address(endpoint)
        if address not in self._admitted:
            self._relay.order("admit", self._number, host=address[0], port=address[1])
            self._admitted.add(address)

    def close(self) -> None:
        """Nothing goes through any more. Safe to call twice."""
        self._inside.close()
        with contextlib.suppress(TerraformError):
            self._relay.order("close", self._number)

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _address(endpoint: str) -> tuple[str, int]:
    """Number and port; a name is one of this machine's, as any engine is that a closed network is for."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = "127.0.0.1"
    return host, parts.port or (443 if parts.scheme == "https" else 80)
