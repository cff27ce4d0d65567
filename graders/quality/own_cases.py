"""An instructor's own requirements against the answers that their package brings: right ones pass, mistakes fail as they say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graders.assignment import Assignment
from graders.batch.events import OnEvent
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Status, SubmissionResult
from graders.rubric import registry
from graders.rubric.own import Loaded, OwnCase, load
from lab_env.errors import UsageError
from lab_env.events import ignore
from lab_env.lesson import STANDARD, Lesson
from lab_env.submission import SubmissionRef
from lab_env.temporary import temporary_directory
from solutions.corpus import load_corpus
from solutions.wording import in_words_of


@dataclass(frozen=True)
class Tried:
    """One case, and what was found otherwise than its package says; nothing when it agrees."""

    package: str
    name: str
    disagreements: tuple[str, ...]


def run(assignment: Assignment, config: RunConfig, *, on_event: OnEvent = ignore) -> tuple[Tried, ...]:
    """Grade the cases of all packages that an assignment names.

    :raises UsageError: it names none, or one of them is not installed or brings no cases: then nothing shows that its checks work.
    """
    loaded = load(assignment.packages, registry().requirements)
    if not loaded:
        raise UsageError(
            f"{assignment.name} names no package of requirements.",
            next_step="Leave --assignment out to try the lesson's own.",
        )
    for one in loaded:
        _require_teeth(one)
    # Of what varies the cases are written in the words of the standard lesson.
    lesson = assignment.lesson if assignment.variants is None else STANDARD
    asked = assignment.model_copy(update={"lesson": lesson, "variants": None})
    cases = [(one, case) for one in loaded for case in one.cases]
    with temporary_directory("own-cases") as directory:
        refs = [
            SubmissionRef(case.name, _materialise(case, lesson, directory / str(number) / case.name))
            for number, (_, case) in enumerate(cases)
        ]
        results = grade_many(refs, config.model_copy(update={"assignment": asked}), on_event=on_event)
    return tuple(
        Tried(one.package.package, case.name, tuple(_disagreements(one, case, result)))
        for (one, case), result in zip(cases, results.submissions, strict=True)
    )


def _require_teeth(one: Loaded) -> None:
    name = f"{one.package.package} {one.package.version}"
    if all(case.fail for case in one.cases):
        raise UsageError(f"{name} has no case that is right.", next_step="Add one that fails nothing to its CASES.")
    never = [r.id for r in one.requirements if not any(r.id in case.fail for case in one.cases)]
    if never:
        raise UsageError(
            f"{name} has no mistake that {never[0]} notices.", next_step="Add a case that fails it to its CASES."
        )


def _materialise(case: OwnCase, lesson: Lesson, directory: Path) -> Path:
    reference = {path: in_words_of(data.decode(), lesson) for path, data in load_corpus()["reference"].files.items()}
    for path, text in (reference | dict(case.files)).items():
        file = directory / path
        if not file.resolve().is_relative_to(directory.resolve()):
            raise UsageError(f"The case {case.name} writes to {path}, outside of it.", next_step="Correct the path.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return directory


def _disagreements(one: Loaded, case: OwnCase, result: SubmissionResult) -> list[str]:
    own = {requirement.id for requirement in one.requirements}
    said = []
    for row in result.requirements:
        if row.status is Status.NOT_RUN:
            continue
        expected = Status.FAIL if row.id in case.fail else Status.PASS
        if row.status is not expected and (row.id in own or row.status is Status.ERROR or not case.fail):
            said.append(f"{row.id} is {row.status.value}, expected {expected.value}: {row.message}")
    return said
