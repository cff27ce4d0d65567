"""The console script ``lab``: thin glue; each verb is a module of ``lab.verbs``.

Only the standard library and Typer are imported here: a verb brings what it needs when it runs, so that ``lab --help``
answers at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Annotated

import typer

from lab.guard import guarded
from lab.verbs import (
    as_role,
    autograder,
    check,
    course,
    demo,
    diagram,
    doctor,
    down,
    export,
    grade,
    hint,
    launch,
    leaks,
    lesson,
    predict,
    progress,
    regrade,
    reset,
    rotate,
    self_test,
    status,
    terraform,
    trail,
    try_,
    up,
    verify,
)

LEARNER, INSTRUCTOR, AUTHOR = "For learners", "For instructors", "For authors of the rubric"

_HELP = """Secrets Lab: secrets management with AWS Secrets Manager and KMS in Terraform, to learn and to grade.

Start with `lab doctor`, then `lab reset` in an empty directory, then `lab lesson 0`.

Exit codes: 0 done, 1 something does not pass, 2 usage, 3 no engine or Terraform, 4 an error of the grader.
"""


def build() -> typer.Typer:
    """Build the application with all its verbs."""
    app = typer.Typer(
        name="lab",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # plain help: Rich's costs as much time as all the rest
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_options)
    verbs: dict[str, Callable[..., None]] = {
        "doctor": doctor.doctor,
        "up": up.up,
        "down": down.down,
        "status": status.status,
        "lesson": lesson.lesson,
        "check": check.check,
        "hint": hint.hint,
        "reset": reset.reset,
        "progress": progress.progress,
        "predict": predict.predict,
        "try": try_.try_,
        "terraform": terraform.terraform,
        "launch": launch.launch,
        "rotate": rotate.rotate,
        "trail": trail.trail,
        "as-role": as_role.as_role,
        "leaks": leaks.leaks,
        "diagram": diagram.diagram,
        "grade": grade.grade,
        "regrade": regrade.regrade,
        "export": export.export,
        "autograder": autograder.autograder,
        "demo": demo.demo,
        "verify": verify.verify,
        "self-test": self_test.self_test,
    }
    for name, verb in verbs.items():
        app.command(name)(guarded(verb))
    app.add_typer(course.group(guarded), name="course")
    return app


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"secrets-lab {version('secrets-lab')}")
        raise typer.Exit(0)


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the console script; ends the process with the verb's exit code.

    :param arguments: the words after ``lab``; the process's own when left out.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a character gets a question mark, not a crash.
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, _terminated)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup has the work go on when its terminal is closed
        signal.signal(signal.SIGHUP, _terminated)
    build()(args=list(arguments) if arguments is not None else None, prog_name="lab")


def _terminated(number: int, frame: FrameType | None) -> None:
    """Take a polite kill, or the terminal's end, as an interrupt: what we started is ended, what is half-written is removed."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
