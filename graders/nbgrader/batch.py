"""The batch grader as a process of its own: where submissions are goes in, results come out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from graders.assignment import Rules
from graders.batch.__main__ import Order, Place
from graders.batch.events import OnEvent
from graders.batch.run_config import RunConfig
from graders.batch.telling import read_line
from graders.model import Depth, Results, SubmissionResult, SubmissionStatus
from graders.nbgrader.errors import NoMarkError
from lab_env import processes, settings
from lab_env.errors import LabError
from lab_env.events import ignore
from lab_env.temporary import temporary_directory

_SAID = 3


@dataclass(frozen=True)
class HandedIn:
    """A submission that is to be graded. :param digest: of what was read there, so that nothing else gets its mark."""

    directory: Path
    digest: str


def grade_class(
    submissions: Mapping[str, HandedIn],
    config: RunConfig,
    rules: Mapping[str, Rules] = {},
    on_event: OnEvent = ignore,
) -> dict[str, SubmissionResult]:
    """Grade a class in one run of ``python -m graders.batch``.

    :param submissions: by a name that is 64 hexadecimal digits.
    :param rules: what each is graded by, by the same names.
    :param on_event: told how it goes, as it goes, by the same names. What is cut off loses nobody's verdict that was told: the run
        keeps each in the user's cache, and the next one reads it back.
    :return: the results by the same names; an ``error`` for what is another submission by now.
    :raises NoMarkError: the run came to no results.
    """
    if not submissions:
        return {}
    with temporary_directory("nbgrader") as directory:
        out = directory / "results.json"
        places = tuple(Place(id=name, path=str(one.directory.absolute())) for name, one in submissions.items())
        order = Order(config=_whole(config), submissions=places, results=out, rules=rules)
        done = processes.run(
            _command(),
            cwd=directory,
            env=processes.clean_environment(**settings.handed_on()),
            input=order.model_dump_json().encode(),
            on_line=partial(_hear, on_event),
        )
        if not done.ok or not out.is_file():
            raise _fault(done)
        told = Results.model_validate_json(out.read_bytes())
        results = {one.id: one for one in told.submissions}
    missing = submissions.keys() - results.keys()
    if missing:
        raise NoMarkError(
            f"The batch grader gave no result for {len(missing)} of {len(submissions)} submissions.",
            next_step="Run `lab doctor`, then autograde again.",
        )
    able = told.engine.capabilities if told.engine is not None else None
    return {
        name: results[name]
        if results[name].status is SubmissionStatus.ERROR or results[name].digest == one.digest
        else _changed(name, rules.get(name, Rules()), order.config.depth, able)
        for name, one in submissions.items()
    }


def _changed(name: str, rules: Rules, depth: Depth, able: tuple[str, ...] | None) -> SubmissionResult:
    from graders.rubric import registry
    from graders.verdicts import refused

    changed = NoMarkError("The submission changed while it was graded.", next_step="Autograde again.")
    return refused(name, changed, registry(rules), depth=depth, capabilities=able)


def _hear(on_event: OnEvent, line: bytes) -> None:
    event = read_line(line)
    if event is not None:
        on_event(event)


def _command() -> list[str]:
    # -I: no variable, no user's package and no file of the current directory decides what Python imports.
    return [sys.executable, "-I", "-m", "graders.batch"]


def _whole(config: RunConfig) -> RunConfig:
    """The settings with what the environment adds to the course's; an unchanged submission was read back before this."""
    try:
        return RunConfig.of(**config.model_dump(exclude_none=True) | {"cache": True})
    except LabError as error:
        raise NoMarkError(error.message, next_step=error.next_step) from error


def _fault(done: processes.Completed) -> NoMarkError:
    lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = " ".join(" ".join(lines[-_SAID:]).split()) or "it said nothing"
    return NoMarkError(
        f"The batch grader ended with code {done.returncode}: {said}",
        next_step="Run `lab doctor`, then autograde again.",
    )
