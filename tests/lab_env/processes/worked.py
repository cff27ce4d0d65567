"""Functions that the tests have workers call."""

from __future__ import annotations

import os
import re
import signal
import sys
import time

from lab_env import hcl
from lab_env.errors import SubmissionError, UsageError


def doubled(payload: bytes) -> bytes:
    print("what a library prints")  # and must not end up in the answer
    return payload * 2


def pid(payload: bytes) -> bytes:
    return str(os.getpid()).encode()


def environment(payload: bytes) -> bytes:
    return "\n".join(sorted(os.environ)).encode()


def refuses(payload: bytes) -> bytes:
    raise SubmissionError("main.tf is odd.", next_step="Mend it.", path="main.tf", line=7)


def is_used_wrongly(payload: bytes) -> bytes:
    raise UsageError("There is no such path.", next_step="Check it.")


def fails(payload: bytes) -> bytes:
    raise KeyError("unforeseen")


def holds_the_lock(payload: bytes) -> bytes:
    """One step of a regular expression that takes longer than anybody lives, and lets no other thread run."""
    return str(re.match(r"(a+)+$", "a" * 60 + "b")).encode()


def takes_all_memory(payload: bytes) -> bytes:
    return b"x" * (1 << 40)


def takes_memory_in_pieces(payload: bytes) -> bytes:
    kept = []
    while True:
        kept.append(bytearray(b"x" * (1 << 24)))


def sleeps(payload: bytes) -> bytes:
    time.sleep(float(payload))
    return b"slept"


def dies(payload: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def dies_once(payload: bytes) -> bytes:
    """Dies unless the file is there, which it makes first."""
    try:
        os.close(os.open(payload, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return b"the second time"
    return dies(payload)


def prints_to_the_answers(payload: bytes) -> bytes:
    os.write(1, b"not an answer\n")
    sys.stdout.write("nor this")
    sys.stdout.flush()
    return b"the answer"


def parses(payload: bytes) -> bytes:
    found = hcl.parse("main.tf", payload.decode()).get("a")
    return str(found.value).encode() if isinstance(found, hcl.Literal) else b""


def burns(payload: bytes) -> bytes:
    until = time.process_time() + float(payload)
    while time.process_time() < until:
        pass
    return b""
