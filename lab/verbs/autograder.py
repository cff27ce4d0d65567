"""``lab autograder``: what makes a platform grade by itself."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lab import options
from lab.guard import say
from lab.verbs.platform_export import Visibility
from lab_env.errors import UsageError


class Platform(StrEnum):
    GRADESCOPE = "gradescope"
    GITHUB = "github"
    CLASSROOM50 = "classroom50"
    PRAIRIELEARN = "prairielearn"


_IMAGES = (Platform.GRADESCOPE, Platform.PRAIRIELEARN)


def autograder(
    platform: Annotated[Platform, typer.Argument(metavar="PLATFORM", help=f"One of {', '.join(Platform)}.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")],
    depth: options.Depth = options.DepthName.FULL,
    wheel: Annotated[
        Path | None, typer.Option("--wheel", metavar="FILE", help="The lab as a wheel, which goes with it.")
    ] = None,
    requirement: Annotated[
        str | None,
        typer.Option(
            "--requirement", metavar="SPEC", help="What pip installs there; this version of secrets-lab, if left out."
        ),
    ] = None,
    visibility: Annotated[
        Visibility | None, typer.Option("--visibility", help="gradescope: when students see their tests.")
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="gradescope, prairielearn: weights and disabled lines (YAML)."),
    ] = None,
) -> None:
    """Write what makes a platform grade by itself: Gradescope's zip, a GitHub workflow, and the like."""
    from graders.autograders import classroom50, github, images
    from graders.autograders.installation import Installation
    from graders.model import Depth
    from graders.report.platforms import gradescope
    from lab_env.files import write_output

    if visibility is not None and platform is not Platform.GRADESCOPE:
        raise UsageError("--visibility is Gradescope's.", next_step="Leave it out.")
    if policy is not None and platform not in _IMAGES:
        raise UsageError(
            "A policy goes with gradescope and prairielearn.",
            next_step="Leave it out, or add --policy to the file's call.",
        )
    installation = Installation.of(requirement=requirement, wheel=wheel, depth=Depth(depth.value))
    weights = None if policy is None else images.read_weights(policy)
    content: str | bytes
    if platform is Platform.GRADESCOPE:
        shown = gradescope.Visibility(visibility or Visibility.VISIBLE)
        content = images.gradescope(installation, visibility=shown, policy=weights)
    elif platform is Platform.PRAIRIELEARN:
        content = images.prairielearn(installation, policy=weights)
    elif platform is Platform.GITHUB:
        content = github.workflow(installation)
    else:
        content = classroom50.script(installation)
    write_output(out, content)
    say(f"Written: {out}")
