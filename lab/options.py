"""The options that more than one verb has."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lab_env import settings


class DepthName(StrEnum):
    """The names of ``graders.model.Depth``, without the time that importing the models takes."""

    STATIC = "static"
    PLAN = "plan"
    FULL = "full"


Depth = Annotated[
    DepthName,
    typer.Option(
        "--depth",
        help="How far to go: static reads the files, plan plans them too, full deploys them and runs the drills.",
    ),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="E",
        envvar=settings.ENGINE.name,
        help="Where AWS is: embedded, localstack, or a URL on this machine.",
    ),
]
Directory = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        metavar="PATH",
        envvar=settings.WORKSPACE.name,
        help="The working copy; the current directory when left out.",
    ),
]
Port = Annotated[int | None, typer.Option("--port", metavar="N", help="JupyterLab's; a free one, if taken.")]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Show it in a browser.")]
InContainer = Annotated[
    bool,
    typer.Option("--in-container", help="Listen on the container's interface, so that its port can be published."),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="URL",
        envvar=settings.ADDRESS.name,
        help="What to tell people to open, where that is not what it listens on.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", metavar="N", min=1, help="How many to grade at the same time; chosen by itself when left out."
    ),
]
Plain = Annotated[
    bool, typer.Option("--plain", help="Call Terraform plainly, without warm lanes: slower, the same verdicts.")
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the results as JSON.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the results as one HTML page.")]
Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the results as CSV.")]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Let the workers of this Dask scheduler grade, such as tcp://127.0.0.1:8786.",
    ),
]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="ID", help="PATH is one hand-in, called so, whatever is in it: for platforms."),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Grade everything now, also what is unchanged since an earlier run.")
]
Policy = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="Late rules, marks by hand, weights and more (YAML)."),
]
Roster = Annotated[
    Path | None,
    typer.Option(
        "--roster", metavar="FILE", help="The class list (CSV), for a policy in which who handed in nothing gets 0."
    ),
]
Match = Annotated[
    str | None,
    typer.Option("--match", metavar="COLUMN", help="The roster's column that holds the submissions' ids."),
]
Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML.")]
Sarif = Annotated[Path | None, typer.Option("--sarif", metavar="FILE", help="Write the failures as SARIF.")]
Feedback = Annotated[
    Path | None, typer.Option("--feedback", metavar="DIR", help="Write a page for each learner into this directory.")
]
Similarity = Annotated[
    Path | None,
    typer.Option("--similarity", metavar="FILE", help="Write a page on which submissions are alike."),
]
Assignment = Annotated[
    Path | None,
    typer.Option(
        "--assignment", metavar="FILE", help="What was asked for, where it was not the standard lesson (TOML)."
    ),
]
Student = Annotated[
    str | None,
    typer.Option(
        "--student",
        metavar="ID",
        help="Who you are, in a course that gives each learner values of their own.",
    ),
]
Anonymous = Annotated[
    Path | None,
    typer.Option("--anonymous", metavar="FILE", help="Name nobody; FILE keeps the names, and is made or used again."),
]
