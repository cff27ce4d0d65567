"""``lab try``: the experiments of the lessons, which notebooks run in their cells."""

from __future__ import annotations

from typing import Annotated

import typer

from lab import options


def try_(
    id_: Annotated[
        str | None, typer.Argument(metavar="ID", help="An experiment of a lesson; all are listed without.")
    ] = None,
    directory: options.Directory = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Run an experiment of a lesson on your deployment, or in an account of its own."""
    from lab import screen
    from lab.lessons import course, trying
    from lab.output import terminal
    from lab.session.session import in_working_copy

    console = screen.output()
    with in_working_copy(directory, engine, plain=plain) as session:
        lessons = course.load(session.rules.lesson)
        if id_ is None:
            for lesson in lessons:
                for one in trying.experiments(lesson):
                    console.print(f"  {one.id:24} lesson {lesson.number}, {lesson.title}", soft_wrap=True)
            return
        trying.run(trying.find(lessons, id_), lambda line: terminal.put(console, line))
