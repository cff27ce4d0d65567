"""``lab export``: the marks of a result file for Canvas, Moodle, a class list, or a platform that runs graders."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import options
from lab.guard import say
from lab.verbs import feedback_export, platform_export
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.marking.roster import Roster
    from graders.model import Results
    from graders.report.lms import Export


class Format(StrEnum):
    CANVAS = "canvas"
    MOODLE = "moodle"
    CSV = "csv"
    FEEDBACK = "feedback"
    GRADESCOPE = "gradescope"
    CLASSROOM50 = "classroom50"
    PRAIRIELEARN = "prairielearn"
    GITHUB_ANNOTATIONS = "github-annotations"
    GITHUB_SARIF = "github-sarif"
    GITHUB_SUMMARY = "github-summary"


_LISTS = (Format.CANVAS, Format.MOODLE, Format.CSV)


def export(
    format_: Annotated[
        Format, typer.Argument(metavar="FORMAT", help=f"For which platform: {', '.join(Format)}.", show_default=False)
    ],
    results: Annotated[
        list[str],
        typer.Argument(
            metavar="RESULTS.json",
            help="What `lab grade --json` wrote; behind feedback first canvas, moodle, csv or json.",
        ),
    ],
    roster: Annotated[
        Path | None,
        typer.Option("--roster", metavar="FILE", help="The class list as CSV: best the platform's own export."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="Where to write: a file, or a directory for a file each; else standard output.",
        ),
    ] = None,
    assignment: Annotated[
        str | None, typer.Option("--assignment", metavar="NAME", help="The assignment's name on the platform.")
    ] = None,
    match: options.Match = None,
    names: Annotated[
        Path | None, typer.Option("--names", metavar="FILE", help="The names file of an anonymous grading.")
    ] = None,
    submission: Annotated[
        str | None,
        typer.Option("--submission", metavar="ID", help="Of a class: this one alone, for a platform's own file."),
    ] = None,
    visibility: Annotated[
        platform_export.Visibility | None,
        typer.Option("--visibility", help="gradescope: when students see their tests."),
    ] = None,
    pages: Annotated[
        Path | None,
        typer.Option("--pages", metavar="DIR", help="feedback: the pages that `lab grade --feedback` wrote."),
    ] = None,
    download: Annotated[
        Path | None,
        typer.Option(
            "--download", metavar="PATH", help="feedback: the platform's download, whose names the pages go back under."
        ),
    ] = None,
    any_depth: Annotated[
        bool,
        typer.Option(
            "--any-depth", help="Also marks of a grading at depth static or plan, which are out of fewer points."
        ),
    ] = False,
) -> None:
    """Write the marks of a result file for a platform or as CSV, or the learners' pages for giving back."""
    from graders.marking.anonymous import read_names, restore
    from graders.marking.roster import read_roster
    from graders.report import json_report
    from lab_env.files import PRIVATE, write_output

    if format_ is Format.FEEDBACK:
        feedback_export.export(
            results, pages=pages, download=download, roster=roster, match=match, names=names, out=out
        )
        return
    if pages is not None or download is not None:
        raise UsageError("--pages and --download are for feedback.", next_step="Leave them out.")
    if len(results) != 1:
        raise UsageError(f"There are {len(results)} files, and one is exported.", next_step="Name one result file.")
    found = json_report.load(Path(results[0]))
    json_report.require_possible(found, Path(results[0]))
    if format_ in _LISTS and not any_depth:
        _require_full(results[0], found)
    if names is not None:
        found = restore(found, read_names(names))
    if format_ not in _LISTS:
        if roster is not None or assignment is not None or match is not None:
            raise UsageError(
                f"--roster, --assignment and --match are for class lists; {format_.value} takes one submission's result.",
                next_step="Leave them out.",
            )
        platform_export.export(format_.value, found, submission, visibility, out)
        return
    if submission is not None or visibility is not None:
        raise UsageError(
            f"--submission and --visibility are for platforms that run graders; {format_.value} is a class list.",
            next_step="Leave them out.",
        )
    made = _exported(format_, found, None if roster is None else read_roster(roster), assignment, match)
    if out is not None:
        write_output(out, made.text, mode=PRIVATE)
    else:
        # Bytes: neither the terminal's encoding nor a line end's translation may change somebody's name.
        sys.stdout.buffer.write(made.text.encode())
        sys.stdout.flush()
    for warning in made.warnings:
        say(f"Note: {warning}")
    if out is not None:
        say(f"Written: {out}")


def _require_full(path: str, found: Results) -> None:
    """Marks of another depth are no part of a term's: they are out of fewer points, and a platform cannot tell.

    :raises UsageError: the grading was not full.
    """
    from graders.report.depths import depth_line

    if (said := depth_line(found)) is not None:
        raise UsageError(
            f"{path} is no full grading, so its marks are not exported. {said}",
            next_step="Grade with --depth full, or export these marks as they are with --any-depth.",
        )


def _exported(
    format_: Format, results: Results, roster: Roster | None, assignment: str | None, match: str | None
) -> Export:
    from graders.report import csv_report
    from graders.report.lms import Export, canvas, class_list, moodle

    if match is not None and roster is None:
        raise UsageError(
            "--match names a column of a roster, and there is none.", next_step="Give the list with --roster."
        )
    if format_ is Format.CANVAS:
        return canvas.export(results, roster, assignment=assignment, column=match)
    if format_ is Format.MOODLE:
        return moodle.export(results, roster, assignment=assignment, column=match)
    if assignment is not None:
        raise UsageError("--assignment is for canvas and moodle.", next_step="Leave it out.")
    if roster is None:
        return Export(csv_report.dumps(results), ())
    return class_list.export(results, roster, column=match)
