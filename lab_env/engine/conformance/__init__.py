"""Which calls of the lesson an engine answers as AWS documents them: a look at each, on a running engine.

``python -m lab_env.engine.conformance`` starts every engine that we have, looks, and writes ``docs/engines.md``.
"""

from __future__ import annotations

from lab_env.engine.conformance.behaviour import Behaviour, DiffersError, Seen, look
from lab_env.engine.conformance.cloudtrail import CLOUDTRAIL
from lab_env.engine.conformance.ecs import ECS
from lab_env.engine.conformance.iam import IAM
from lab_env.engine.conformance.kms import KMS
from lab_env.engine.conformance.secrets_manager import SECRETS_MANAGER

__all__ = ["BEHAVIOURS", "Behaviour", "DiffersError", "Seen", "look"]

BEHAVIOURS: tuple[Behaviour, ...] = (*KMS, *SECRETS_MANAGER, *IAM, *ECS, *CLOUDTRAIL)
"""In the order of the lesson; each id once."""
