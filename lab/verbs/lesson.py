"""``lab lesson``: the course in a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from lab import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.text import Text

    from lab.lessons.course import Lesson
    from lab.working_copy import Progress


def lesson(
    number: Annotated[
        int | None, typer.Argument(metavar="N", help="Which lesson, from 0; all are listed without.")
    ] = None,
    pager: Annotated[
        bool, typer.Option("--pager/--no-pager", help="Show it in a pager, on a terminal ($PAGER, else less).")
    ] = True,
    directory: options.Directory = None,
) -> None:
    """Read a lesson of the course: text, files to write, commands to type."""
    from lab import assignment, screen, working_copy
    from lab.lessons import course
    from lab.lessons.page import WIDTH, rendered

    root = working_copy.find(directory)
    known, values = working_copy.load_progress(root), assignment.rules(root).lesson
    lessons = course.load(values)
    console = screen.output()
    if number is None:
        _list(console, lessons, known)
        return
    asked = course.one(lessons, number)
    width = min(WIDTH, console.width) if console.is_terminal else WIDTH
    _show(console, [*_own_values(values, width), *rendered(asked, width, values)], pager=pager)
    after = next((one for one in lessons if one.number > number), None)
    console.print(f"Next: lab lesson {after.number}" if after else "Next: lab check", style="bold", soft_wrap=True)


def _list(console: Console, lessons: Sequence[Lesson], known: Progress) -> None:
    from lab.lessons.course import passed, where_to_go_on

    wide = max(len(one.title) for one in lessons)
    for one in lessons:
        done = f"{passed(one, known)} of {len(one.ids)} pass" if one.ids else ""
        console.print(f"  {one.number}  {one.title:{wide}}  {done}".rstrip(), soft_wrap=True)
    goes_on = where_to_go_on(lessons, known)
    console.print(f"Next: lab lesson {goes_on.number}" if goes_on else "Next: lab check", style="bold", soft_wrap=True)


def _show(console: Console, lines: Iterable[Text], *, pager: bool) -> None:
    def put() -> None:
        for line in lines:
            console.print(line, soft_wrap=True)

    if not (pager and console.is_terminal):
        put()
        return
    # Colours pass, a text that fits is only printed, and it stays on the screen afterwards.
    os.environ.setdefault("LESS", "FRX")
    with console.pager(styles=True):
        put()


def _own_values(values: object, width: int) -> Iterable[Text]:
    """What a learner who has values of their own is asked for, in one place."""
    from rich.text import Text

    from lab_env.lesson import STANDARD, Lesson
    from lab_env.text import wrapped

    if values == STANDARD or not isinstance(values, Lesson):
        return
    said = (
        f"In your course the secret is named ENVIRONMENT-{values.secret} and kept {values.secret_window_days} days, the alias is "
        f"alias/{values.alias}-ENVIRONMENT, its key waits {values.key_window_days} days, the variable is {values.password}, the "
        f"tags are {values.environment_tag} and {values.manager_tag} = {values.manager}. Where the text has others, these count."
    )
    yield from (Text(line, style="bold") for line in wrapped(said, width))
    yield Text()
