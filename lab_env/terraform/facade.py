"""One workspace's Terraform commands: started with limits, watched, and their words turned into typed results.

A mistake in the configuration is a result (``ok=False`` with diagnostics). What is not the configuration's fault (no
start, no answer in time, a provider that died, an endpoint that is gone) is a :class:`TerraformError`; a configuration that
takes more memory or computing than there is for it is a :class:`SubmissionError`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from lab_env import processes
from lab_env.errors import SubmissionError, TerraformError
from lab_env.sandbox import Relay, Sandbox
from lab_env.terraform.locate import Toolchain, child_environment
from lab_env.terraform.messages import Diagnostic, Event, RunResult, Stream, machinery_fault, parse_validation

STATE_FILE = "terraform.tfstate"
OUTPUT_LIMIT = 64 * 1024 * 1024
"""Bytes of one call's output; the lesson's own plan is 20 KB."""
MEMORY_LIMIT = 2 * 1024 * 1024 * 1024
"""Bytes of memory of Terraform, and of a provider; the lesson's own plan needs 100 MB, a provider 500."""
_FULL = 1024 * 1024
"""Free bytes of a disk below which it is full: a plan is larger than what is left."""
FILE_LIMIT = 256 * 1024 * 1024
"""Bytes of one file that Terraform may write; the lesson's own largest is a plan of 20 KB."""
_TALKING = frozenset({"plan", "apply", "destroy"})
"""Commands in which the provider calls the engine; the others need no way out."""
_NOT_JSON = (json.JSONDecodeError, UnicodeDecodeError)
"""What a document that was cut off is; another ValueError is about a value in a whole one."""
_OUT_OF_MEMORY = re.compile(rb"fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory|cannot map pages)")
"""How Go ends at :data:`MEMORY_LIMIT` (runtime/malloc.go, mem_linux.go); a machine that has run out of memory kills instead."""
CPU_OF_A_LOOP_S = 30.0
"""CPU seconds of Terraform itself past which a time-out is laid to the configuration; the lesson's own plan takes half a one,
and a machine that is busy makes it take longer by the clock, not by this."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds a call may take: ten times what the slow path needs on two cores."""

    init: float = 120.0
    validate: float = 120.0
    plan: float = 180.0
    show: float = 120.0
    apply: float = 300.0
    destroy: float = 300.0


class WarmProvider(Protocol):
    """What a call needs of the lane that it runs in (see :mod:`lab_env.terraform.lanes`)."""

    def reattach(self, sandbox: Sandbox) -> str:
        """Make the value of ``TF_REATTACH_PROVIDERS`` for a Terraform in that sandbox."""

    @property
    def socket(self) -> str:
        """The unix socket that it names."""

    def admit(self, endpoint: str) -> None:
        """Let the provider reach the engine at this URL.

        :raises TerraformError: it cannot.
        """

    def require_healthy(self) -> None:
        """:raises TerraformError: the provider of this lane is gone."""

    def invalidate(self, reason: str) -> None:
        """The lane must not serve another run."""


