"""What the grader says: requirements, outcomes with evidence, results. Frozen, typed, serialisable.

The field names are those of the result JSON (schema 2); a change needs a new ``SCHEMA`` number.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from lab_env.advice.model import Said
from lab_env.lesson import Lesson
from lab_env.text import well_formed_value

SCHEMA: Literal[2] = 2
NOT_CREATED = "Terraform could not create everything: "
"""How the first of a result's notes begins when the apply failed; the error follows."""


def whole(points: int | float) -> int | float:
    """Points as they are written: a whole number is an integer."""
    return int(points) if points == int(points) else points


Points = Annotated[int | float, Field(multiple_of=0.5), AfterValidator(whole)]
"""Whole or half points; whole ones are integers, also in JSON."""


class Frozen(BaseModel):
    """Base of all models: immutable, an unknown field is an error, and every text can be written as UTF-8.

    A learner's JSON may hold half of a surrogate pair. In one model it would end the writing of everybody's results.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _written_as_utf_8(cls, fields: object, info: ValidationInfo) -> object:
        # What is read from JSON text has been through this, and pydantic's parser takes no such halves anyway.
        return fields if info.mode == "json" else well_formed_value(fields)


class Status(StrEnum):
    """A requirement's status; only an explicit ``pass`` earns points."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    BLOCKED = "blocked"
    NOT_RUN = "not_run"
    UNGRADABLE = "ungradable"
    ERROR = "error"


class SubmissionStatus(StrEnum):
    GRADED = "graded"
    REJECTED = "rejected"
    UNGRADABLE = "ungradable"
    ERROR = "error"


class Layer(StrEnum):
    """Where a verdict's proof comes from, in the order the layers are gathered."""

    HCL = "hcl"
    PLAN = "plan"
    DEPLOYED = "deployed"
    BEHAVIOUR = "behaviour"


class Depth(StrEnum):
    """How far a grading goes: ``static`` reads, ``plan`` plans too, ``full`` deploys and drills."""

    STATIC = "static"
    PLAN = "plan"
    FULL = "full"

    @property
    def layers(self) -> frozenset[Layer]:
        """The layers this depth gathers."""
        if self is Depth.STATIC:
            return frozenset({Layer.HCL})
        if self is Depth.PLAN:
            return frozenset({Layer.HCL, Layer.PLAN})
        return frozenset(Layer)


class Evidence(Frozen):
    """One thing seen.

    :param kind: where it was seen.
    :param path: file, relative to the submission; with ``line`` and ``end_line`` 1-based.
    :param cell: index of the notebook cell, when the file came from a notebook.
    :param address: Terraform address, such as ``module.secrets.aws_kms_key.secrets``.
    :param detail: the observation in one line, such as ``GetKeyRotationStatus: KeyRotationEnabled=true``.
    """

    kind: Literal["hcl", "plan", "api", "drill"]
    detail: str
    path: str | None = None
    line: int | None = None
    end_line: int | None = None
    cell: int | None = None
    address: str | None = None


class SourceDiagnostic(Frozen):
    """What is wrong with a submission, at the learner's own file, line and cell: the gate refuses it, or Terraform reports it.

    :param summary: one sentence; ``detail`` is what Terraform adds to its own.
    :param path: file, relative to the submission; with ``line`` and ``end_line`` 1-based.
    :param cell: index of the notebook cell, when the file came from a notebook.
    :param address: Terraform address, when it is about a block.
    :param refused: AWS refuses to make or change it, whatever an engine would do; ``summary`` has AWS's code and words.
    """

    summary: str
    detail: str = ""
    path: str | None = None
    line: int | None = None
    end_line: int | None = None
    cell: int | None = None
    address: str | None = None
    refused: bool = False

    def said(self) -> Said:
        """The same as advice is looked for."""
        return Said(self.summary, self.detail, self.path, self.line, self.address)

    def __str__(self) -> str:
        where = f" ({self.path}:{self.line})" if self.path and self.line else ""
        return f"{self.summary}{where}" + (f": {self.detail}" if self.detail else "")

    def evidence(self, kind: Literal["hcl", "plan"]) -> Evidence:
        """The same as something seen."""
        return Evidence(
            kind=kind,
            path=self.path,
            line=self.line,
            end_line=self.end_line,
            cell=self.cell,
            address=self.address,
            detail=f"{self.summary}: {self.detail}" if self.detail else self.summary,
        )


