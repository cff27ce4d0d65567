"""The reference solution deployed once for a module of tests, and a shell with the drill magics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from lab import deployment
from lab.drills.live import LiveDeployment, look
from lab.notebook.drills.magics import DrillMagics
from lab.session.place import NotebookDirectory
from lab.session.session import KernelSession
from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus
from tests.graders.conftest import browser  # noqa: F401 - a fixture of the tests here


@dataclass(frozen=True)
class DrillBench:
    """A kernel's session, the shell of its magics, and what they said."""

    session: KernelSession
    shell: InteractiveShell
    notes: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.session.place.root

    def look(self) -> LiveDeployment:
        """The deployment as it is now."""
        return look(self.session, self.notes.append)

    def write(self, case: str) -> None:
        """Put a case of the corpus into the workspace."""
        for path, data in load_corpus()[case].files.items():
            self.session.place.write(path, data.decode())

    def deploy(self) -> None:
        """Apply what is in the workspace."""
        self.session.apply(self.notes.append, again=False)

    def run(self, name: str, line: str = "") -> list[dict[str, Any]]:
        """Run a magic; what it put out, as data by MIME type."""
        self.shell.display_pub = captured = CapturingDisplayPublisher()
        self.shell.run_line_magic(name, line)
        return [dict(output["data"]) for output in captured.outputs]

    def text(self, name: str, line: str = "") -> str:
        """The text form of what a magic put out."""
        return "\n".join(str(data.get("text/plain", "")) for data in self.run(name, line))


@pytest.fixture(scope="module")
def make_bench(engine: Engine, toolchain: Toolchain) -> Iterator[Callable[[Path], DrillBench]]:
    """Makes a bench at a directory; what it started and deployed is gone afterwards."""
    made: list[DrillBench] = []

    def make(root: Path) -> DrillBench:
        session = KernelSession(NotebookDirectory(root), "embedded")
        # No history: it is a thread and a file of the user's.
        shell = InteractiveShell(
            config=Config({"HistoryManager": {"enabled": False}}), ipython_dir=str(root / ".lab" / "ipython")
        )
        shell.register_magics(DrillMagics(shell, lambda: session))
        made.append(DrillBench(session, shell))
        return made[-1]

    yield make
    for bench in made:
        deployment.forget(bench.session.place.files)
        bench.session.close()


@pytest.fixture(scope="module")
def reference(make_bench: Callable[[Path], DrillBench], tmp_path_factory: pytest.TempPathFactory) -> DrillBench:
    """The reference solution, deployed once; every test may rotate it."""
    bench = make_bench(tmp_path_factory.mktemp("course"))
    bench.write("reference")
    bench.deploy()
    return bench
