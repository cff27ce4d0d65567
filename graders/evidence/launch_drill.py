"""The launch drill and what follows from it: the trail of its window, and probes made as the execution role itself."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from graders.evidence.deployed import KeyFacts, SecretFacts
from graders.evidence.drills import AuditFacts, LaunchFacts, Probe
from lab_env.ecs_agent import ContainerView, LaunchReport, launch
from lab_env.ecs_agent.role import RoleSession, own_session, read_execution_role, shadow_session
from lab_env.engine import Account, Engine, sessions
from lab_env.engine.trail import TrailEvent, lookup_trail
from lab_env.sandbox import Sandbox

_READ = "GetSecretValue"


def run_launch(
    engine: Engine, account: Account, task_arn: str, *, variable: str, password: str, sandbox: Sandbox
) -> tuple[LaunchFacts, LaunchReport]:
    """Launch the task; the rotated password is compared by digest and kept nowhere.

    :param variable: the one in which the lesson has the container get it.
    """
    report = launch(engine, account, task_arn, sandbox=sandbox)
    asked = _looked_at(report, variable)
    rotated = [(view, name) for view, name in asked if view.injected[name].matches(password)]
    view, seen_in = next(iter(rotated or asked), (None, variable))
    facts = LaunchFacts(
        error=report.error,
        container=view.name if view is not None else report.container,
        variable=seen_in,
        sees_rotated=bool(rotated),
        trust=report.trust.explanation if report.trust else "not reached",
        decrypt=report.decrypt.explanation if report.decrypt else "no right to a key is needed or it was not reached",
        shadow_role=report.shadow_role,
        engine_denied=report.engine_denied,
    )
    return facts, report


def _looked_at(report: LaunchReport, variable: str) -> list[tuple[ContainerView, str]]:
    """Which variables show what was injected: an essential container's of the lesson's name; else any of that name; else all.

    That it has another name, or another container, is a mistake of the reference's own and says nothing about the launch.
    """
    injected = [(view, name) for view in report.containers for name in view.injected]
    named = [(view, name) for view, name in injected if name == variable]
    return [(view, name) for view, name in named if view.essential] or named or injected


def reads_of(account: Account, secret: SecretFacts) -> Counter[str]:
    """How often each access key read the secret so far, by the trail."""
    return Counter(event.access_key_id for event in calls_on(account, secret, _READ))


def calls_on(account: Account, secret: SecretFacts, name: str) -> tuple[TrailEvent, ...]:
    """The calls of one name, such as ``GetSecretValue``, that name the secret, by the trail, oldest first.

    All there are: a window would be measured by a clock that may be set back in the middle of a drill.
    """
    events = lookup_trail(account, name=name)
    wanted = {secret.arn, secret.name}
    return tuple(event for event in events if {*event.resources, *_named(event.parameters)} & wanted)


def _named(parameters: Mapping[str, Any]) -> list[str]:
    """The secret a call names: CloudTrail writes ``secretId``, the embedded engine ``SecretId``."""
    return [str(value) for name, value in parameters.items() if name.lower() == "secretid"]


def audit(before: Counter[str], after: Counter[str], *, session_key: str | None, account: Account) -> AuditFacts:
    """Who read the secret between the two looks: joined on the launched session's access key.

    Compared by counts and not by time, since the trail's clock may be coarser than a launch is long and Terraform's refresh
    just before it reads the secret, too.
    """
    new = after - before
    own = new.pop(session_key, 0) if session_key else 0
    others = {"the account's root" if key == account.id else "another session" for key in new}
    return AuditFacts(session_reads=own, other_reads=tuple(sorted(others)))


@dataclass(frozen=True)
class Decoys:
    """A secret and a key that no policy of the module has any business with."""

    secret_arn: str
    key_id: str
    ciphertext: bytes


@contextmanager
def decoys(account: Account, name: str) -> Iterator[Decoys]:
    """A decoy secret whose name starts like the real one's, and a decoy key; gone afterwards."""
    manager = sessions.client(account, "secretsmanager")
    kms = sessions.client(account, "kms")
    key = kms.create_key(Description="decoy")["KeyMetadata"]["KeyId"]
    arn = manager.create_secret(Name=f"{name}-decoy-{secrets.token_hex(4)}", SecretString=json.dumps({"decoy": True}))[
        "ARN"
    ]
    try:
        yield Decoys(arn, key, kms.encrypt(KeyId=key, Plaintext=b"decoy")["CiphertextBlob"])
    finally:
        manager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def run_probes(account: Account, role_arn: str, secret: SecretFacts, key: KeyFacts | None) -> tuple[Probe, ...] | None:
    """Calls made as the execution role itself, allowed ones and ones that must be refused.

    :returns: None when the engine gives no credentials of the role.
    """
    with role_session(account, role_arn) as session, decoys(account, secret.name) as decoy:
        if session is None:
            return None
        credentials = session.credentials
        manager = sessions.client(account, "secretsmanager", credentials=credentials)
        kms = sessions.client(account, "kms", credentials=credentials)
        probes = [
            probe("secretsmanager:GetSecretValue", "secret", manager.get_secret_value, {"SecretId": secret.arn}),
            probe(
                "secretsmanager:GetSecretValue",
                "decoy secret",
                manager.get_secret_value,
                {"SecretId": decoy.secret_arn},
            ),
            probe("secretsmanager:DescribeSecret", "secret", manager.describe_secret, {"SecretId": secret.arn}),
            probe("secretsmanager:ListSecrets", "account", manager.list_secrets, {}),
            probe("kms:Decrypt", "decoy key", kms.decrypt, {"CiphertextBlob": decoy.ciphertext, "KeyId": decoy.key_id}),
        ]
        if key is not None:
            probes.append(
                probe("kms:GetKeyPolicy", "key", kms.get_key_policy, {"KeyId": key.key_id, "PolicyName": "default"})
            )
        return tuple(probes)


@contextmanager
def role_session(account: Account, role_arn: str, name: str | None = None) -> Iterator[RoleSession | None]:
    """The role's own session, or that of a role with the same policies where the engine refuses it; None: no such role."""
    found = read_execution_role(account, role_arn)
    if found is None:
        yield None
        return
    name = name or secrets.token_hex(8)
    own = own_session(account, found.role, name)
    if own is not None:
        yield own
        return
    with shadow_session(account, found.role, name) as shadow:
        yield shadow


def probe(action: str, target: Any, call: Any, arguments: Mapping[str, Any]) -> Probe:
    """Make one call and keep whether it was allowed and how it was answered; what it gave is dropped."""
    try:
        call(**arguments)
    except ClientError as error:
        return Probe(action=action, target=target, allowed=False, answer=error.response["Error"]["Code"])
    return Probe(action=action, target=target, allowed=True, answer="200")
