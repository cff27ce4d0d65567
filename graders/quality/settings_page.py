"""The settings as a page for people: ``python -m graders.quality.settings_page`` writes ``docs/settings.md`` again."""

from __future__ import annotations

from pathlib import Path

from graders.batch.run_config import RunConfig
from lab_env.settings import VARIABLES, Reach, Variable

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"

_HEAD = """# Settings

Written by `python -m graders.quality.settings_page` from `graders/batch/run_config.py` and `lab_env/settings.py`; edit those, not
this page.

## A run

How submissions are graded is one value, `RunConfig`, made where a run begins: a flag goes before the course's `nbgrader_config.py`,
that before the environment, that before the default. It is handed to everybody who takes part: threads, the process that nbgrader's
autograding starts, a cluster's workers.

| setting | default | what it says |
|---|---|---|"""

_ABOUT = {
    Reach.RUN: "A setting of the run: it reaches every process that takes part, a cluster's workers, too.",
    Reach.MACHINE: "What this machine has. Child processes get the variable as it is; a cluster's worker has its own.",
    Reach.COMMAND: "For the command that is typed, or its notebook, and for nobody else.",
    Reach.COMPOSE: "Read by `docker compose`, not by the lab ([containers.md](containers.md)).",
}
_TITLES = {
    Reach.RUN: "Variables of the run",
    Reach.MACHINE: "Variables of the machine",
    Reach.COMMAND: "Variables of the command",
    Reach.COMPOSE: "Variables of the compose file",
}


def document() -> str:
    """The page: the run's settings, then each environment variable under how far it goes."""
    parts = [_HEAD]
    for name, field in RunConfig.model_fields.items():
        default = field.default if field.default is not None else ""
        parts.append(f"| `{name}` | {_code(default)} | {field.description} |")
    for reach in Reach:
        parts.append(f"\n## {_TITLES[reach]}\n\n{_ABOUT[reach]}\n")
        parts.append("| variable | values | default | what it says |\n|---|---|---|---|")
        parts += [_row(one) for one in VARIABLES if one.reach is reach]
    return "\n".join(parts) + "\n"


def _row(one: Variable[object]) -> str:
    return f"| `{one.name}` | {one.values} | {one.shown or _code(one.default)} | {one.meaning} |"


def _code(value: object) -> str:
    """A default, as it would be written."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else "–"


def main() -> None:
    """Write the page."""
    PAGE.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
