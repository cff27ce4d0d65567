"""Makes each mistake, hears what is said to it, writes the line put right, and looks whether the error is gone."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from graders.evidence.normalise import Normaliser
from graders.gate import check
from graders.grade import examine
from graders.model import Depth, Frozen, SourceDiagnostic
from graders.quality.mistakes.table import Mistake, submission
from lab_env import advice
from lab_env.advice import Advice
from lab_env.engine import Engine
from lab_env.errors import LabError
from lab_env.submission import Submission
from lab_env.terraform import Lane, Toolchain

SAID = Path(__file__).with_name("said.json")


class Heard(Frozen):
    """What was said to one mistake.

    :param by: ``the gate``, ``Terraform`` or ``AWS``.
    :param said: in the order in which the lab says it.
    """

    by: str
    said: tuple[SourceDiagnostic, ...]


@dataclass(frozen=True)
class Bench:
    """What the mistakes are tried on."""

    engine: Engine
    toolchain: Toolchain
    lane: Lane | None


def hear(mistake: Mistake, bench: Bench, put_right: Mapping[str, str] | None = None) -> Heard:
    """What is said to a mistake.

    :param put_right: files with lines put right, in the place of those that the mistake has.
    """
    with tempfile.TemporaryDirectory(prefix="secrets-lab-mistake-") as directory:
        made = submission(mistake, Path(directory), put_right)
        return _heard(mistake, made, bench)


def _heard(mistake: Mistake, made: Submission, bench: Bench) -> Heard:
    gate = check(made)
    if not gate.accepted:
        return Heard(by="the gate", said=gate.violations)
    examination = examine(
        made,
        gate,
        depth=Depth.FULL if mistake.aws else Depth.PLAN,
        engine=bench.engine,
        toolchain=bench.toolchain,
        lane=bench.lane,
        on_phase=lambda _: None,
    )
    facts = examination.facts
    if facts.plan is not None and (facts.plan.errors or facts.plan.violations):
        return Heard(by="Terraform", said=_named(facts.plan.errors or facts.plan.violations, examination.normalise))
    errors = facts.deployed.errors if facts.deployed is not None else ()
    return Heard(by="AWS", said=_named(errors, examination.normalise))


def _named(errors: tuple[SourceDiagnostic, ...], normalise: Normaliser) -> tuple[SourceDiagnostic, ...]:
    """Without what differs from run to run."""
    return tuple(
        error.model_copy(update={"summary": normalise.text(error.summary), "detail": normalise.text(error.detail)})
        for error in errors
    )


def files_of(mistake: Mistake) -> dict[str, str]:
    """The texts of the submission that has the mistake."""
    with tempfile.TemporaryDirectory(prefix="secrets-lab-mistake-") as directory:
        return {file.path: file.text for file in submission(mistake, Path(directory)).files}


def advised(mistake: Mistake, heard: Heard) -> Advice:
    """What the lab says to it.

    :raises LabError: nothing was said, or the lab has nothing to say to it.
    """
    if not heard.said:
        raise LabError(
            f"Nobody says anything to the mistake {mistake.id}.", next_step="Look what Terraform does with it."
        )
    found = advice.explain(heard.said[0].said(), files_of(mistake))
    if found is None:
        raise LabError(
            f"Nobody has written down what {heard.said[0]} means.", next_step="Add it to lab_env/advice/rules.py."
        )
    return found


def still_there(mistake: Mistake, heard: Heard, bench: Bench) -> str | None:
    """The error that is there again when the line is put right; None when it is gone, or there is no line."""
    found = advised(mistake, heard)
    if not found.edits:
        return None
    first = heard.said[0]
    after = hear(mistake, bench, found.applied(files_of(mistake)))
    again = [e for e in after.said if (e.summary, e.detail, e.path) == (first.summary, first.detail, first.path)]
    return str(again[0]) if again else None


def kept() -> dict[str, Heard]:
    """What the last run heard, by the mistakes' ids."""
    return {id: Heard.model_validate(one) for id, one in json.loads(SAID.read_text(encoding="utf-8")).items()}


def as_text(heard: Mapping[str, Heard]) -> str:
    """What is kept of a run."""
    document = {
        id: {"by": one.by, "said": [_short(error) for error in one.said[:_KEPT]]} for id, one in sorted(heard.items())
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


_KEPT = 3


def _short(error: SourceDiagnostic) -> dict[str, object]:
    return {name: value for name, value in error.model_dump().items() if value not in (None, "", False)}
