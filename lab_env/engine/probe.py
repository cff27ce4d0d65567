"""Asks an engine what it is and what it can do; nothing is assumed from its name."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from lab_env.engine import sessions
from lab_env.engine.front import HEALTH
from lab_env.engine.model import Account, Capability, Engine, fresh_account
from lab_env.errors import EngineError

_TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'


def health(endpoint: str, timeout: float, *, path: str = HEALTH, use: bool = False) -> dict[str, Any] | None:
    """The engine's answer to a health check; None when there is none.

    :param use: say that we are about to use the engine, so that it does not end meanwhile.
    """
    # No proxy: the address is loopback, or a host that was named on purpose.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}{path}{'?use' if use else ''}", timeout=timeout) as answer:
            document = json.load(answer)
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def describe(name: str, endpoint: str) -> Engine:
    """The engine at an endpoint, with what it can do.

    :raises EngineError: nothing answers there as AWS would.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    facts = health(endpoint, 10, path="/_localstack/health") or {}
    unprobed = Engine(name, str(facts.get("version") or "unknown"), endpoint, frozenset())
    account = fresh_account(unprobed)
    try:
        sessions.client(account, "sts").get_caller_identity()
    except (BotoCoreError, ClientError, EngineError) as error:
        raise EngineError(
            f"Nothing answers as AWS at {endpoint} ({type(error.__cause__ or error).__name__}).",
            next_step="Start it, or use the embedded engine, which needs no Docker.",
        ) from error
    return Engine(name, unprobed.version, endpoint, capabilities(account))


def capabilities(account: Account) -> frozenset[Capability]:
    """What the engine can do, tried in an account that nobody else uses. Cleans up after itself.

    :raises EngineError: the engine went away meanwhile.
    """
    probes: dict[Capability, Callable[[Account], bool]] = {
        "ecs": _describes_task_definitions,
        "iam": _enforces_iam,
        "trail": _keeps_a_trail,
        "version_pruning": _prunes_versions,
    }
    return frozenset(name for name, probe in probes.items() if _can(probe, account))


def _can(probe: Callable[[Account], bool], account: Account) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return probe(account)
    except (BotoCoreError, ClientError):
        return False  # it does not know the call, or refuses it


def _describes_task_definitions(account: Account) -> bool:
    ecs = sessions.client(account, "ecs")
    container = {
        "name": "app",
        "image": "none",
        "memory": 128,
        "essential": True,
        "secrets": [{"name": "A", "valueFrom": "b"}],
    }
    # Secrets need an execution role, and one that is there.
    role = sessions.client(account, "iam").create_role(RoleName=_name(), AssumeRolePolicyDocument=_TRUST)["Role"]["Arn"]
    registered = ecs.register_task_definition(family=_name(), containerDefinitions=[container], executionRoleArn=role)
    arn = registered["taskDefinition"]["taskDefinitionArn"]
    seen = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"][0]
    ecs.deregister_task_definition(taskDefinition=arn)
    return bool(seen["secrets"] == container["secrets"])


def _enforces_iam(account: Account) -> bool:
    """Is a role that may do nothing denied what it asks, and allowed once it may?"""
    iam, name = sessions.client(account, "iam"), _name()
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_TRUST)["Role"]
    secret = sessions.client(account, "secretsmanager").create_secret(Name=name, SecretString="probe")["ARN"]
    try:
        reader = sessions.client(account, "secretsmanager", credentials=assume(account, role["Arn"], "probe"))
        denied = _denied(lambda: reader.get_secret_value(SecretId=secret))
        allow = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_role_policy(RoleName=name, PolicyName="probe", PolicyDocument=policy)
        return denied and not _denied(lambda: reader.get_secret_value(SecretId=secret))
    finally:
        _delete_secret(account, secret)
        for policy_name in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy_name)
        iam.delete_role(RoleName=name)


def _keeps_a_trail(account: Account) -> bool:
    secret = sessions.client(account, "secretsmanager").create_secret(Name=_name(), SecretString="probe")["ARN"]
    _delete_secret(account, secret)
    by_key = [{"AttributeKey": "AccessKeyId", "AttributeValue": account.id}]
    events = sessions.client(account, "cloudtrail").lookup_events(LookupAttributes=by_key)["Events"]
    return any(event["EventName"] == "CreateSecret" for event in events)


def _prunes_versions(account: Account) -> bool:
    """Is the first version gone when two later ones have taken its labels?"""
    manager = sessions.client(account, "secretsmanager")
    first = manager.create_secret(Name=_name(), SecretString="1")
    for value in ("2", "3"):
        manager.put_secret_value(SecretId=first["ARN"], SecretString=value)
    try:
        manager.get_secret_value(SecretId=first["ARN"], VersionId=first["VersionId"])
    except manager.exceptions.ResourceNotFoundException:
        return True
    finally:
        _delete_secret(account, first["ARN"])
    return False


def assume(account: Account, role_arn: str, session_name: str) -> sessions.Credentials:
    """The role's credentials, by ``sts:AssumeRole`` as the account's root.

    :raises botocore.exceptions.ClientError: the engine refuses.
    """
    sts = sessions.client(account, "sts")
    keys = sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name, DurationSeconds=900)["Credentials"]
    return sessions.Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def _denied(call: Callable[[], Any]) -> bool:
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"].startswith("AccessDenied")
    return False


def _delete_secret(account: Account, arn: str) -> None:
    sessions.client(account, "secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def _name() -> str:
    return f"probe-{secrets.token_hex(4)}"
