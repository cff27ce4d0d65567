"""What is said to a child and what it answers, over its pipes: lines, JSON messages and runs of bytes, each within a deadline.

A child that does not keep to this is worth no more than one that has ended, because what follows can no longer be told apart: an
end in the middle, a line without end and a message that is no JSON object are all an ``EOFError``, and whoever asked
ends it. The sandbox's relay alone is spoken to otherwise (:mod:`lab_env.sandbox.relay_host`): descriptors travel with its orders,
which a pipe cannot carry.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import time
from collections.abc import Mapping
from typing import IO, Any

from lab_env.processes.child import Child

LONGEST = 16 << 20
_PIECE = 1 << 20


class Lines:
    """The near ends of a child's stdin and stdout. One thread may write while another one reads.

    Deadlines are of :func:`time.monotonic`; None waits for ever. Past one a ``TimeoutError`` is raised, and the pipes are of no
    further use. Pipes that are closed while somebody waits for them wake nobody: end the child first.

    :param longest: bytes of a line at most.
    """

    def __init__(self, child: Child, *, longest: int = LONGEST) -> None:
        self._out, self._in, self._longest = child.stdin, child.stdout, longest
        self._rest = bytearray()
        for end in (self._out, self._in):
            if end is not None:
                os.set_blocking(end.fileno(), False)

    def send(self, message: Mapping[str, Any], deadline: float | None, payload: bytes = b"") -> None:
        """Write a message, and bytes behind it.

        :raises OSError: the child has ended, or does not read before the deadline.
        """
        for data in (json.dumps(message).encode() + b"\n", payload):
            left = memoryview(data)
            while left:
                handle = _when_ready(self._out, selectors.EVENT_WRITE, deadline)
                with contextlib.suppress(BlockingIOError):
                    left = left[os.write(handle, left[:_PIECE]) :]

    def message(self, deadline: float | None) -> dict[str, Any]:
        """Read a line that is a JSON object.

        :raises EOFError: the child has ended, or says something else.
        :raises OSError: also for the deadline.
        """
        try:
            found = json.loads(self.line(deadline))
        except (ValueError, RecursionError) as error:
            raise EOFError("no JSON") from error
        if not isinstance(found, dict):
            raise EOFError("no JSON object")
        return found

    def line(self, deadline: float | None) -> bytes:
        """Read a line, without its end.

        :raises EOFError: the child has ended, or the line is longer than lines are.
        :raises OSError: also for the deadline.
        """
        looked = 0
        while (end := self._rest.find(b"\n", looked)) < 0:
            looked = len(self._rest)
            if looked > self._longest:
                raise EOFError("a line without end")
            self._rest += self._piece(deadline)
        line = self._taken(end + 1)
        return line[:-1]

    def read(self, size: int, deadline: float | None) -> bytes:
        """Read so many bytes.

        :raises EOFError: the child has ended.
        :raises OSError: also for the deadline.
        """
        while len(self._rest) < size:
            self._rest += self._piece(deadline)
        return self._taken(size)

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._rest[:size])
        del self._rest[:size]
        return taken

    def _piece(self, deadline: float | None) -> bytes:
        while True:
            handle = _when_ready(self._in, selectors.EVENT_READ, deadline)
            with contextlib.suppress(BlockingIOError):
                if piece := os.read(handle, _PIECE):
                    return piece
                raise EOFError("it has ended")


def _when_ready(end: IO[bytes] | None, event: int, deadline: float | None) -> int:
    """The descriptor, once it can be read or written; a selector also looks at those of 1024 and more, ``select`` does not."""
    if end is None or end.closed:
        raise EOFError("its pipes are closed")
    with selectors.DefaultSelector() as selector:
        selector.register(end, event)
        if not selector.select(None if deadline is None else max(0.0, deadline - time.monotonic())):
            raise TimeoutError
    return end.fileno()
