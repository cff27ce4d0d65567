"""The pool's end of the proxy process: starts it, sends orders, waits for answers."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any

import lab_env
from lab_env import processes
from lab_env.errors import TerraformError
from lab_env.files import last_line
from lab_env.terraform.provider import Provider
from lab_env.terraform.schema import cache_file

ORDER_TIMEOUT_S = 90.0
_START = "import sys; sys.path.append(sys.argv.pop(1)); from lab_env.terraform.proxy import main; main()"


class ProxyHost:
    """One running proxy (:mod:`lab_env.terraform.proxy`). Orders may come from any thread."""

    def __init__(self, provider: Provider, directory: Path) -> None:
        """:raises TerraformError: the process cannot be started."""
        self._log = directory / "proxy.log"
        # Only where this package is: the caller's PYTHONPATH is none of the proxy's business.
        root = str(Path(lab_env.__file__).parents[1])
        try:
            with self._log.open("ab") as log:
                self._child = processes.spawn(
                    [sys.executable, "-I", "-c", _START, root, str(cache_file(provider))],
                    cwd=directory,
                    env=processes.clean_environment(HOME="/nonexistent", GRPC_VERBOSITY="ERROR"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                )
        except OSError as error:
            raise TerraformError(f"The lanes' proxy does not start: {error}.") from error
        self._lines = processes.Lines(self._child)
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._orders = 0
        self._ended = False
        self._listener = threading.Thread(target=self._listen, name="lanes-proxy", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return not self._ended and self._child.poll() is None

    def order(self, do: str, lane: int, **words: str) -> None:
        """Send an order and wait until it is carried out.

        :raises TerraformError: it failed, or the proxy has ended.
        """
        answer: Future[dict[str, Any]] = Future()
        with self._lock:
            if self._ended:
                raise TerraformError(self._end())
            self._orders += 1
            number = self._orders
            self._waiting[number] = answer
            with contextlib.suppress(OSError):  # it has ended: the listener sees that, too, and fails the answer
                self._lines.send({"id": number, "do": do, "lane": lane, **words}, time.monotonic() + ORDER_TIMEOUT_S)
        try:
            reply = answer.result(ORDER_TIMEOUT_S)
        except FutureTimeoutError:
            raise TerraformError(f"The lanes' proxy did not {do} lane {lane} in {ORDER_TIMEOUT_S:g} seconds.") from None
        finally:
            with self._lock:
                self._waiting.pop(number, None)
        if "error" in reply:
            raise TerraformError(f"Lane {lane}: {reply['error']}")

    def close(self) -> None:
        """End the process; it has nothing to lose."""
        self._child.terminate_group(grace=0, close_pipes=False)
        self._listener.join()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, EOFError, KeyError, TypeError):  # the last two: an answer to no order
            while True:
                reply = self._lines.message(None)
                with self._lock:
                    # Taken out at once: the end of the process may follow before who asked has looked.
                    answer = self._waiting.pop(reply["id"], None)
                if answer is not None:
                    answer.set_result(reply)
        with self._lock:
            self._ended = True
            waiting, self._waiting = self._waiting, {}
            self._child.terminate_group(grace=0)  # closes the pipes: nobody writes under this lock, nobody else reads
        for answer in waiting.values():
            answer.set_result({"error": self._end()})

    def _end(self) -> str:
        said = last_line(self._log)
        return f"the lanes' proxy has ended{': ' if said else ''}{said}"