class Terraform:
    """Terraform in one directory; one run at a time.

    :param directory: the workspace, with the generated root in it.
    :param lane: the warm lane that this run holds; None: Terraform starts a provider itself for every call.
    :param endpoint: the engine's URL, the one address that is let through the sandbox; None: none is.
    """

    def __init__(
        self,
        directory: Path,
        *,
        toolchain: Toolchain,
        lane: WarmProvider | None = None,
        endpoint: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.directory = directory
        self.toolchain = toolchain
        self.lane = lane
        self.endpoint = endpoint
        self.timeouts = timeouts or Timeouts()

    def init(self, *, on_event: Callable[[Event], None] | None = None) -> RunResult:
        """Install modules (local ones) and link the provider; in a lane there is no provider to link."""
        result = self._stream("init", ["-input=false", "-upgrade=false"], self.timeouts.init, on_event)
        # About our mirror, not about the configuration, and only said on the plain path.
        told = tuple(d for d in result.diagnostics if not d.summary.startswith("Incomplete lock file information"))
        return replace(result, diagnostics=told)

    def validate(self) -> RunResult:
        done = self._run("validate", ["-json"], self.timeouts.validate)
        diagnostics = parse_validation(done.stdout)
        if diagnostics is None:
            raise self._broken("validate", done)
        self._refuse_faults("validate", diagnostics)
        ok = not any(diagnostic.severity == "error" for diagnostic in diagnostics)
        return RunResult("validate", ok, done.returncode, diagnostics, duration_s=done.duration_s)

    def plan(
        self,
        out: Path,
        *,
        variables: Mapping[str, str] | None = None,
        refresh: bool = True,
        on_event: Callable[[Event], None] | None = None,
    ) -> RunResult:
        """Plan into the file ``out`` (relative to the workspace or absolute).

        :param refresh: False: trust the state as it is.
        """
        words = ["-input=false", f"-out={out}", f"-refresh={str(refresh).lower()}", "-lock=false"]
        words += [f"-var={name}={value}" for name, value in sorted((variables or {}).items())]
        result = self._stream("plan", words, self.timeouts.plan, on_event)
        if result.ok:
            self._require_whole(self.directory / out)
        return result

    def show(self, plan: Path) -> dict[str, Any]:
        """A saved plan as ``terraform show -json`` writes it.

        :raises TerraformError: the file is no plan of this workspace (a failed plan leaves none).
        """
        done = self._run("show", ["-json", "-no-color", str(plan)], self.timeouts.show)
        try:
            data = json.loads(done.stdout) if done.ok else None
        except _NOT_JSON:
            data = None
        except (ValueError, RecursionError) as error:
            raise _beyond_reading("plan", error) from None
        if not isinstance(data, dict):
            raise self._broken("show", done)
        return _in_order(data, "relevant_attributes")

    def apply(self, plan: Path | None = None, *, on_event: Callable[[Event], None] | None = None) -> RunResult:
        """Apply a saved plan, or plan and apply without asking."""
        words = ["-input=false", "-lock=false", "-auto-approve", *([] if plan is None else [str(plan)])]
        return self._stream("apply", words, self.timeouts.apply, on_event)

    def destroy(self, *, on_event: Callable[[Event], None] | None = None) -> RunResult:
        words = ["-input=false", "-lock=false", "-auto-approve"]
        return self._stream("destroy", words, self.timeouts.destroy, on_event)

    def state(self) -> dict[str, Any]:
        """The state file's content, read without Terraform; empty before the first apply."""
        try:
            data = json.loads(_read(self.directory / STATE_FILE))
        except FileNotFoundError:
            return {}
        except (OSError, *_NOT_JSON) as error:
            raise TerraformError(f"The state file of {self.directory} cannot be read: {error}.") from error
        except (ValueError, RecursionError) as error:
            raise _beyond_reading("state", error) from None
        if not isinstance(data, dict):
            return {}
        for resource in data.get("resources", ()):
            for instance in resource.get("instances", ()):
                _in_order(instance, "sensitive_attributes")
        return data

    def _stream(
        self, command: str, words: Sequence[str], timeout: float, on_event: Callable[[Event], None] | None
    ) -> RunResult:
        stream = Stream(on_event)
        done = self._run(command, ["-json", *words], timeout, stream.feed)
        result = stream.result(command, done.returncode, done.duration_s)
        self._refuse_faults(command, result.diagnostics)
        if not result.ok and not result.errors:
            raise self._broken(command, done)
        return result

    def _run(
        self, command: str, words: Sequence[str], timeout: float, on_line: Callable[[bytes], None] | None = None
    ) -> processes.Completed:
        lane, directory = self.lane, self.directory.absolute()
        if lane is not None:
            lane.require_healthy()
        completed = False
        try:
            sandbox = self.toolchain.sandbox.around(directory)
            sandbox.let_in(directory)
            with self._sandboxed(sandbox, [*self.toolchain.terraform, command, *words], command) as (argv, inherited):
                done = processes.run(
                    argv,
                    cwd=self.directory,
                    env=child_environment(self.toolchain.cli_config, None if lane is None else lane.reattach(sandbox)),
                    timeout=timeout,
                    limits=processes.Limits(output_bytes=OUTPUT_LIMIT, data_bytes=MEMORY_LIMIT, file_bytes=FILE_LIMIT),
                    on_line=on_line,
                    pass_fds=inherited,
                )
            done = replace(done, returncode=self.toolchain.sandbox.signal_of(done.returncode))
            completed = not done.timed_out and not done.overflowed and done.returncode >= 0
        except OSError as error:
            raise TerraformError(f"Terraform does not start: {error}.", next_step="Run `lab doctor`.") from error
        finally:
            # Also on an interrupt: the provider was not told to stop, so it may still be at work for this run.
            if not completed and lane is not None:
                lane.invalidate(f"{command} was cut off")
        if done.timed_out and done.cpu_s > CPU_OF_A_LOOP_S:
            raise SubmissionError(
                f"terraform {command} was still computing after {timeout:g} seconds.",
                next_step="Look for an expression that grows with every step.",
            )
        if done.returncode != 0 and _OUT_OF_MEMORY.search(done.stderr):
            if (limit := processes.limit_on_memory(MEMORY_LIMIT)) is not None:
                raise TerraformError(
                    f"terraform {command} got no more memory: this session's own limit is {limit[1] / 2**30:.1f} GiB ({limit[0]}).",
                    next_step=f"Take the limit away with `{limit[0]} unlimited`, or ask whoever runs the machine.",
                )
            raise SubmissionError(
                f"terraform {command} needed more than {MEMORY_LIMIT // 2**30} GiB of memory.",
                next_step="Look for an expression that grows with every step.",
            )
        if done.timed_out:
            raise TerraformError(
                f"terraform {command} was ended after {timeout:g} seconds.",
                next_step="Try again; when it happens again, run `lab doctor`.",
            )
        if done.overflowed:
            raise SubmissionError(
                f"terraform {command} wrote more than {OUTPUT_LIMIT // 2**20} MiB.",
                next_step="Look for a value that is that long.",
            )
        if done.returncode < 0:
            raise TerraformError(f"terraform {command} was killed by signal {-done.returncode}.")
        return done

    @contextmanager
    def _sandboxed(
        self, sandbox: Sandbox, argv: Sequence[str], command: str
    ) -> Iterator[tuple[list[str], tuple[int, ...]]]:
        """The command as it runs in the sandbox, and the descriptors that it inherits."""
        directory = self.directory.absolute()
        if self.lane is not None:
            if self.endpoint is not None and sandbox.closed:
                self.lane.admit(self.endpoint)
            yield sandbox.command(argv, directory, sockets=(self.lane.socket,), scratch=True), ()
        elif self.endpoint is not None and sandbox.closed and command in _TALKING:
            with Relay() as relay, relay.door(self.endpoint) as door:
                yield sandbox.command(argv, directory, scratch=True, door=door.descriptor), (door.descriptor,)
        else:
            yield sandbox.command(argv, directory, scratch=True), ()

    def _refuse_faults(self, command: str, diagnostics: Sequence[Diagnostic]) -> None:
        fault = machinery_fault(diagnostics)
        if fault is None:
            return
        if self.lane is not None:
            self.lane.invalidate(f"{command}: {fault.summary}")
        text = " ".join(f"{fault.summary}: {fault.detail}".split())
        raise TerraformError(f"terraform {command} could not work: {text[:400]}", next_step="Run `lab doctor`.")

    def _require_whole(self, plan: Path) -> None:
        """:raises TerraformError: the plan file is cut off, of which Terraform says nothing on a full disk."""
        if zipfile.is_zipfile(plan):
            return
        full = shutil.disk_usage(self.directory).free < _FULL
        why = "no space left on device" if full else "somebody else has changed it"
        raise TerraformError(
            f"The plan file {plan.name} is cut off: {why}.", next_step="Free some space, and try again."
        )

    def _broken(self, command: str, done: processes.Completed) -> TerraformError:
        """Terraform failed without a diagnostic: not something the configuration can do."""
        said = " ".join(done.stderr.decode("utf-8", "replace").replace("│", " ").split())
        said = said or " ".join(done.stdout[-2000:].decode("utf-8", "replace").split())
        return TerraformError(
            f"terraform {command} ended with code {done.returncode} and said: {said[:400] or 'nothing'}",
            next_step="Run `lab doctor`.",
        )


def _beyond_reading(where: str, error: ValueError | RecursionError) -> SubmissionError:
    """Terraform wrote it and Python does not read it: only a value that the learner chose does that."""
    if isinstance(error, RecursionError):
        return SubmissionError(
            f"A value of the {where} is nested too deep to be read.",
            next_step="Look for a value in a value in a value.",
        )
    return SubmissionError(
        f"A number of the {where} has more digits than are read ({sys.get_int_max_str_digits()}).",
        next_step="Look for a power or an exponent.",
    )


def _read(path: Path) -> bytes:
    """A file that Terraform has written; never through a link, which would lead us where only we may read.

    :raises OSError: it is not there, cannot be read, or is a link.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read()


def _in_order(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Sort one list in place: Terraform writes it in the order of a Go map, which is chance."""
    if isinstance(data.get(name), list):
        data[name].sort(key=lambda item: json.dumps(item, sort_keys=True))
    return data
