"""The one place where an error becomes a line on standard error and an exit code."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import typer

from lab_env import settings
from lab_env.errors import LabError

P = ParamSpec("P")
R = TypeVar("R")

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_BROKEN_PIPE = 141  # 128 + SIGPIPE
_FAULT = 4


def guarded(verb: Callable[P, R]) -> Callable[P, R]:
    """Wrap ``verb`` so that every exception is told in one or two lines; ``LAB_DEBUG=1`` shows the traceback as well."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(*args, **kwargs)
        except typer.Exit:
            raise
        except LabError as error:
            _debug()
            raise typer.Exit(_tell(error)) from None
        except (KeyboardInterrupt, typer.Abort) as stop:
            say(": ".join(["interrupted", *map(str, stop.args)]))
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever read our output has enough; what is left in the buffer must not raise again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(_BROKEN_PIPE) from None
        except Exception as error:
            _debug()
            say(f"An error of the lab itself: {type(error).__name__}: {error}")
            say("Next: run it again with LAB_DEBUG=1 in front, and report what it prints.")
            raise typer.Exit(_FAULT) from None

    return run


@contextmanager
def keeping(kept: Callable[[], str]) -> Iterator[None]:
    """When what is done here is interrupted, one line says what of it is kept and how to go on.

    :param kept: says so; empty when there is nothing to say.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(*filter(None, [kept()])) from stop


def say(text: str) -> None:
    """Print one line on standard error, whatever is in it; a terminal gets it on as many of its own as it takes."""
    from lab_env.text import one_line, wrapped

    line = one_line(text)
    for part in wrapped(line, width) if (width := _terminal_width()) else [line]:
        print(part, file=sys.stderr)


def _terminal_width() -> int | None:
    """The columns of standard error; None where it is no terminal."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or None
    except (OSError, ValueError, AttributeError):
        return None


def _tell(error: LabError) -> int:
    from lab.words import in_terminal

    say(in_terminal(error.message))
    if error.next_step:
        say(in_terminal(f"Next: {error.next_step}"))
    return error.exit_code


def _debug() -> None:
    if settings.DEBUG.read():
        import traceback

        traceback.print_exc()