class Unlisted(Frozen):
    """What a check found and did not list.

    :param places: how many more it found.
    :param searched_to: the number of findings after which it stopped looking; None when it looked everywhere.
    """

    places: int = 0
    searched_to: int | None = None


class Advice(Frozen):
    """What a failure usually comes from.

    :param means: one plain sentence.
    :param line: the learner's line put right; None where nobody can tell.
    """

    means: str
    line: str | None = None


class Outcome(Frozen):
    """What a requirement's check returns: a verdict and what it rests on."""

    status: Status
    observed: str
    expected: str
    message: str
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    unlisted: Unlisted = Unlisted()
    blocked_by: str | None = None
    layer: Layer | None = None
    """The layer that proved it, when it is not the requirement's own (an engine without IAM enforcement)."""


class RequirementResult(Frozen):
    """One row of a result; ``earned`` is ``points`` for a pass and 0 otherwise, None for ``error``."""

    id: str
    step: str
    title: str
    status: Status
    points: Points
    earned: Points | None
    layer: Layer
    observed: str
    expected: str
    message: str
    detail: str
    hint: str
    blocked_by: str | None
    advice: Advice | None = None
    evidence: tuple[Evidence, ...]
    duration_ms: int = 0


class Adjustment(Frozen):
    kind: Literal["late", "override", "manual", "bonus"]
    points: Points
    reason: str


class SubmissionResult(Frozen):
    """One submission's verdicts. ``score`` is None for ``error`` and never exported as a number then."""

    id: str
    digest: str
    status: SubmissionStatus
    reason: str | None
    score: Points | None
    max_score: Points
    adjustments: tuple[Adjustment, ...] = ()
    requirements: tuple[RequirementResult, ...]
    notes: tuple[str, ...] = ()
    """Remarks that cost nothing: an environment the module's validation refuses, an overridden version constraint."""
    variant: Lesson | None = None
    """The values that were asked of this learner alone; None: those of the whole class."""


class PolicyInfo(Frozen):
    """The instructor's grading policy that the marks were made under, for every report to show.

    :param name: the file's name.
    :param digest: ``sha256:`` and 64 hexadecimal digits of its bytes.
    :param lines: what it changes, a sentence each.
    """

    name: str
    digest: str
    lines: tuple[str, ...]


class AssignmentInfo(Frozen):
    """The instructor's file that says what was asked for, where it was not the standard lesson.

    :param name: the file's name.
    :param digest: ``sha256:`` and 64 hexadecimal digits of its bytes, and of those of the learners' values.
    :param lines: what it asks for otherwise, a sentence each.
    """

    name: str
    digest: str
    lines: tuple[str, ...]


class EngineInfo(Frozen):
    name: str
    version: str
    capabilities: tuple[str, ...]


class Digests(Frozen):
    """What verdicts rest on besides the submission and the rubric, by content: ``sha256:`` and 64 hexadecimal digits each.

    :param grader: the grader's own code that decides what is seen.
    :param provider: the AWS provider's binary; empty at static depth, which needs none.
    :param engine: the embedded engine's package; empty where none was needed, or at an address that shows its version only.
    """

    grader: str
    provider: str
    engine: str


class Versions(Frozen):
    """:param parser: whose reading of the files was held against the grader's own; empty where a grader did not say it yet.
    :param remarks: what is otherwise than where the rubric is tested, a sentence each.
    :param libraries: those that decide verdicts, by name: the version, or "none"; empty where a grader did not name them yet.
    :param digests: None in results of a grader that did not take them yet.
    """

    grader: str
    terraform: str
    provider: str
    parser: str = ""
    remarks: tuple[str, ...] = ()
    libraries: Mapping[str, str] = {}
    digests: Digests | None = None


class Results(Frozen):
    """A whole run: the JSON that ``lab grade --json`` writes.

    Results of schema 1 are read as what they say in schema 2: their ``walls`` are the ``isolation``.

    :param depth: None in results of a grader that did not write it down yet.
    :param assignment: None: the standard lesson was asked for.
    """

    schema_: Literal[2] = Field(default=SCHEMA, alias="schema")
    rubric: str
    created: str
    engine: EngineInfo | None
    versions: Versions
    isolation: tuple[str, ...]
    policy: PolicyInfo | None = None
    depth: Depth | None = None
    assignment: AssignmentInfo | None = None
    submissions: tuple[SubmissionResult, ...]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _from_schema_1(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("schema") != 1 or "walls" not in data:
            return data
        return {
            **{key: value for key, value in data.items() if key != "walls"},
            "schema": SCHEMA,
            "isolation": data["walls"],
        }
