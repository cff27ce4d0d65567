"""The policies of the deployed module as the evaluator reads them, and the requests that ECS really makes.

Sources: ECS Developer Guide, "Amazon ECS task execution IAM role" and "Pass Secrets Manager secrets"; KMS Developer Guide,
"kms:ViaService"; Secrets Manager User Guide, "Secret encryption and decryption" (the encryption context).
"""

from __future__ import annotations

from collections.abc import Sequence

from graders.evidence.deployed import DeployedFacts, KeyFacts, RoleFacts, SecretFacts
from lab_env.hcl.addresses import in_module
from lab_env.iam_policy import (
    Decision,
    Identity,
    NamedPolicy,
    PolicyDocument,
    PolicyKind,
    PolicySyntaxError,
    Principal,
    Request,
    decrypts_for_secret,
    default_key_policy,
    evaluate,
    expand_actions,
    named_policy,
    reads_secret,
    uses_key,
)

READ = "secretsmanager:GetSecretValue"
DECRYPT = "kms:Decrypt"
_KEY_USES = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:DeriveSharedSecret")
# Who may do these may give himself the right: KMS Developer Guide, "Grants"; Secrets Manager User Guide, "Resource-based
# policies".
KEY_HANDED_OUT = ("kms:CreateGrant", "kms:PutKeyPolicy")
SECRET_HANDED_OUT = ("secretsmanager:PutResourcePolicy",)
ROLE_HANDED_OUT = ("iam:AttachRolePolicy", "iam:PutRolePolicy")
ROLE_TAKEN_OVER = ("iam:UpdateAssumeRolePolicy",)
POLICY_REWRITTEN = ("iam:CreatePolicyVersion",)
KEY_ADMINISTRATION = ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DescribeKey", "kms:UpdateKeyDescription")
# Condition keys that say by which way a call comes.
_WAYS = ("kms:viaservice", "kms:grantisforawsresource", "kms:encryptioncontext", "aws:viaawsservice")


def key_uses() -> tuple[str, ...]:
    """Every action that uses a symmetric key, by the action data."""
    return tuple(sorted(expand_actions(_KEY_USES)))


def identity_of(role: RoleFacts) -> Identity:
    """The role's policies, named after the role that the learner wrote."""
    return role.identity(lambda policy: f'policy "{policy.name}" of role {in_module(role.address)}')


def key_policy(key: KeyFacts) -> NamedPolicy:
    """The key's policy; the default one when AWS would have refused what is written."""
    try:
        return named_policy("the key's policy", key.policy, PolicyKind.KMS)
    except PolicySyntaxError:
        return default_key_policy(key.arn.split(":")[4])


def secret_policy(secret: SecretFacts) -> NamedPolicy:
    """The secret's resource policy; one without statements, which allows nobody anything, when there is none that AWS takes."""
    if secret.policy:
        try:
            return named_policy("the secret's policy", secret.policy, PolicyKind.SECRET)
        except PolicySyntaxError:
            pass
    return NamedPolicy("the secret's policy (none)", PolicyDocument(()), PolicyKind.SECRET)


def refused_policy(of: KeyFacts | SecretFacts) -> str | None:
    """Why AWS would refuse the policy of the key or the secret, though the engine took it; None when it would not."""
    name, kind = (
        ("the key's policy", PolicyKind.KMS) if isinstance(of, KeyFacts) else ("the secret's policy", PolicyKind.SECRET)
    )
    try:
        if of.policy:
            named_policy(name, of.policy, kind)
    except PolicySyntaxError as error:
        return error.message
    return None


def may_read(
    who: Principal,
    secret: SecretFacts,
    identity: Identity,
    *,
    version_stage: str | None = None,
    action: str = READ,
) -> Decision:
    """The action on the secret.

    :param version_stage: the staging label that the call names, as the ECS agent does where ``valueFrom`` does; "*" for any.
    """
    request = reads_secret(who, secret.arn, tags=secret.tags, version_stage=version_stage, action=action)
    return evaluate(
        request, identity=identity.policies, resource_policy=secret_policy(secret), boundary=identity.boundary
    )


def may_use_key(
    action: str, who: Principal, key: KeyFacts, secret_arn: str | None, identity: Identity
) -> tuple[Decision, ...]:
    """The action on the key, decided by the key's policy and the identity's: through Secrets Manager first, then directly, then
    through a service that we do not know, for which a condition on the way of the call leaves it possible."""
    requests = [uses_key(who, key.arn, tags=key.tags, aliases=key.aliases, action=action)]
    requests.append(_some_other_way(requests[0]))
    if secret_arn is not None:
        through = decrypts_for_secret(who, key.arn, secret_arn, tags=key.tags, aliases=key.aliases, action=action)
        requests.insert(0, through)
    return tuple(
        evaluate(request, identity=identity.policies, resource_policy=key_policy(key), boundary=identity.boundary)
        for request in requests
    )


def _some_other_way(request: Request) -> Request:
    """The same request by a way of which nothing is known: another service (``kms:ViaService``), its grant or its context."""
    context = {key: value for key, value in request.context.items() if not key.lower().startswith(_WAYS)}
    return Request(request.action, request.resource, request.principal, context, (*request.unknown, *_WAYS))


def others(facts: DeployedFacts, execution_role: RoleFacts | None) -> Sequence[RoleFacts]:
    """The module's other roles."""
    return [role for role in facts.roles if execution_role is None or role.arn != execution_role.arn]
