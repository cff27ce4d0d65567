"""What a run of many submissions says while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graders.evidence.kept import KeptEvidence
from graders.model import SubmissionResult
from lab_env.events import Notice, Phase


@dataclass(frozen=True)
class Done:
    """A submission has its result.

    :param evidence: what the verdicts were made of; None when there is none, or it was read back.
    :param kept: the result was read back, not found now.
    """

    result: SubmissionResult
    evidence: KeptEvidence | None = None
    slot: int = 0
    kept: bool = False


@dataclass(frozen=True)
class Verdict:
    """The same of a submission that another process graded, which tells no more of it than people are shown.

    :param text: such as ``graded, 87/100``; ``has_score``: whether there is one.
    """

    id: str
    text: str
    has_score: bool
    slot: int = 0
    kept: bool = False


Event = Notice | Phase | Done | Verdict
OnEvent = Callable[[Event], None]
"""Called from several threads."""


def verdict_of(done: Done) -> Verdict:
    """What people are shown of a result."""
    result = done.result
    score = "no score" if result.score is None else f"{result.score}/{result.max_score}"
    return Verdict(result.id, f"{result.status.value}, {score}", result.score is not None, done.slot, done.kept)
