"""A launch with the mend taken out: the stand-in as it once was started, the learner's names in its environment.

The tests run it to see their canary fire, so that one which is silent means something.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from lab_env import processes
from lab_env.ecs_agent.standin import Digest
from lab_env.sandbox import Sandbox

_PROGRAM = """
import hashlib, json, os, sys
salt = sys.stdin.buffer.readline().strip()
json.dump({n.decode(): hashlib.sha256(salt + v).hexdigest() for n, v in os.environb.items()}, sys.stdout)
"""
# The names that were thought to be all that a loader or the interpreter obeys.
_DENIED = ("LD_", "DYLD_", "PYTHON", "GLIBC_", "MALLOC_", "GCONV_", "LOCPATH", "NLSPATH", "LC_", "LANG", "TMPDIR")


def start_with_names_in_the_environment(environment: Mapping[str, str], *, sandbox: Sandbox) -> dict[str, Digest]:
    """What :func:`lab_env.ecs_agent.standin.start` once was: no sandbox, and every name that is not on the list goes in."""
    salt = secrets.token_hex(16).encode()
    carried = {f"CARRIED_{name}" if name.startswith(_DENIED) else name: value for name, value in environment.items()}
    done = processes.run(
        [sys.executable, "-I", "-S", "-c", _PROGRAM], cwd=Path("/"), env=carried, timeout=30, input=salt + b"\n"
    )
    return {name: Digest(salt, digest) for name, digest in json.loads(done.stdout).items()}
