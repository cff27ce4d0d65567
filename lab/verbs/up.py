"""``lab up``: the AWS endpoint, and JupyterLab."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def up(
    notebooks: Annotated[bool, typer.Option("--notebooks", help="Start JupyterLab with the course, too.")] = False,
    engine: options.Engine = "embedded",
    directory: options.Directory = None,
    port: options.Port = None,
    browser: options.Browser = True,
    in_container: options.InContainer = False,
    address: options.Address = None,
) -> None:
    """Start the AWS endpoint; --notebooks: JupyterLab too, with the course's notebooks in the working copy."""
    from lab import screen, working_copy
    from lab_env import engine as engines

    root = working_copy.find(directory)
    console = screen.output()
    if notebooks:
        from lab import jupyter

        serving = jupyter.Serving(port, browser, in_container, address)
        jupyter.require()
        written = jupyter.put_notebooks(root)
        if written:
            console.print(f"Put {len(written)} notebooks into {root}; begin with {written[0]}.", soft_wrap=True)
    found = engines.connect(engine, install=True, on_event=lambda notice: console.print(notice.text, soft_wrap=True))
    console.print(f"{found.name} {found.version} answers at {found.endpoint}.", soft_wrap=True)
    console.print(f"Can do: {', '.join(sorted(found.capabilities)) or 'nothing beyond the plain API'}", soft_wrap=True)
    if not notebooks:
        console.print("Next: lab check")
        return
    console.print("JupyterLab is starting; Ctrl-C here ends it.")
    raise typer.Exit(jupyter.serve(root, serving, engine_spec=engine))
