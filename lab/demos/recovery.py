"""A module that was destroyed in an account that stays: why it cannot be applied again at once, and how all of it comes back.

Terraform never does this by itself. The order is AWS's: a key whose deletion was cancelled is disabled until it is enabled, and a
secret can only be read when its key can be used (KMS Developer Guide, "Cancel key deletion"; Secrets Manager User Guide, "Restore a
secret"). Then both are imported, so that Terraform knows them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.demos.module import DemoBench, DemoError, accepted, changes, of_submission, require, whole_days
from lab_env.hcl.addresses import hcl_string
from lab_env.lesson import STANDARD, Lesson
from lab_env.rotation import rotate_password

if TYPE_CHECKING:
    from lab.demos.module import Throwaway
    from lab_env.submission import Submission

_KEY, _SECRET, _VERSION = "aws_kms_key", "aws_secretsmanager_secret", "aws_secretsmanager_secret_version"
_IMPORTED = (_KEY, _SECRET, _VERSION)


@dataclass(frozen=True)
class Recovery:
    """What was seen after a destroy, step by step.

    :param key_state: of the key after the destroy, ``key_days`` until it is gone.
    :param secret_days: until the secret is gone.
    :param again: what the second apply was refused with; None: it was not.
    :param cancelled: the key's state after CancelKeyDeletion; ``enabled`` after EnableKey.
    :param imported: how many resources Terraform took over.
    :param planned: what the plan after that would still change, as type and action.
    :param same_password: the password that was live before is current again.
    """

    key_state: str
    key_days: int
    secret_days: int
    again: str | None
    cancelled: str
    enabled: str
    imported: int
    planned: tuple[tuple[str, str], ...]
    same_password: bool


def destroy_and_recover(bench: DemoBench, submission: Submission, *, lesson: Lesson = STANDARD) -> Recovery:
    """Apply a copy of the module, rotate, destroy, apply again, and bring back what the destroy took away.

    :raises DemoError: the module has no key or no secret of the lesson's yet.
    """
    from graders.evidence.deploy_reader import state_resources
    from lab_env.engine import fresh_account, sessions

    accepted(submission)
    account = fresh_account(bench.engine)
    kms, manager = (sessions.client(account, service) for service in ("kms", "secretsmanager"))
    secret = lesson.secret_name("dev")
    with of_submission(bench, submission, account=account) as copy:
        require(copy.terraform.apply())
        before = list(state_resources(copy.terraform.state()))
        key = next((one.attributes["arn"] for one in before if one.type == _KEY), None)
        if key is None or secret not in {one.attributes.get("name") for one in before if one.type == _SECRET}:
            raise DemoError(
                f"Your module has no key, or no secret {secret}, yet.",
                next_step="Write kms.tf and secret.tf, let their checks pass, then run this again.",
            )
        password = rotate_password(manager, secret, {}).password
        require(copy.terraform.destroy())
        gone = kms.describe_key(KeyId=key)["KeyMetadata"]
        deleted = manager.describe_secret(SecretId=secret)
        again = copy.terraform.apply()
        # The second apply made another key before it came to the secret: that one goes again.
        require(copy.terraform.destroy())
        kms.cancel_key_deletion(KeyId=key)
        cancelled = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        kms.enable_key(KeyId=key)
        enabled = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        manager.restore_secret(SecretId=secret)
        blocks = list(_import_blocks({one.address: (one.type, one.attributes) for one in before}))
        (copy.workspace.directory / "recovery.tf").write_text("".join(blocks), encoding="utf-8")
        require(copy.terraform.apply())
        return Recovery(
            key_state=gone["KeyState"],
            key_days=whole_days(gone["DeletionDate"]),
            secret_days=_window(before, deleted),
            again=next((error.summary for error in again.errors), None),
            cancelled=cancelled,
            enabled=enabled,
            imported=len(blocks),
            planned=_still_planned(copy),
            same_password=password in str(manager.get_secret_value(SecretId=secret)["SecretString"]),
        )


def _window(before: list[Any], deleted: Mapping[str, Any]) -> int:
    """Find the secret's recovery window: DescribeSecret tells when it was deleted, the state how long it waits."""
    if "DeletedDate" not in deleted:
        return 0
    return next(int(one.attributes["recovery_window_in_days"]) for one in before if one.type == _SECRET)


def _import_blocks(found: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
    """Write an ``import`` block for each resource that is there again; all others Terraform makes anew."""
    for address, (type_, attributes) in sorted(found.items()):
        if type_ in _IMPORTED:
            id_ = hcl_string(str(attributes["arn" if type_ == _SECRET else "id"]))
            yield f"import {{\n  to = {address}\n  id = {id_}\n}}\n"


def _still_planned(copy: Throwaway) -> tuple[tuple[str, str], ...]:
    planned = require(copy.terraform.plan(copy.workspace.directory / "after.tfplan"))
    types = sorted({change.resource_type for change in planned.changes})
    return tuple((type_, action) for type_ in types for _, action in changes(planned, type_))
