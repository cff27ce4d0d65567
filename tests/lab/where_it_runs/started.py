"""A process of its own, which the tests of this directory start: the lab as somebody starts it.

``started.py lab WORDS …`` is the console script, ``layers`` prints those that Terraform has, ``notebook DIRECTORY`` writes the
reference solution into a course's directory and runs :data:`CELLS` in a shell there, up to the first that fails. With
``--without-bwrap`` before them, bubblewrap is not found.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

CELLS = (
    "%load_ext lab.magics",
    "%terraform apply",
    "%rotate",
    "%launch",
    "%as_role",
    "from lab.notebook import demos; demos.sensitive_in_state()",
    "demos.edit_and_plan()",
    "demos.running_task_after_rotation()",
    "%terraform destroy",
    "%terraform apply",
)


def main(words: list[str]) -> None:
    if words[0] == "--without-bwrap":
        _hide_bubblewrap()
        words = words[1:]
    if words[0] == "layers":
        from lab_env.terraform import find_toolchain

        print(*find_toolchain().sandbox.layers)
        return
    if words[0] == "notebook":
        json.dump(_cells(Path(words[1])), sys.stdout)
        return
    from lab.cli import main as lab

    lab(words[1:])


def _hide_bubblewrap() -> None:
    """As on a machine that has none: what is there is looked for in one place."""
    from lab_env.sandbox import find

    real = find.this_machine

    def without(environ: Mapping[str, str] = os.environ) -> find.Machine:
        return replace(real(environ), bwrap=None)

    find.this_machine = without


def _cells(directory: Path) -> list[dict[str, Any]]:
    """Each cell, what it printed, and the lines shown for its error; none after one that failed."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    from lab.session.place import NotebookDirectory
    from lab_env.errors import LabError
    from solutions.corpus import load_corpus

    place = NotebookDirectory(directory)
    for path, data in load_corpus()["reference"].files.items():
        if path.endswith(".tf"):
            place.write(path, data.decode())
    os.chdir(directory)
    seen = []
    with tempfile.TemporaryDirectory() as profile:
        # No history: it is a thread and a file of the user's.
        shell = InteractiveShell.instance(
            config=Config({"HistoryManager": {"enabled": False}}), ipython_dir=str(Path(profile, "ipython"))
        )
        for cell in CELLS:
            with capture_output() as captured:
                ran = shell.run_cell(cell)
            error = ran.error_in_exec or ran.error_before_exec
            told = list(error._render_traceback_()) if isinstance(error, LabError) else [repr(error)] if error else []
            seen.append({"cell": cell, "out": captured.stdout + captured.stderr, "told": told})
            if told:
                break
    return seen


if __name__ == "__main__":
    main(sys.argv[1:])
