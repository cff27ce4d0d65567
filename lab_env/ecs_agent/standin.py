"""The process that stands in for a learner's container: ours, never the learner's command or image.

The injected names and values are the learner's, and an environment is a place where names do things: a loader, a library or an
interpreter obeys hundreds of them (``LD_PRELOAD``, ``OPENSSL_CONF``, ``GCONV_PATH``, …), before our program's first line, and
nobody has the list. So none of them ever is in one. Names and values go over stdin, as one JSON document; the stand-in's own
environment is empty, it runs in the sandbox that Terraform runs in (:mod:`lab_env.sandbox`), in an empty directory, and
before it reads the first byte it gives up the right to open a file or a socket, to start a process and to leave a core file.

It says which names it saw and a salted digest of each value. No value is ever in an argument, a file or its output.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab_env import processes
from lab_env.ecs_agent.environment import why_refused
from lab_env.ecs_agent.value_from import AgentError
from lab_env.errors import LabError
from lab_env.sandbox import Sandbox
from lab_env.sandbox.layers import python
from lab_env.temporary import temporary_directory
from lab_env.text import well_formed

# Everything is imported, and the digest's library has begun, before the last line that may open a file.
_PROGRAM = """
import hashlib, json, resource, sys
hashlib.sha256(b"").hexdigest()
for limit in ("RLIMIT_CORE", "RLIMIT_NPROC", "RLIMIT_NOFILE"):
    resource.setrlimit(getattr(resource, limit), (0, 0))
document = json.loads(sys.stdin.buffer.read())
salt = document["salt"].encode()
seen = {
    name: hashlib.sha256(salt + value.encode()).hexdigest() for name, value in document["environment"].items()
}
json.dump(seen, sys.stdout)
"""
_LIMITS = processes.Limits(cpu_s=10, data_bytes=512 << 20, file_bytes=0, output_bytes=64 << 20)
"""A hundred times what the largest environment takes, and nothing of the machine's."""
_TIMEOUT_S = 30.0
_EMPTY = ("/usr/bin/env", "-i")
"""A shell that sets limits, and bubblewrap, put a directory into the environment: nothing of that reaches the program."""


class StandInError(LabError):
    """The stand-in did not run: a fault of ours or of the machine, never the learner's."""


@dataclass(frozen=True)
class Digest:
    """A value that was seen, without the value: sha256 over salt and value."""

    salt: bytes = field(repr=False)
    digest: str

    def matches(self, expected: str) -> bool:
        return hashlib.sha256(self.salt + well_formed(expected).encode()).hexdigest() == self.digest


def start(environment: Mapping[str, str], *, sandbox: Sandbox) -> dict[str, Digest]:
    """Give the stand-in these variables and let it run to its end; what it saw, by name.

    :param sandbox: the sandbox that it runs in, as far as our interpreter can be read there.
    :raises AgentError: the variables cannot be an environment.
    :raises StandInError: it did not report.
    """
    injected = {well_formed(name): well_formed(value) for name, value in environment.items()}
    if reason := why_refused(injected):
        raise AgentError(f"CannotCreateContainerError: the environment is refused ({reason})")
    salt = secrets.token_hex(16)
    seen = _answer(json.dumps({"salt": salt, "environment": injected}).encode(), sandbox)
    return {name: Digest(salt.encode(), digest) for name, digest in sorted(seen.items())}


def _answer(document: bytes, sandbox: Sandbox) -> dict[str, str]:
    program = [*_EMPTY, python(), "-I", "-S", "-c", _PROGRAM]
    try:
        with temporary_directory("stand-in") as made:
            directory = made.resolve()
            box = sandbox.around(directory, Path(python()))
            box.let_in(directory)
            done = processes.run(
                box.command(program, directory),
                cwd=directory,
                env={},
                timeout=_TIMEOUT_S,
                limits=_LIMITS,
                input=document,
            )
    except OSError as error:
        raise StandInError(
            f"The launch's stand-in cannot be started: {error}.", next_step="Run `lab doctor`."
        ) from error
    if not done.ok:
        ended = "ran past its time" if done.timed_out else f"ended with code {done.returncode}"
        raise StandInError(f"The launch's stand-in {ended}.", next_step="Run `lab doctor`, then try again.")
    try:
        seen: dict[str, str] = json.loads(done.stdout)
    except ValueError:
        raise StandInError("The launch's stand-in gave no answer.", next_step="Run `lab doctor`.") from None
    return seen
