"""Which calls of the lesson an engine answers as AWS documents them: a look at each, on a running engine.

``python -m graders.quality.conformance`` starts every engine that we have, looks, and writes ``docs/engines.md``.
"""

from __future__ import annotations

from graders.quality.conformance.behaviour import Behaviour, DiffersError, Seen, look
from graders.quality.conformance.cloudtrail import CLOUDTRAIL
from graders.quality.conformance.ecs import ECS
from graders.quality.conformance.iam import IAM
from graders.quality.conformance.kms import KMS
from graders.quality.conformance.logs import LOGS
from graders.quality.conformance.refusals import REFUSALS
from graders.quality.conformance.secrets_manager import SECRETS_MANAGER

__all__ = ["BEHAVIOURS", "Behaviour", "DiffersError", "Seen", "look"]

BEHAVIOURS: tuple[Behaviour, ...] = (*KMS, *SECRETS_MANAGER, *IAM, *ECS, *LOGS, *CLOUDTRAIL, *REFUSALS)
"""In the order of the lesson; each id once."""
