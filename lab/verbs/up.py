"""``lab up``: the AWS endpoint, and JupyterLab."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def up(
    notebooks: Annotated[bool, typer.Option("--notebooks", help="Start JupyterLab with the course, too.")] = False,
    engine: options.Engine = "embedded",
    directory: options.Directory = None,
    student: options.Student = None,
    port: options.Port = None,
    browser: options.Browser = True,
    in_container: options.InContainer = False,
    address: options.Address = None,
) -> None:
    """Start the AWS endpoint; --notebooks: JupyterLab too, with the course's notebooks in the working copy."""
    from lab import assignment, screen, working_copy
    from lab_env import engine as engines

    root = working_copy.find(directory)
    console = screen.output()
    if student is not None:
        assignment.remember(root, student)
    asked = assignment.read(root)
    if notebooks:
        from lab import jupyter

        serving = jupyter.Serving(port, browser, in_container, address)
        jupyter.require()
        written = jupyter.put_notebooks(root, asked)
        if written:
            console.print(f"Put {len(written)} notebooks into {root}; begin with {written[0]}.", soft_wrap=True)
    if asked is not None:
        from notebooks.filling import fill_notebooks

        filled = fill_notebooks(root, asked.lesson)
        if filled:
            console.print(f"Your values are in {len(filled)} notebooks now.", soft_wrap=True)
        for line in asked.info.lines:
            console.print(f"Asked for: {line}", soft_wrap=True)
    found = engines.connect(engine, install=True, on_event=lambda notice: console.print(notice.text, soft_wrap=True))
    console.print(f"{found.name} {found.version} answers at {found.endpoint}.", soft_wrap=True)
    console.print(f"Can do: {', '.join(sorted(found.capabilities)) or 'nothing beyond the plain API'}", soft_wrap=True)
    if not notebooks:
        console.print("Next: lab check")
        return
    console.print("JupyterLab is starting; Ctrl-C here ends it.")
    raise typer.Exit(jupyter.serve(root, serving, engine_spec=engine))
