"""Drill facts: what happened when the deployed module was rotated, edited, applied, launched and probed."""

from __future__ import annotations

from typing import Literal

from graders.model import Frozen, SourceDiagnostic


class RotationFacts(Frozen):
    """Rotate once by API, edit the placeholder in a copy, plan, apply, read back, look for the value.

    :param version: address of the version resource whose placeholder was edited; None when the module has none.
    :param edited: where, as ``file:line``; empty when the password comes from no literal, so that the apply alone was the drill.
    :param planned_well: whether the plan after the edit could be made.
    :param planned: what the plan wanted to do to it and its like, as ``action address``.
    :param survived: the rotated value is still current after the apply.
    :param leaks: where the rotated value was found afterwards, as ``place (encoding)``.
    """

    version: str | None
    edited: tuple[str, ...] = ()
    planned_well: bool = True
    planned: tuple[str, ...]
    applied: bool
    errors: tuple[SourceDiagnostic, ...]
    survived: bool
    leaks: tuple[str, ...]


class LaunchFacts(Frozen):
    """What the ECS agent saw when it started the task's stand-in under the execution role.

    :param error: worded as ECS words it, None when the container started.
    :param container: the container that was looked into; where the task did not start, the one that the error is about.
    :param variable: the variable in it that was looked at: ``DB_PASSWORD``, or the name that the task injects instead.
    :param sees_rotated: it is the rotated password.
    :param trust, decrypt: the evaluator's explanations.
    :param shadow_role: the engine would not hand out the role's credentials; a role with the same policies did.
    """

    error: str | None
    container: str | None
    variable: str
    sees_rotated: bool
    trust: str
    decrypt: str
    shadow_role: bool
    engine_denied: bool = False
    """The engine refused what our evaluator allows: no proof of anything."""


class AuditFacts(Frozen):
    """The trail of the launch window.

    :param session_reads: GetSecretValue events of the launch's own session on the secret.
    :param other_reads: who else read it in that window, as ``user (event)``.
    """

    session_reads: int
    other_reads: tuple[str, ...]


class Probe(Frozen):
    """One call made as the execution role itself, and what the engine answered."""

    action: str
    target: Literal["secret", "decoy secret", "key", "decoy key", "account"]
    allowed: bool
    answer: str


class DrillFacts(Frozen):
    """All drills; a part is None when what it needs is not there or the engine cannot show it."""

    rotation: RotationFacts | None = None
    launch: LaunchFacts | None = None
    audit: AuditFacts | None = None
    probes: tuple[Probe, ...] | None = None
