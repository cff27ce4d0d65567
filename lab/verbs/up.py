"""``lab up``: the AWS endpoint, and JupyterLab."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from lab import options


def up(
    notebooks: Annotated[bool, typer.Option("--notebooks", help="Start JupyterLab too, in the working copy.")] = False,
    engine: options.Engine = "embedded",
    directory: options.Directory = None,
) -> None:
    """Start the AWS endpoint; --notebooks: JupyterLab too."""
    from lab import screen, working_copy
    from lab_env import engine as engines
    from lab_env.errors import UsageError

    if notebooks and importlib.util.find_spec("jupyterlab") is None:
        raise UsageError(
            "JupyterLab is not installed in this environment.", next_step="pip install 'secrets-lab[notebooks]'"
        )
    root = working_copy.find(directory)
    console = screen.output()
    found = engines.connect(engine)
    console.print(f"{found.name} {found.version} answers at {found.endpoint}.", soft_wrap=True)
    console.print(f"Can do: {', '.join(sorted(found.capabilities)) or 'nothing beyond the plain API'}", soft_wrap=True)
    if not notebooks:
        console.print("Next: lab check")
        return
    raise typer.Exit(_jupyterlab(root))


def _jupyterlab(root: Path) -> int:
    """Runs JupyterLab until it ends; Ctrl-C goes to it as well, and it says what happens."""
    process = subprocess.Popen([sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"], cwd=root)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
