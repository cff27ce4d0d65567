"""The process that stands in for a learner's container: ours, never the learner's command or image.

It gets the injected values in its environment and nothing else, and says which names it saw and a salted digest of each
value. No value is ever in an argument, a file or its output.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab_env import processes
from lab_env.ecs_agent.value_from import AgentError

# Reads the salt; the interpreter may add LC_CTYPE to an empty environment, which is not of the container's.
_PROGRAM = """
import hashlib, json, os, sys
salt, prefix = sys.stdin.buffer.readline().strip(), sys.stdin.buffer.readline().strip()
seen = {}
for name, value in os.environb.items():
    if name.startswith(prefix):
        name = name[len(prefix):]
    elif name == b"LC_CTYPE":
        continue
    seen[name.decode("utf-8", "replace")] = hashlib.sha256(salt + value).hexdigest()
json.dump(seen, sys.stdout)
"""
# Names that the system's loader or the interpreter would obey on our machine; in a container they are the learner's.
_OBEYED = ("LD_", "DYLD_", "PYTHON", "GLIBC_", "MALLOC_", "GCONV_", "LOCPATH", "NLSPATH", "LC_", "LANG", "TMPDIR")
_PREFIX = "LAB_CONTAINER_"
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Digest:
    """A value that was seen, without the value: sha256 over salt and value."""

    salt: bytes = field(repr=False)
    digest: str

    def matches(self, expected: str) -> bool:
        return hashlib.sha256(self.salt + expected.encode()).hexdigest() == self.digest


def start(environment: Mapping[str, str]) -> dict[str, Digest]:
    """Run the stand-in with these variables to its end; what it saw, by name.

    :raises AgentError: the variables cannot be an environment, or it did not report.
    """
    salt = secrets.token_hex(16).encode()
    carried = {f"{_PREFIX}{name}" if name.startswith(_OBEYED) else name: value for name, value in environment.items()}
    try:
        done = processes.run(
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            cwd=Path(Path(sys.executable).anchor),
            env=carried,
            timeout=_TIMEOUT_S,
            input=salt + b"\n" + _PREFIX.encode() + b"\n",
        )
    except (ValueError, OSError) as error:  # a NUL in a value, "=" in a name, more than the system takes
        raise AgentError(f"CannotCreateContainerError: the environment is refused ({type(error).__name__})") from None
    if not done.ok:
        raise AgentError(f"CannotStartContainerError: the stand-in process ended with code {done.returncode}")
    seen: dict[str, str] = json.loads(done.stdout)
    return {name: Digest(salt, digest) for name, digest in sorted(seen.items())}
