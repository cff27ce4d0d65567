"""The closed list of types: what a submission may contain, and so what a lane's schema is trimmed to.

One list for both, because a lane that serves a type the gate refuses wastes memory, and a gate that accepts a type the
lane does not serve would fail a right answer. A change here needs a CHANGELOG entry.
"""

from __future__ import annotations

from typing import Final

RESOURCES: Final = frozenset(
    {
        "aws_cloudwatch_log_group",
        "aws_ecs_cluster",
        "aws_ecs_service",
        "aws_ecs_task_definition",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_kms_alias",
        "aws_kms_key",
        "aws_kms_key_policy",
        "aws_secretsmanager_secret",
        "aws_secretsmanager_secret_policy",
        "aws_secretsmanager_secret_version",
    }
)

DATA: Final = frozenset(
    {
        "aws_caller_identity",
        "aws_iam_policy",
        "aws_iam_policy_document",
        "aws_kms_alias",
        "aws_kms_key",
        "aws_partition",
        "aws_region",
        "aws_secretsmanager_secret",
        "aws_secretsmanager_secret_version",
    }
)

EPHEMERAL: Final = frozenset(
    {
        "aws_secretsmanager_random_password",
        "aws_secretsmanager_secret_version",
    }
)
