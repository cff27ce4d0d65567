"""A notebook's directory and a shell in it, without a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from lab import deployment
from lab.magics import LabMagics
from lab.session.place import NotebookDirectory
from lab.session.session import KernelSession
from solutions.corpus import load_corpus

VARIABLES = 'variable "environment" {\n  type = string\n}\n'


@dataclass(frozen=True)
class Ran:
    """What one cell printed, and the error that it ended with."""

    out: str
    error: BaseException | None

    @property
    def told(self) -> list[str]:
        """What is shown in place of a traceback."""
        assert self.error is not None
        return list(self.error._render_traceback_())  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Notebook:
    """A shell with the lab's magics."""

    session: KernelSession
    shell: InteractiveShell
    read: Callable[[], Any]

    @property
    def place(self) -> NotebookDirectory:
        return self.session.place

    def run(self, source: str, cell_id: str | None = None) -> Ran:
        """Run a cell, as the front end does."""
        self.read()
        result = self.shell.run_cell(source, cell_id=cell_id)
        return Ran(self.read().out, result.error_in_exec or result.error_before_exec)

    def write(self, case: str, *names: str) -> None:
        """Write files of a case of the corpus; all without names."""
        for path, data in load_corpus()[case].files.items():
            if not names or Path(path).name in names:
                self.place.write(path, data.decode())


@pytest.fixture
def notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A fresh directory, and a shell of its own in it."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("LAB_DEBUG", raising=False)
    root = tmp_path / "course"
    root.mkdir()
    session = KernelSession(NotebookDirectory(root))
    # No history: it is a thread and a file of the user's.
    shell = InteractiveShell(
        config=Config({"HistoryManager": {"enabled": False}}), ipython_dir=str(tmp_path / "ipython")
    )
    magics = LabMagics(shell, session)
    shell.register_magics(magics)
    shell.events.register("pre_run_cell", magics.remember_cell)
    yield Notebook(session, shell, capsys.readouterr)
    session.close()
    deployment.forget(session.place.files)
