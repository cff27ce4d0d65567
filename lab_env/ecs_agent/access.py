"""May the execution role read this secret, and may it decrypt with the secret's key through Secrets Manager?

No engine couples Secrets Manager to KMS, so the decision about the key is our evaluator's: with the role's policies,
the key's policy and state, and the condition keys of a call that Secrets Manager makes for the role.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lab_env.ecs_agent.role import ExecutionRole
from lab_env.ecs_agent.value_from import AgentError, SecretReference
from lab_env.engine import Account, sessions
from lab_env.iam_policy import (
    Decision,
    NamedPolicy,
    Principal,
    decrypts_for_secret,
    evaluate,
    named_policy,
    reads_secret,
)

_SERVICE_KEY = "alias/aws/secretsmanager"


@dataclass(frozen=True)
class Access:
    """What our evaluator says about one secret.

    :param secret_arn: as Secrets Manager has it.
    :param key_arn: its customer-managed key's; None when it is encrypted by Secrets Manager's own key.
    :param key_state: the key's, such as ``Enabled``.
    :param decrypt: None when no right of the role's is needed, or the right to read is missing already.
    """

    secret_arn: str
    key_arn: str | None
    key_state: str | None
    read: Decision
    decrypt: Decision | None


def judge(account: Account, role: ExecutionRole, session_name: str, reference: SecretReference) -> Access:
    """Decide about one reference.

    :raises AgentError: there is no such secret in the account.
    """
    from botocore.exceptions import ClientError, InvalidRegionError, ParamValidationError

    place = replace(account, region=reference.region)
    missing = AgentError(
        f"The task can't retrieve the secret with ARN '{reference.secret_id}' from AWS Secrets Manager. "
        "Check that the secret ARN is correct"
    )
    if reference.account != account.id:
        raise missing
    try:
        manager = sessions.client(place, "secretsmanager")
        secret = manager.describe_secret(SecretId=reference.secret_id)
    except (ClientError, InvalidRegionError, ParamValidationError) as error:
        raise missing from error
    principal = Principal.session(role.role.arn, session_name, tags=role.role.tags)
    tags = {tag["Key"]: tag["Value"] for tag in secret.get("Tags", ())}
    read = evaluate(
        reads_secret(principal, secret["ARN"], tags=tags, version_stage=reference.version_stage or None),
        identity=role.identity.policies,
        resource_policy=_secret_policy(manager, secret["ARN"]),
        boundary=role.identity.boundary,
    )
    key = secret.get("KmsKeyId")
    if not key or key.endswith(_SERVICE_KEY):
        return Access(secret["ARN"], None, None, read, None)
    return _with_key(place, role, principal, Access(secret["ARN"], key, None, read, None))


def _with_key(place: Account, role: ExecutionRole, principal: Principal, access: Access) -> Access:
    from botocore.exceptions import ClientError

    kms = sessions.client(place, "kms")
    try:
        metadata = kms.describe_key(KeyId=access.key_arn)["KeyMetadata"]
    except ClientError:
        return replace(access, key_state="NotFound")
    if metadata.get("KeyManager") == "AWS":
        return replace(access, key_arn=None)
    found = replace(access, key_arn=metadata["Arn"], key_state=metadata["KeyState"])
    if not access.read.allowed:
        return found
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=metadata["KeyId"]).get("Tags", ())}
    policy = kms.get_key_policy(KeyId=metadata["KeyId"], PolicyName="default")["Policy"]
    decrypt = evaluate(
        decrypts_for_secret(principal, metadata["Arn"], access.secret_arn, tags=tags),
        identity=role.identity.policies,
        resource_policy=named_policy("key policy", policy, "kms"),
        boundary=role.identity.boundary,
    )
    return replace(found, decrypt=decrypt)


def _secret_policy(manager: Any, arn: str) -> NamedPolicy | None:
    text = manager.get_resource_policy(SecretId=arn).get("ResourcePolicy")
    return named_policy("secret policy", text, "secret") if text else None


def refusal(access: Access, role: ExecutionRole) -> AgentError | None:
    """What Secrets Manager answers, as the agent passes it on; None when the value is given."""
    start = (
        "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
        f"{access.secret_arn} from secrets manager"
    )
    names = ", ".join(policy.rpartition("/")[2] for policy in role.identity.unknown)
    unknown = f"; unknown managed policies: {names}" if names else ""
    if not access.read.allowed:
        return AgentError(
            f"{start}: AccessDeniedException: role {role.role.name} is not authorized to perform: "
            f"secretsmanager:GetSecretValue ({access.read.explanation}{unknown})"
        )
    if access.key_state is not None and access.key_state != "Enabled":
        return AgentError(
            f"{start}: DecryptionFailure: Secrets Manager can't decrypt the protected secret text using the provided "
            f"KMS key (its state is {access.key_state})"
        )
    if access.decrypt is not None and not access.decrypt.allowed:
        return AgentError(
            f"{start}: AccessDeniedException: Access to KMS is not allowed ({access.decrypt.explanation}{unknown})"
        )
    return None
