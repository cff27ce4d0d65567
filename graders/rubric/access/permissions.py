"""The policies of the deployed module as the evaluator reads them, and the requests that ECS really makes.

Sources: ECS Developer Guide, "Amazon ECS task execution IAM role" and "Pass Secrets Manager secrets"; KMS Developer Guide,
"kms:ViaService"; Secrets Manager User Guide, "Secret encryption and decryption" (the encryption context).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.evidence.deployed import DeployedFacts, KeyFacts, PolicyText, RoleFacts, SecretFacts
from lab_env.hcl.addresses import in_module
from lab_env.iam_policy import (
    Decision,
    NamedPolicy,
    PolicyDocument,
    PolicyKind,
    Principal,
    Request,
    decrypts_for_secret,
    evaluate,
    named_managed_policy,
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
_NOTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True)
class Identity:
    """A role's identity policies as far as their text is known."""

    policies: tuple[NamedPolicy, ...]
    unknown: tuple[str, ...]
    """Attached policies whose text is not to be had: never a proof of anything."""
    boundary: NamedPolicy | None = None

    @property
    def grants_anything(self) -> bool:
        return bool(self.unknown) or any(s.effect == "Allow" for p in self.policies for s in p.document.statements)


def identity_of(role: RoleFacts) -> Identity:
    """Inline and attached policies of a role; AWS-managed ones from the documents we ship.

    :raises PolicySyntaxError: AWS would refuse one of them (the engine did not).
    """
    known: list[NamedPolicy] = []
    unknown: list[str] = []
    for text in (*role.inline, *role.attached):
        policy = _policy(role, text)
        if policy is None:
            unknown.append(text.arn or text.name)
        else:
            known.append(policy)
    return Identity(tuple(known), tuple(unknown), _boundary(role))


def _policy(role: RoleFacts, text: PolicyText) -> NamedPolicy | None:
    if text.document is not None:
        return named_policy(_name(role, text), text.document)
    return named_managed_policy(text.arn) if text.arn else None


def _name(role: RoleFacts, text: PolicyText) -> str:
    return f'policy "{text.name}" of role {in_module(role.address)}'


def _boundary(role: RoleFacts) -> NamedPolicy | None:
    """An unknown boundary allows nothing, so nothing is proved by what it may allow."""
    if role.boundary is None:
        return None
    policy = _policy(role, role.boundary)
    return policy if policy is not None else named_policy(f'boundary "{role.boundary.name}" (unknown)', _NOTHING)


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
