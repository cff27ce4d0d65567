"""The layers as words in front of a program, and the run's directory as those behind them may use it."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lab_env.temporary import temporary_directory

SandboxLayer = Literal["user", "bubblewrap", "network"]

SCRATCH_NAME = ".scratch"
"""In the run's directory: what is the temporary directory inside."""
_SCRATCH_INSIDE = "/scratch"
# Programs and libraries of the system, what they need to start, and how names and certificates are found. No home
# directories, no /var, no /run, no /tmp, and of /etc only this.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
_SETTINGS = ("alternatives", "hosts", "ld.so.cache", "localtime", "nsswitch.conf", "pki", "resolv.conf", "ssl")
_HOSTS = str(Path(__file__).with_name("hosts"))
FIRST_PID = 1
"""The program's process id inside bubblewrap. As the first process there it takes everything with it that it left behind, and
bubblewrap ends when all of it is gone, with its processor time."""


@dataclass(frozen=True)
class Programs:
    """What is run in the sandbox.

    :param terraform: the words before Terraform's own arguments.
    :param provider: the provider's executable.
    :param readable: files and directories that they need and that are not the system's.
    """

    terraform: tuple[str, ...]
    provider: Path
    readable: tuple[Path, ...]


@dataclass(frozen=True)
class Sandbox:
    """The layers that stand on this machine; without any, everything here changes nothing.

    :param user: user and group id that programs get; None: ours.
    :param bwrap: bubblewrap's executable; None: no sandbox around files and processes.
    :param unshare: words that start a program in a network of its own, where there is no bubblewrap.
    :param setpriv: the executable that takes rights away.
    :param closed: the network is closed but for the door.
    :param readable: what is shown inside, read-only, beside the system's own.
    :param notes: for people: which layer does not stand, and why.
    """

    user: int | None = None
    bwrap: str | None = None
    unshare: tuple[str, ...] = ()
    setpriv: str | None = None
    closed: bool = False
    readable: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[SandboxLayer, ...]:
        """Those that stand, in the order of the result JSON."""
        found: list[tuple[SandboxLayer, bool]] = [
            ("user", self.user is not None),
            ("bubblewrap", self.bwrap is not None),
            ("network", self.closed),
        ]
        return tuple(layer for layer, stands in found if stands)

    def around(self, directory: Path, *needed: Path) -> Sandbox:
        """These layers for a run in this directory: without the user where that user could not get there.

        :param needed: what else that user must get at, such as our interpreter, which may lie in root's home.
        """
        if self.user is None or self.bwrap is not None or all(map(_searchable, (directory, *needed))):
            return self
        return replace(self, user=None, setpriv=self.setpriv if self.unshare else None)

    def command(
        self,
        argv: Sequence[str],
        directory: Path,
        *,
        sockets: Sequence[str] = (),
        scratch: bool = False,
        door: int | None = None,
    ) -> list[str]:
        """The program in the sandbox.

        :param directory: the run's, absolute: the one place it may write to; it starts there.
        :param sockets: unix sockets that it may call, absolute.
        :param scratch: it gets a temporary directory, which is ``directory/.scratch`` to us.
        :param door: descriptor by which it is let out to the engine (see :mod:`lab_env.sandbox.door`); it must be
            inherited. None: no network at all.
        """
        inner = [*self._through(door), *self._without_rights(), *argv]
        if self.bwrap is not None:
            return [*self._bubble(directory, sockets, scratch), "--", *inner]
        return [*self.unshare, *inner]

    def let_in(self, directory: Path) -> None:
        """Let the user inside work in a directory of ours: make files there, read ours, change or replace none of them.

        What Terraform writes itself (state, plans, ``.terraform``) becomes that user's, also when we put it there.
        Nothing of the run may be running. Links are not followed.
        """
        if self.bwrap is not None:
            scratch = directory / SCRATCH_NAME
            scratch.mkdir(mode=0o700, exist_ok=True)
        if self.user is None:
            return
        os.chown(directory, -1, self.user)
        directory.chmod(0o1770)  # sticky: what is ours there cannot be renamed or removed
        for entry in sorted(directory.iterdir()):
            ours = entry.name not in (".terraform", SCRATCH_NAME) and (entry.is_dir() or entry.suffix == ".tf")
            _give(entry, self.user, owner=-1 if ours else self.user)

    def let_call(self, socket: Path) -> None:
        """Let the user inside connect to a unix socket of ours."""
        if self.user is not None:
            os.chown(socket, -1, self.user)
            socket.chmod(0o660)

    def signal_of(self, code: int) -> int:
        """A program's exit code: bubblewrap says 128 and the signal where the system says minus the signal."""
        return 128 - code if self.bwrap is not None and 128 < code < 192 else code

    def _bubble(self, directory: Path, sockets: Sequence[str], scratch: bool) -> list[str]:
        words = [str(self.bwrap), "--unshare-ipc", "--unshare-pid", "--as-pid-1", "--unshare-uts"]
        words += ["--unshare-net"] if self.closed else []
        words += [] if self.user is not None else ["--cap-drop", "ALL"]
        for name in _SYSTEM:
            path = Path(name)
            if path.is_symlink():
                words += ["--symlink", str(path.readlink()), name]
            elif path.is_dir():
                words += ["--ro-bind", name, name]
        shown = (*self.readable, *map(Path, sockets))
        # Made by itself, what is above would be bubblewrap's user's alone.
        above = {parent for path in (*shown, directory, Path("/etc/x")) for parent in path.parents[:-1]}
        for path in sorted(above):
            words += [] if path.is_relative_to("/usr") else ["--dir", str(path)]
        for name in _SETTINGS:
            # Nobody answers names in a closed network: ours knows those that an engine on this machine may have.
            source = _HOSTS if self.closed and name == "hosts" else f"/etc/{name}"
            words += ["--ro-bind-try", source, f"/etc/{name}"]
        words += ["--proc", "/proc", "--dev", "/dev"]
        for path in shown:
            words += ["--ro-bind", str(path), str(path)]
        if scratch:
            words += ["--bind", str(directory / SCRATCH_NAME), _SCRATCH_INSIDE, "--setenv", "TMPDIR", _SCRATCH_INSIDE]
        words += ["--bind", str(directory), str(directory), "--remount-ro", "/", "--chdir", str(directory)]
        return words

    def _through(self, door: int | None) -> list[str]:
        if door is None or not self.closed:
            return []
        return [python(), "-I", "-S", door_program(), str(door)]

    def _without_rights(self) -> list[str]:
        if self.setpriv is None:
            return []
        words = [self.setpriv, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        if self.user is not None:
            words += ["--reuid", str(self.user), "--regid", str(self.user), "--clear-groups"]
        return [*words, "--"]


OPEN = Sandbox()
"""No sandbox: gate and plan stand alone."""


@contextmanager
def run_directory() -> Iterator[Path]:
    """Make a directory for one run, which is gone afterwards.

    It lies where the layers were tried (:func:`lab_env.sandbox.find.trouble`), and the sandbox's user gets through to it, and to
    nothing else. A directory of the caller's would have Terraform go without that user where its provider does not.
    """
    with temporary_directory("run") as made:
        directory = made / "run"
        directory.mkdir(mode=0o700)
        made.chmod(0o711)  # whoever goes through may not look around
        yield directory


def python() -> str:
    """The interpreter itself, without a virtual environment around it."""
    return os.path.realpath(sys.executable)


def door_program() -> str:
    return str(Path(__file__).with_name("door.py"))


def python_places() -> tuple[Path, ...]:
    """What the door's interpreter needs to see."""
    return (Path(sys.base_prefix), Path(python()), Path(door_program()))


def _searchable(directory: Path) -> bool:
    """Whether everybody may go through the directories above this one."""
    return all(above.stat().st_mode & stat.S_IXOTH for above in directory.parents)


def _give(path: Path, group: int, *, owner: int) -> None:
    """Group and, unless it is -1, owner of a file, or of a directory and all in it; the group may read."""
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        os.chown(path, owner, group, follow_symlinks=False)
        if owner == -1:
            path.chmod(stat.S_IMODE(mode) | (0o050 if stat.S_ISDIR(mode) else 0o040))
    if stat.S_ISDIR(mode):
        for entry in path.iterdir():
            _give(entry, group, owner=owner)
