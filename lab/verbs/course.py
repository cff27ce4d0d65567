"""``lab course``: a term with nbgrader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from lab import options

Course = Annotated[
    Path | None,
    typer.Option("--dir", metavar="PATH", help="The course directory; the current directory when left out."),
]
Student = Annotated[str | None, typer.Option("--student", metavar="ID", help="Only this student.")]
Exchange = Annotated[bool, typer.Option("--exchange", help="Through nbgrader's exchange directory as well.")]

_HELP = """A term with nbgrader: a course directory, its release, submissions, marks, feedback.

Each is nbgrader's own step; docs/instructors.md goes through a term. `nbgrader` and formgrader may be used instead at any point.
"""


def group(guarded: Callable[[Callable[..., None]], Callable[..., None]]) -> typer.Typer:
    """Make the group of the verbs below ``lab course``."""
    verbs = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    for verb in (new, release, collect, autograde, formgrader, feedback, export):
        verbs.command(verb.__name__)(guarded(verb))
    return verbs


def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where; it must be empty or not there.")],
) -> None:
    """Write a course: the source notebooks, with solutions, and nbgrader's configuration."""
    from lab.course import creating

    written = creating.new(directory)
    _say(*(f"Written: {path}" for path in written), f"Next: cd {directory} && lab course release")


def release(directory: Course = None, exchange: Exchange = False) -> None:
    """Make the learners' version: no solution in it."""
    from lab.course import steps

    where = steps.release(directory, exchange=exchange)
    _say(f"Released: {where}", "Next: hand these notebooks out, and nothing of source/")


def collect(directory: Course = None) -> None:
    """Take submissions from nbgrader's exchange. Exit code 4: one could not be taken, and not by its own fault."""
    from lab.course import steps
    from lab.guard import say
    from lab_env.text import counted

    done = steps.collect(directory)
    for sentence in (*done.warnings, *done.errors):
        say(sentence)
    _say(f"There are {counted(len(done.students), 'submission')}.", "Next: lab course autograde")
    raise typer.Exit(4 if done.errors else 0)


def autograde(
    directory: Course = None,
    student: Student = None,
    depth: Annotated[
        options.DepthName | None, typer.Option("--depth", help="How far to go, instead of the configuration's.")
    ] = None,
    cluster: options.Cluster = None,
) -> None:
    """Grade the class; what is unchanged is left as it is. Exit code 4: somebody has no mark."""
    from lab import running
    from lab.course import steps
    from lab_env.text import counted

    done = steps.autograde(
        directory,
        student=student,
        depth=None if depth is None else depth.value,
        cluster=cluster,
        shown=running.shown,
    )
    _say(
        *(_line(row, done.max_score) for row in done.rows),
        *done.left_out,
        *([f"{counted(done.unchanged, 'submission')} unchanged since the last time."] if done.unchanged else []),
        "Next: lab course feedback, and lab course export",
    )
    raise typer.Exit(4 if done.faulty else 0)


def formgrader(
    directory: Course = None,
    new_course: Annotated[
        bool, typer.Option("--new", help="Write a course first, when the directory is empty.")
    ] = False,
    port: options.Port = None,
    browser: options.Browser = True,
    in_container: options.InContainer = False,
    address: options.Address = None,
) -> None:
    """Look through submissions in a browser: JupyterLab with nbgrader's formgrader, on this machine only."""
    from lab import jupyter
    from lab.course import creating, nbgraders

    serving = jupyter.Serving(port, browser, in_container, address)
    jupyter.require()
    root = (directory or Path.cwd()).expanduser().resolve()
    if new_course and (not root.exists() or not any(root.iterdir())):
        creating.new(root)
    nbgraders.open_course(root)
    _say("Formgrader is starting; Ctrl-C here ends it.")
    raise typer.Exit(jupyter.serve_formgrader(root, serving))


def feedback(directory: Course = None, student: Student = None, exchange: Exchange = False) -> None:
    """Make a page for each learner and notebook."""
    from lab import running
    from lab.course import steps
    from lab_env.text import counted

    done = steps.feedback(directory, student=student, exchange=exchange, shown=running.shown)
    unchanged = f" {done.unchanged} of them unchanged since the last time." if done.unchanged else ""
    _say(f"There is feedback for {counted(len(done.students), 'student')}.{unchanged}")


def export(
    directory: Course = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="The CSV; grades.csv when left out.")] = None,
) -> None:
    """Write the marks as CSV, each with a status; an error or a missing submission is no number."""
    from lab.course import steps

    target, rows = steps.export(directory, to)
    _say(*(_line(row, None) for row in rows if row.mark is None), f"Written: {target}")


def _line(row: Any, max_score: int | None) -> str:
    from lab_env.text import one_line

    score = "no mark" if row.mark is None else f"{row.mark.score:g}/{max_score}"
    return one_line(f"{row.student}: {row.status.value}, {score}" + (f". {row.reason}" if row.reason else ""))


def _say(*lines: str) -> None:
    from lab import screen

    console = screen.output()
    for line in lines:
        console.print(line, soft_wrap=True)
