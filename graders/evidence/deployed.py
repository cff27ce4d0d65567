"""Deployed facts: what AWS's own API says of what was built, gathered once after the apply.

Terraform's state only tells which resources to ask about; every fact here is an API answer. Secret values are classified
and dropped: no value of a secret is kept in evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from graders.model import Frozen, SourceDiagnostic
from lab_env.iam_policy import Role


class KeyFacts(Frozen):
    """DescribeKey, GetKeyRotationStatus, ListResourceTags, GetKeyPolicy, ListAliases of one key of the module."""

    address: str
    key_id: str
    arn: str
    enabled: bool
    state: str
    spec: str
    usage: str
    manager: str
    rotation: bool | None
    tags: dict[str, str]
    policy: str
    aliases: tuple[str, ...] = ()


class AliasFacts(Frozen):
    """One alias of ListAliases; ``address`` when the module made it."""

    name: str
    arn: str
    target_key_id: str | None
    address: str | None


class InitialVersion(Frozen):
    """The first version of the secret, before any drill: its shape, and what kind of thing its password is.

    :param password: ``placeholder`` (closed vocabulary), ``generated`` (not in any file: an ephemeral value),
        ``other``, ``empty`` or ``missing``.
    """

    is_object: bool
    keys: tuple[str, ...]
    password: Literal["placeholder", "other", "empty", "missing"]


class SecretFacts(Frozen):
    """DescribeSecret, GetResourcePolicy and the first value's shape of one secret of the module.

    :param kms_key_id: as DescribeSecret gives it: None means the default key, ``aws/secretsmanager``.
    :param key_arn: what DescribeKey resolves ``kms_key_id`` (id, ARN or alias) to; None when it does not resolve.
    """

    address: str
    name: str
    arn: str
    kms_key_id: str | None
    key_arn: str | None
    key_manager: str | None
    tags: dict[str, str]
    policy: str | None
    initial: InitialVersion | None


@dataclass(frozen=True)
class RoleFacts(Role):
    """One role of the module."""

    address: str


class TaskFacts(Frozen):
    """DescribeTaskDefinition of one task definition of the module."""

    address: str
    arn: str
    family: str
    execution_role_arn: str | None
    task_role_arn: str | None
    containers: tuple[dict[str, Any], ...]
    network_mode: str | None = None
    compatibilities: tuple[str, ...] = ()
    cpu: str | None = None
    memory: str | None = None


class VersionFacts(Frozen):
    """One deployed ``aws_secretsmanager_secret_version``.

    :param secret_arn: the secret whose value it wrote.
    """

    address: str
    secret_arn: str


class DeployedFacts(Frozen):
    """Everything the API said after the apply under ``dev``.

    :param errors: Terraform's own diagnostics, when the apply did not end well.
    """

    account: str
    region: str
    errors: tuple[SourceDiagnostic, ...]
    keys: tuple[KeyFacts, ...]
    aliases: tuple[AliasFacts, ...]
    secrets: tuple[SecretFacts, ...]
    roles: tuple[RoleFacts, ...]
    tasks: tuple[TaskFacts, ...]
    versions: tuple[VersionFacts, ...]

    @property
    def root_arn(self) -> str:
        return f"arn:aws:iam::{self.account}:root"
