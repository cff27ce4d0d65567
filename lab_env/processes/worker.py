"""The child process of :mod:`lab_env.processes.pool`: ``python -P -m lab_env.processes.worker``.

Reads an order (a JSON line, then the payload's bytes), calls the function that it names, and answers in the same form, until
stdin ends. A call past its processor time is ended by the system with SIGXCPU, also in the middle of one step of a regular
expression, where no thread and no signal handler of Python's would get a turn.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import BinaryIO

from lab_env.errors import LabError, SubmissionError


def main() -> None:
    # Whatever a library prints must not end up among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while line := sys.stdin.buffer.readline():
        order = json.loads(line)
        payload = sys.stdin.buffer.read(order["size"])
        if len(payload) < order["size"]:
            return  # whoever asked is gone
        limit_processor_time(order["cpu_s"])
        _answer(answers, *_call(order["function"], payload))
        limit_processor_time(None)


def _call(name: str, payload: bytes) -> tuple[bytes, dict[str, object] | None]:
    try:
        return _function(name)(payload), None
    except LabError as error:
        place = {"path": error.path, "line": error.line} if isinstance(error, SubmissionError) else {}
        return b"", {
            "type": type(error).__name__,
            "message": error.message,
            "next_step": error.next_step,
            **place,
        }
    except MemoryError:
        return b"", {"type": "MemoryError", "message": ""}
    except Exception as error:
        return b"", {"type": "Exception", "message": f"{type(error).__name__}: {error}"}


def _function(name: str) -> Callable[[bytes], bytes]:
    module, _, attribute = name.partition(":")
    found: Callable[[bytes], bytes] = getattr(importlib.import_module(module), attribute)
    return found


def limit_processor_time(seconds: float | None) -> None:
    """Bound this process's processor time from now on; None: by what the system allows.

    The soft limit only, so that it can be raised again. A function that a worker runs may set another for a part of its work.
    """
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = most if seconds is None else int(time.process_time() + seconds) + 1
    if most != resource.RLIM_INFINITY:
        until = most if until == resource.RLIM_INFINITY else min(until, most)
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))


def _answer(answers: BinaryIO, data: bytes, error: dict[str, object] | None) -> None:
    answers.write(json.dumps({"size": len(data), "error": error}).encode() + b"\n" + data)
    answers.flush()


if __name__ == "__main__":
    main()
