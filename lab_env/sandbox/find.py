"""Which layers stand here: tried out with Terraform itself, the strongest first."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lab_env import processes, settings
from lab_env.errors import TerraformError
from lab_env.sandbox.door import OPENED, SOCKETS
from lab_env.sandbox.layers import OPEN, Programs, Sandbox, python_places, run_directory
from lab_env.settings import SandboxSetting

USER = 61_484
"""In the range that systemd keeps for users who exist only while something runs (61184 to 65519), so it is nobody's."""
_TRY_S = 60.0
_LOOK = """
for place in "$TMPDIR" "$PWD"; do test -w "$place" || { echo "$place cannot be written" >&2; exit 1; }; done
while test "$1" != --; do test -r "$1" || { echo "$1 cannot be read" >&2; exit 1; }; shift; done
shift
exec "$@"
"""


@dataclass(frozen=True)
class Machine:
    """What decides which layers can be tried.

    :param remote: engines that are not on this machine are allowed (``LAB_ALLOW_REMOTE``): a network in which only
        loopback is cannot reach them.
    """

    linux: bool
    root: bool
    remote: bool
    bwrap: str | None
    unshare: str | None
    setpriv: str | None


def this_machine(environ: Mapping[str, str] = os.environ) -> Machine:
    linux = sys.platform == "linux"
    # From the system's own directories: what else is on the caller's PATH is not asked to be a layer.
    found = {name: shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin") for name in _TOOLS}
    return Machine(linux, linux and os.geteuid() == 0, bool(settings.ALLOW_REMOTE.read(environ)), **found)


_TOOLS = ("bwrap", "unshare", "setpriv")


def find_sandbox(
    programs: Programs,
    environ: Mapping[str, str] = os.environ,
    machine: Machine | None = None,
    *,
    asked: SandboxSetting | None = None,
) -> Sandbox:
    """The strongest layers that Terraform and the provider work behind on this machine.

    The setting is ``auto`` (the default), ``off``, or ``required``: then bubblewrap, a closed network and, for
    root, the user must stand, but for the network where ``LAB_ALLOW_REMOTE`` asks for one.

    :param asked: by the run. What this machine's ``LAB_SANDBOX`` says goes before it, but for a run that requires the layers.
    :raises UsageError: ``LAB_SANDBOX`` is something else.
    :raises TerraformError: layers are required and do not stand.
    """
    own = settings.SANDBOX.read(environ) if environ.get(settings.SANDBOX.name) else None
    setting = asked if asked == "required" else own or asked or settings.SANDBOX.default
    if setting == "off":
        return replace(OPEN, notes=("LAB_SANDBOX is off.",))
    here = machine or this_machine(environ)
    notes = []
    found = OPEN
    for candidate in candidates(here, programs):
        problem = trouble(candidate, programs)
        if problem is None:
            found = candidate
            break
        notes.append(f"{' + '.join(candidate.layers)}: {problem}")
    found = replace(found, notes=(*_absent(here), *notes))
    if setting == "required":
        _require(found, here)
    return found


def candidates(here: Machine, programs: Programs) -> Iterator[Sandbox]:
    """Strongest first."""
    if not here.linux:
        return
    readable = _without_doubles((*programs.readable, *python_places()))
    closed = not here.remote
    user = USER if here.root and here.setpriv else None
    if here.bwrap:
        yield Sandbox(
            user=user, bwrap=here.bwrap, setpriv=here.setpriv if user else None, closed=closed, readable=readable
        )
    if here.unshare and here.setpriv and closed:
        words = (here.unshare, "--net") if here.root else (here.unshare, "--user", "--map-root-user", "--net")
        yield Sandbox(user=user, unshare=words, setpriv=here.setpriv, closed=True)
        if user:
            yield Sandbox(unshare=words, setpriv=here.setpriv, closed=True)
    if user:
        yield Sandbox(user=user, setpriv=here.setpriv)


def _without_doubles(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Each path once, without what lies in another one or in the system's directories."""
    system = (Path("/usr"),)
    kept: list[Path] = []
    for path in sorted(dict.fromkeys(paths), key=lambda one: (len(one.parts), one)):
        if not any(path.is_relative_to(other) for other in (*system, *kept)):
            kept.append(path)
    return tuple(kept)


def trouble(sandbox: Sandbox, programs: Programs) -> str | None:
    """Why Terraform does not work behind these layers; None when it does, sees the provider, and the door opens."""
    environment = {"PATH": os.defpath, "HOME": "/nonexistent", "CHECKPOINT_DISABLE": "1", "LANG": "C.UTF-8"}
    environment["TMPDIR"] = tempfile.gettempdir()
    ours, inside = socket.socketpair()
    with run_directory() as directory, ours, inside:
        try:
            sandbox.let_in(directory)
            if sandbox.closed:
                ours.send(OPENED)  # nobody is outside this time, so the door is answered before it asks
            places = [str(place) for place in (programs.provider, *programs.readable)]
            look = ["/bin/sh", "-c", _LOOK, "sh", *places, "--", *programs.terraform, "version"]
            done = processes.run(
                sandbox.command(look, directory, scratch=True, door=inside.fileno()),
                cwd=directory,
                env=environment,
                timeout=_TRY_S,
                pass_fds=(inside.fileno(),),
            )
            ours.setblocking(False)
            handed = len(socket.recv_fds(ours, 16, 16)[1]) if sandbox.closed and done.ok else 0
        except OSError as error:
            return str(error)
    if done.timed_out:
        return f"Terraform gave no answer in {_TRY_S:g} seconds"
    if not done.ok or b"Terraform v" not in done.stdout:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        return said[-200:] or "Terraform or the provider cannot be read there"
    if sandbox.closed and handed < SOCKETS:
        return "no socket came out of the closed network"
    return None


def _absent(here: Machine) -> tuple[str, ...]:
    if not here.linux:
        return ("There is no sandbox for this system yet.",)
    tools = (("bwrap", "the package bubblewrap"), ("setpriv", "util-linux"))
    return tuple(f"There is no {name} ({package})." for name, package in tools if getattr(here, name) is None)


def _require(found: Sandbox, here: Machine) -> None:
    wanted = ["user"] if here.root else []
    wanted += ["bubblewrap"] if here.remote else ["bubblewrap", "network"]
    missing = [layer for layer in wanted if layer not in found.layers]
    if missing:
        raise TerraformError(
            f"LAB_SANDBOX is required, and these layers do not stand: {', '.join(missing)}. {' '.join(found.notes)}".strip(),
            next_step="Install bubblewrap on Linux, or set LAB_SANDBOX to auto.",
        )
