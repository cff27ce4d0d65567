"""What a role may do with the secret, its key and with decoys, by the policies: one question, one decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graders.evidence.deployed import KeyFacts, RoleFacts, SecretFacts
    from lab_env.iam_policy import Decision, Identity, NamedPolicy, Principal

READ, DECRYPT = "secretsmanager:GetSecretValue", "kms:Decrypt"
ANYTHING = "*"


@dataclass(frozen=True)
class Target:
    """Something to act on.

    :param name: for people: ``secret``, ``decoy key`` …
    :param arn: ``*`` for actions on no resource in particular.
    :param policy: the resource's own policy.
    :param through: the ARN of the secret for which Secrets Manager makes the call; None: the caller makes it.
    """

    name: str
    arn: str
    tags: tuple[tuple[str, str], ...] = ()
    policy: NamedPolicy | None = None
    through: str | None = None
    decoy: bool = False

    @property
    def service(self) -> str:
        return "" if self.arn == ANYTHING else self.arn.split(":")[2]


def secret_target(secret: SecretFacts) -> Target:
    """The secret with its policy."""
    from graders.rubric.access.permissions import secret_policy

    return Target("secret", secret.arn, tuple(secret.tags.items()), secret_policy(secret))


def key_target(key: KeyFacts, *, through: SecretFacts | None = None) -> Target:
    """The key with its policy; used directly, or by Secrets Manager for the secret."""
    from graders.rubric.access.permissions import key_policy

    name = "key, directly" if through is None else "key, through Secrets Manager"
    return Target(name, key.arn, tuple(key.tags.items()), key_policy(key), None if through is None else through.arn)


def decide(action: str, target: Target, who: Principal, identity: Identity | None) -> Decision:
    """What AWS would say, and which statement decides.

    :param identity: the caller's own policies; None for the account's root.
    """
    from lab_env.iam_policy import Request, decrypts_for_secret, evaluate, reads_secret, uses_key

    tags = dict(target.tags)
    if target.through is not None:
        request = decrypts_for_secret(who, target.arn, target.through, tags=tags, action=action)
    elif target.service == "kms":
        request = uses_key(who, target.arn, tags=tags, action=action)
    elif target.service == "secretsmanager":
        request = reads_secret(who, target.arn, tags=tags, action=action)
    else:
        request = Request(action, target.arn, who)
    return evaluate(
        request,
        identity=identity.policies if identity else (),
        resource_policy=target.policy,
        boundary=identity.boundary if identity else None,
    )


def needed(action: str, target: Target) -> bool:
    """Whether the ECS agent needs this to start the task."""
    return (action == READ and target.name == "secret") or (action == DECRYPT and target.through is not None)


def has_resource(action: str) -> bool:
    """Whether the action is authorised on a resource: ``ListSecrets`` and the like are on the account as a whole."""
    from lab_env.iam_policy.actions import resource_domain

    return any(pattern != ANYTHING for pattern in resource_domain(action))


def principal_of(role: RoleFacts, session: str) -> Principal:
    """A session of the role."""
    from lab_env.iam_policy import Principal

    return Principal.session(role.arn, session, tags=role.tags)


def known_actions(words: Sequence[str]) -> tuple[str, ...]:
    """The IAM actions that the words name, sorted; each word is an action or a pattern such as ``kms:Describe*``.

    :raises UsageError: a word names none, or they name too many to be read.
    """
    from lab_env.errors import UsageError
    from lab_env.iam_policy import expand_actions

    found: set[str] = set()
    for word in words:
        actions = expand_actions([word]) if ":" in word else frozenset()
        if not actions:
            raise UsageError(
                f"{word} is no IAM action.",
                next_step="Write it as service:Action, such as secretsmanager:GetSecretValue.",
            )
        found |= actions
    if len(found) > _MOST:
        raise UsageError(
            f"That is {len(found)} actions, more than anybody reads.", next_step=f"Name at most {_MOST} of them."
        )
    return tuple(sorted(found))


_MOST = 25
