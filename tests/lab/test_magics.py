"""The extension in a real kernel: notebooks run by nbclient, on the real engine."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from tests.lab.notebook.check.test_run import KMS, WRONG
from tests.lab.notebook.conftest import VARIABLES

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

LOAD = "%load_ext lab.magics\n%lab_progress"
CHILDREN = """\
import psutil

for child in psutil.Process().children(recursive=True):
    print(child.pid, *" ".join(child.cmdline()).split())
"""


def _run(root: Path, *sources: str) -> list[Any]:
    """The cells of a notebook in ``root`` after it was run in a kernel of its own."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])  # type: ignore[no-untyped-call]
    client = NotebookClient(
        made, timeout=600, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(root)}}
    )
    client.execute()
    return list(made.cells)


def _plain(cell: Any) -> str:
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain") or "\n".join(output.get("traceback", ()))
        for output in cell.outputs
    )


def _html(cell: Any) -> str:
    return "\n".join(output.data["text/html"] for output in cell.outputs if "text/html" in output.get("data", {}))


def test_a_learner_goes_wrong_and_right(
    tmp_path: Path, engine: Engine, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a real kernel: is a fail one error with a card above it, a fix a pass, and nothing left when the kernel ends?"""
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    # The tests are run from the source tree, a kernel somewhere else.
    home = str(Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")])))
    cells = _run(
        tmp_path,
        LOAD,
        f"%%hcl modules/secrets/variables.tf\n{VARIABLES}",
        f"%%hcl modules/secrets/kms.tf\n{WRONG}",
        KMS,
        f"%%hcl modules/secrets/kms.tf\n{WRONG.replace('= 30', '= 7')}",
        KMS,
        "%terraform apply",
        "%terraform destroy",
        "%lsmagic",
        CHILDREN,
    )
    welcome, _, _, wrong, _, right, applied, destroyed, magics, children = cells
    assert "Welcome" in _plain(welcome)

    (error,) = [output for output in wrong.outputs if output.output_type == "error"]
    assert error.ename == "CheckFailed"
    assert len(error.traceback) == 1
    assert "kms.deletion_window" in error.traceback[0]
    cards = [output for output in wrong.outputs if output.output_type == "display_data"]
    assert len(cards) == 1  # the same card all the time
    html = _html(wrong)
    assert "<details" in html
    assert "Hint 3 of 3" in html
    assert "deletion_window_in_days" in html
    assert "&lt;b&gt;mine" not in html or "<b>mine" not in html
    for bad in ("<script", "<b>mine", "javascript:", "http://", "https://"):
        assert bad not in html

    assert not [output for output in right.outputs if output.output_type == "error"]
    assert "5 of 5 pass, 17 of 17 points." in _plain(right)
    assert "<progress" not in _html(right)  # what it looked like while it ran is gone
    assert "2 added, 0 changed, 0 destroyed" in _plain(applied)
    assert "2 destroyed" in _plain(destroyed)
    for name in ("hcl", "terraform", "lab_check", "lab_progress", "lab_reset", "rotate", "launch", "leaks", "predict"):
        assert name in _plain(magics)

    # What the kernel started has ended with it; the engine, which all share, goes on.
    started = [line.split(" ", 1) for line in _plain(children).splitlines()]
    own = {int(pid): command for pid, command in started if "lab_env.engine.server" not in command}
    assert any("terraform" in command for command in own.values())
    deadline = time.monotonic() + 30  # a guard sees within moments that its parent is gone
    while own.keys() & set(psutil.pids()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [command for pid, command in own.items() if psutil.pid_exists(pid)] == []
