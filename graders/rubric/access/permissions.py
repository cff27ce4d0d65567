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
    Principal,
    Request,
    decrypts_for_secret,
    evaluate,
    named_policy,
    reads_secret,
    uses_key,
)

READ = "secretsmanager:GetSecretValue"
DECRYPT = "kms:Decrypt"
KEY_USES = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant")
KEY_ADMINISTRATION = ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DescribeKey", "kms:UpdateKeyDescription")
# Condition keys that say by which way a call comes.
_WAYS = ("kms:viaservice", "kms:grantisforawsresource", "kms:encryptioncontext", "aws:viaawsservice")


def identity_of(role: RoleFacts) -> Identity:
    """The role's policies, named after the role that the learner wrote.

    :raises PolicySyntaxError: AWS would refuse one of them (the engine did not).
    """
    return role.identity(lambda policy: f'policy "{policy.name}" of role {in_module(role.address)}')


def key_policy(key: KeyFacts) -> NamedPolicy:
    return named_policy("the key's policy", key.policy, PolicyKind.KMS)


def secret_policy(secret: SecretFacts) -> NamedPolicy:
    """The secret's resource policy; one without statements when there is none, which allows nobody anything."""
    if secret.policy:
        return named_policy("the secret's policy", secret.policy, PolicyKind.SECRET)
    return NamedPolicy("the secret's policy (none)", PolicyDocument(()), PolicyKind.SECRET)


def may_read(who: Principal, secret: SecretFacts, identity: Identity) -> Decision:
    """GetSecretValue on the secret as the ECS agent asks it."""
    request = reads_secret(who, secret.arn, tags=secret.tags)
    return evaluate(
        request, identity=identity.policies, resource_policy=secret_policy(secret), boundary=identity.boundary
    )


def may_use_key(
    action: str, who: Principal, key: KeyFacts, secret_arn: str | None, identity: Identity
) -> tuple[Decision, ...]:
    """The action on the key, decided by the key's policy and the identity's: through Secrets Manager first, then directly, then
    through a service that we do not know, for which a condition on the way of the call leaves it possible."""
    requests = [uses_key(who, key.arn, tags=key.tags, action=action)]
    requests.append(_some_other_way(requests[0]))
    if secret_arn is not None:
        requests.insert(0, decrypts_for_secret(who, key.arn, secret_arn, tags=key.tags, action=action))
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
