"""Canaries: a file that must not appear, a secret and a place that must not be told, a listener that must not be called.

An attack carries words in their places (``CANARY_FILE`` and the like); arming it puts the real ones in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from solutions.corpus import Case, ExpectedStatus, Fires, load_corpus, materialise
from solutions.hostile.built import BUILT, Built

SECRET = "canary-a7f3c09be4d1-sings"
_LARGEST = 64 << 10


@dataclass(frozen=True)
class Canaries:
    """:param root: where the attacks lie in ``handed/NAME``, the secret in ``secret/canary.txt`` and ``fired`` appears."""

    root: Path
    port: int
    calls: list[str] = field(default_factory=list)

    @property
    def fired(self) -> Path:
        return self.root / "fired"

    @property
    def secret(self) -> Path:
        return self.root / "secret" / "canary.txt"

    @property
    def state(self) -> Path:
        return self.root / "secret" / "neighbour.tfstate"

    @property
    def handed(self) -> Path:
        return self.root / "handed"

    def arm(self, directory: Path) -> Path:
        """Put the canaries' places into a submission's files."""
        words = {
            b"CANARY_FILE": str(self.fired),
            b"CANARY_PATH": str(self.secret),
            b"CANARY_STATE": str(self.state),
            b"CANARY_DIR": str(self.secret.parent),
            b"CANARY_PORT": str(self.port),
        }
        files = [directory] if directory.is_file() else sorted(directory.rglob("*"))
        for path in files:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
                continue
            data = armed = path.read_bytes()
            for word, place in words.items():
                armed = armed.replace(word, place.encode())
            if armed != data:
                path.write_bytes(armed)
        return directory

    def sang(self, *said: str) -> list[str]:
        """What went wrong: a canary that was touched, or told in one of these texts, in any encoding."""
        wrong = ["the file appeared"] if self.fired.exists() else []
        wrong += [f"the listener was called: {call}" for call in self.calls]
        for text in said:
            wrong += ["the place was told"] if str(self.handed) in text else []
            wrong += [f"the secret was told in {name}" for name, form in _forms().items() if form in text]
        return wrong


def _forms() -> dict[str, str]:
    data = f"{SECRET}\n".encode()
    return {
        "plain text": SECRET,
        "base64": base64.b64encode(data).decode()[:32],
        "hexadecimal": SECRET.encode().hex(),
        "SHA-256": hashlib.sha256(data).hexdigest(),
        "reverse": SECRET[::-1],
    }


@contextmanager
def canaries(root: Path) -> Iterator[Canaries]:
    """Canaries in a directory; the listener answers nobody and notes everybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = Canaries(root, server.getsockname()[1])
        here.secret.parent.mkdir(parents=True)
        here.handed.mkdir()
        here.secret.write_text(f"{SECRET}\n")
        (here.secret.parent / f"{SECRET}.txt").touch()  # a name tells, too
        here.state.write_text(json.dumps(_state()))
        listening = threading.Thread(target=_listen, args=(server, here.calls), daemon=True)
        listening.start()
        yield here
        server.shutdown(socket.SHUT_RDWR)
        listening.join(5)


def _listen(server: socket.socket, calls: list[str]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(0.5)
            try:
                calls.append(repr(connection.recv(200)[:80]))
            except OSError:
                calls.append("nothing said")


def _state() -> dict[str, object]:
    outputs = {"o": {"value": SECRET, "type": "string"}}
    return {
        "version": 4,
        "terraform_version": "1.11.0",
        "serial": 1,
        "lineage": "x",
        "outputs": outputs,
        "resources": [],
    }


@dataclass(frozen=True)
class Attack:
    """A hostile case of either kind, and the verdict it must get."""

    name: str
    status: ExpectedStatus
    reason: str | None
    path: str | None
    line: int | None
    fires: Fires | None
    planned: bool
    source: Case | Built

    def write(self, here: Canaries) -> Path:
        """What is handed in, armed; its parent directory holds nothing else."""
        if isinstance(self.source, Case):
            return here.arm(materialise(self.source, here.handed))
        place = here.handed / self.name
        place.mkdir()
        return here.arm(self.source.make(place))

    def module(self, here: Canaries) -> Path:
        """Where Terraform would run."""
        return self.write(here) / "modules" / "secrets"

    def commands(self) -> list[list[str]]:
        """What Terraform has to be told for the attack to fire."""
        variable = ["-var", "environment=dev"]
        told = [["init", "-input=false"], ["apply", "-auto-approve", "-input=false", *variable]]
        if self.fires == "destroy":
            told.append(["destroy", "-auto-approve", "-input=false", *variable])
        return told


ATTACKS: tuple[Attack, ...] = (
    *(Attack(c.name, c.status, c.reason, c.path, c.line, c.fires, False, c) for c in load_corpus().of_kind("hostile")),
    *(Attack(b.name, b.status, b.reason, b.path, b.line, b.fires, b.planned, b) for b in BUILT),
)
