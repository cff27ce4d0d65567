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


Event = Notice | Phase | Done
OnEvent = Callable[[Event], None]
"""Called from several threads."""
