"""What is promised to whoever keeps results: the ids, their points, their order. The one table of them outside the rubric."""

from __future__ import annotations

PROMISED = (
    ("module.valid", 2),
    ("module.environment", 4),
    ("kms.key", 4),
    ("kms.rotation", 4),
    ("kms.deletion_window", 3),
    ("kms.tags", 2),
    ("kms.alias", 4),
    ("secret.container", 3),
    ("secret.cmk", 6),
    ("secret.recovery_window", 3),
    ("secret.tags", 2),
    ("secret.placeholder", 4),
    ("secret.no_plaintext", 6),
    ("rotation.ignore_changes", 4),
    ("rotation.survives_apply", 7),
    ("rotation.state_clean", 4),
    ("ecs.secret_reference", 6),
    ("ecs.no_plaintext_env", 4),
    ("ecs.execution_role", 3),
    ("iam.read_secret", 4),
    ("iam.decrypt_key", 4),
    ("iam.least_privilege", 5),
    ("iam.no_other_reader", 5),
    ("runtime.launch", 5),
    ("runtime.audit", 2),
)

IDS = tuple(id_ for id_, _ in PROMISED)
