"""Something between the grader and its engine that disturbs what passes: late answers, errors, connections that end."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

_NOT_PASSED_ON = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
DELAY_S = 0.2
"""A busy engine: many times what a call takes."""


class Fault(StrEnum):
    """What happens to one call."""

    LATE = "is answered late"
    INNER_ERROR = "is answered 500"
    REFUSED = "loses its connection before the engine has it"
    LOST = "is carried out, and loses its connection before the answer"
    CUT = "is carried out, and half of its answer arrives"


@dataclass(frozen=True)
class Call:
    """:param operation: as AWS names it, such as ``CreateRole``; empty for the health check.

    :param terraform: whether Terraform's provider asks, and not the grader.
    """

    operation: str
    terraform: bool


Rule = Callable[[Call], Fault | None]


def nothing(call: Call) -> None:
    """Every call passes."""


def on(operation: str, fault: Fault, *, terraform: bool, times: int | None = None) -> Rule:
    """The fault on the first ``times`` calls of one operation that Terraform, or the grader, makes; on all without a number.

    It begins with Terraform's first call: before it the engine is only asked what it can do.
    """
    lock, left, begun = threading.Lock(), [times], threading.Event()

    def rule(call: Call) -> Fault | None:
        if call.terraform:
            begun.set()
        if not begun.is_set() or (call.operation, call.terraform) != (operation, terraform):
            return None
        with lock:
            if left[0] == 0:
                return None
            if left[0] is not None:
                left[0] -= 1
        return fault

    return rule


@dataclass
class Between:
    """:param url: what the grader takes for its engine.

    :param engine: the engine's own endpoint; another one is another engine at the same address.
    :param done: the faults that happened, with the calls that they happened to.
    """

    url: str
    engine: str
    rule: Rule = nothing
    done: list[tuple[Call, Fault]] = field(default_factory=list)

    @property
    def happened(self) -> set[tuple[str, Fault]]:
        return {(call.operation, fault) for call, fault in self.done}


@contextlib.contextmanager
def between(engine: str) -> Iterator[Between]:
    """A door on a free port of loopback through which everything passes until it is given a rule."""
    found = Between("", engine)

    class Handler(_Handler):
        place = found

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    place: Between
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest shows what matters."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = self._call(body)
        fault = self.place.rule(call)
        if fault is not None:
            self.place.done.append((call, fault))
        if fault is Fault.REFUSED:
            self.close_connection = True
            return
        if fault is Fault.INNER_ERROR:
            self._answer(500, [("Content-Type", "text/plain")], b"the engine stumbled")
            return
        if fault is Fault.LATE:
            time.sleep(DELAY_S)
        try:
            status, headers, data = self._asked(body)
        except OSError:  # the engine is gone
            self.close_connection = True
            return
        if fault is Fault.LOST:
            self.close_connection = True
            return
        self._answer(status, headers, data, cut=fault is Fault.CUT)

    def _call(self, body: bytes) -> Call:
        operation = (self.headers.get("X-Amz-Target") or "").rpartition(".")[2]
        if not operation and "x-www-form-urlencoded" in (self.headers.get("Content-Type") or ""):
            operation = parse_qs(body.decode()).get("Action", [""])[0]
        return Call(operation, "Terraform" in (self.headers.get("User-Agent") or ""))

    def _asked(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.place.engine).netloc, timeout=60)
        try:
            # Host stays: a session's calls are signed with it.
            headers = {n: v for n, v in self.headers.items() if n.lower() != "connection"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes, *, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut
