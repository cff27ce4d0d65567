"""``lab course``: a term with nbgrader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from lab import options
from lab_env.errors import UsageError

Course = Annotated[
    Path | None,
    typer.Option("--dir", metavar="PATH", help="The course directory; the current directory when left out."),
]
Student = Annotated[str | None, typer.Option("--student", metavar="ID", help="Only this student.")]
Exchange = Annotated[bool, typer.Option("--exchange", help="Through nbgrader's exchange directory as well.")]

Roster = Annotated[
    Path | None,
    typer.Option("--roster", metavar="FILE", help="The class list as CSV: who is who, and who is missing."),
]
IdColumn = Annotated[
    str | None, typer.Option("--id", metavar="COLUMN", help="The list's column with the course's ids.")
]

_HELP = """A term with nbgrader: a course directory, its release, submissions, marks, feedback.

Each is nbgrader's own step; docs/instructors.md goes through a term. `nbgrader` and formgrader may be used instead at any point.
"""


def group(guarded: Callable[[Callable[..., None]], Callable[..., None]]) -> typer.Typer:
    """Make the group of the verbs below ``lab course``."""
    verbs = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    for verb in (new, variants, release, collect, autograde, formgrader, feedback, export):
        verbs.command(verb.__name__)(guarded(verb))
    return verbs


def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where; it must be empty or not there.")],
    assignment: options.Assignment = None,
) -> None:
    """Write a course: the source notebooks, with solutions, and nbgrader's configuration."""
    from lab.course import creating

    written = creating.new(directory, assignment)
    _say(*(f"Written: {path}" for path in written), f"Next: cd {directory} && lab course release")


def variants(
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", help="The class list (CSV), to draw values for.")
    ] = None,
    column: Annotated[
        str | None, typer.Option("--id", "--column", metavar="COLUMN", help="The list's column with the course's ids.")
    ] = None,
    show: Annotated[str | None, typer.Option("--show", metavar="ID", help="Print one learner's values.")] = None,
    assignment: options.Assignment = None,
    seed: Annotated[
        Path | None, typer.Option("--seed", metavar="FILE", help="The seed; variants.seed in the course when left out.")
    ] = None,
    directory: Course = None,
) -> None:
    """Draw each learner's own values into variants.csv; those that are there stay."""
    from lab.course import drawing
    from lab_env.errors import UsageError
    from lab_env.text import counted

    if roster is None and show is None:
        raise UsageError(
            "There is nothing to do.", next_step="Name the class list with --roster, or a learner with --show."
        )
    if roster is not None:
        drawn = drawing.draw(directory, roster, column=column, assignment=assignment, seed=seed)
        made = (f"Written: {drawn.seed}. Keep it, and keep it from learners.",) if drawn.made else ()
        what = f"{counted(drawn.total, 'learner')}, {drawn.new} of them new"
        _say(*made, f"Written: {drawn.path}: {what}", "Next: lab course release")
    if show is not None:
        _say(*drawing.lines(drawing.show(directory, show, assignment=assignment).values))


def release(
    directory: Course = None,
    exchange: Exchange = False,
    due: Annotated[
        str | None,
        typer.Option("--due", metavar="TIME", help="When it is due, with the offset: 2026-11-20T23:59:00+01:00."),
    ] = None,
    roster: Roster = None,
    id_column: IdColumn = None,
) -> None:
    """Make the learners' version: no solution in it."""
    from lab.course import platforms, steps

    # Everything that somebody may have mistyped is read before learners get anything.
    when = None if due is None else platforms.due_time(due)
    list_ = _class_list(roster, None, id_column)
    people = None if list_ is None else platforms.read_people(list_)
    where = steps.release(directory, exchange=exchange)
    if when is not None:
        platforms.set_due(directory, when)
        _say(f"Due: {when:%Y-%m-%d %H:%M:%S} UTC")
    if people is not None:
        _enrol(directory, people)
    _say(f"Released: {where}", "Next: hand these notebooks out, and nothing of source/")


def collect(
    directory: Course = None,
    download: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="DOWNLOAD", help="Canvas's or Moodle's download: the .zip, or what it unpacks to."
        ),
    ] = None,
    roster: Roster = None,
    match: Annotated[
        str | None, typer.Option("--match", metavar="COLUMN", help="The list's column with the download's names.")
    ] = None,
    id_column: IdColumn = None,
) -> None:
    """Take submissions from nbgrader's exchange or a download. Exit code 4: one could not be taken, and not by its own fault."""
    from lab.course import platforms, steps
    from lab.guard import say
    from lab_env.text import counted

    people = _class_list(roster, match, id_column)
    if download is not None:
        taken = platforms.collect(directory, download, people)
        for sentence in (*taken.told, *taken.errors):
            say(sentence)
        _say(f"Collected: {counted(len(taken.students), 'submission')}.", "Next: lab course autograde")
        raise typer.Exit(4 if taken.errors else 0)
    if people is not None:
        _enrol(directory, platforms.read_people(people))
    done = steps.collect(directory)
    for sentence in (*done.warnings, *done.errors):
        say(sentence)
    _say(f"Submissions here now: {len(done.students)}.", "Next: lab course autograde")
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


def feedback(
    directory: Course = None,
    student: Student = None,
    exchange: Exchange = False,
    canvas: Annotated[
        Path | None,
        typer.Option("--canvas", metavar="ZIP", help="Pack it as Canvas takes it back (collected with --from)."),
    ] = None,
    moodle: Annotated[
        Path | None,
        typer.Option("--moodle", metavar="ZIP", help="Pack it as Moodle takes it back (collected with --from)."),
    ] = None,
) -> None:
    """Make a page for each learner and notebook, and one with the total. Exit code 4: somebody has none, not by their fault."""
    from lab import running
    from lab.course import platforms, steps
    from lab.guard import say
    from lab_env.text import counted

    done = steps.feedback(directory, student=student, exchange=exchange, shown=running.shown)
    for sentence in (*done.without, *done.unreleased):
        say(sentence)
    unchanged = f" {done.unchanged} of them unchanged since the last time." if done.unchanged else ""
    _say(f"There is feedback for {counted(len(done.students), 'student')}.{unchanged}")
    if done.released is not None:
        _say(f"In the exchange: that of {counted(done.released, 'student')}.")
    for platform, target in ((platforms.Platform.CANVAS, canvas), (platforms.Platform.MOODLE, moodle)):
        if target is not None:
            for sentence in platforms.pack_feedback(directory, platform, target):
                say(f"Note: {sentence}")
            _say(f"Written: {target}")
    raise typer.Exit(4 if done.faulty else 0)


def export(
    directory: Course = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="The CSV; grades.csv when left out.")] = None,
    canvas: Annotated[
        Path | None, typer.Option("--canvas", metavar="GRADEBOOK.csv", help="Fill the gradebook that Canvas exported.")
    ] = None,
    moodle: Annotated[
        Path | None,
        typer.Option("--moodle", metavar="WORKSHEET.csv", help="Fill the grading worksheet that Moodle hands out."),
    ] = None,
    assignment: Annotated[
        str | None, typer.Option("--assignment", metavar="NAME", help="The assignment's name on the platform.")
    ] = None,
    match: Annotated[
        str | None, typer.Option("--match", metavar="COLUMN", help="The file's column that holds the students' ids.")
    ] = None,
    any_depth: Annotated[
        bool,
        typer.Option("--any-depth", help="Also marks of an autograding at depth static or plan, which miss points."),
    ] = False,
) -> None:
    """Write the marks as CSV, each with a status, or into a platform's own file; an error or a missing submission is no number."""
    from lab.course import platforms, steps
    from lab.guard import say

    lists = {platforms.Platform.CANVAS: canvas, platforms.Platform.MOODLE: moodle}
    named = [(platform, path) for platform, path in lists.items() if path is not None]
    if len(named) > 1 or (not named and (assignment is not None or match is not None)):
        raise UsageError(
            "--assignment and --match belong to one of --canvas and --moodle.", next_step="Name one of them."
        )
    for platform, path in named:
        done = platforms.export(
            directory, platform, path, to=to, assignment=assignment, column=match, any_depth=any_depth
        )
        for sentence in done.told:
            say(f"Note: {sentence}")
        _say(f"Written: {done.target}")
        return
    target, rows = steps.export(directory, to, any_depth=any_depth)
    _say(*(_line(row, None) for row in rows if row.mark is None), f"Written: {target}")


def _enrol(directory: Path | None, people: Any) -> None:
    from lab.course import platforms
    from lab.guard import say
    from lab_env.text import counted

    number, odd = platforms.enrol(directory, people)
    for sentence in odd:
        say(sentence)
    _say(f"The gradebook knows {counted(number, 'student')} of {people.roster.name}, by the column {people.column}.")


def _class_list(roster: Path | None, match: str | None, id_column: str | None) -> Any:
    from lab.course.platforms import ClassList

    if roster is not None:
        return ClassList(roster, match, id_column)
    if match is not None or id_column is not None:
        raise UsageError(
            "--match and --id name columns of a list, and there is none.", next_step="Give it with --roster."
        )
    return None


def _line(row: Any, max_score: float | None) -> str:
    from lab_env.text import one_line

    score = "no mark" if row.mark is None else f"{row.mark.score:g}/{max_score or 0:g}"
    return one_line(f"{row.student}: {row.status.value}, {score}" + (f". {row.remarks}" if row.remarks else ""))


def _say(*lines: str) -> None:
    from lab import screen

    console = screen.output()
    for line in lines:
        console.print(line, soft_wrap=True)
