"""Reads the deployed facts by API: one question a fact, asked of the addresses that Terraform's state names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from graders.evidence.deployed import (
    AliasFacts,
    DeployedFacts,
    InitialVersion,
    KeyFacts,
    RoleFacts,
    SecretFacts,
    TaskFacts,
    VersionFacts,
)
from graders.evidence.placeholder import is_placeholder
from graders.model import SourceDiagnostic
from lab_env.hcl.addresses import CALL, hcl_string
from lab_env.iam_policy import read_role
from lab_env.text import parsed_json

_T = TypeVar("_T")

ClientFor = Callable[[str], Any]
"""A boto3 client of the run's account by service name (``kms``, ``secretsmanager`` …)."""


@dataclass(frozen=True)
class StateResource:
    """One managed instance in Terraform's state, with the attributes the provider recorded.

    :param resource: its address without its own index.
    """

    address: str
    resource: str
    type: str
    attributes: Mapping[str, Any]


def state_resources(state: Mapping[str, Any]) -> Iterator[StateResource]:
    """The managed instances of a ``terraform.tfstate`` (version 4) document."""
    for resource in state.get("resources", ()):
        if resource.get("mode") != "managed" or not str(resource.get("module", "")).startswith(CALL):
            continue
        address = f"{resource['module']}.{resource['type']}.{resource['name']}"
        for instance in resource["instances"]:
            index = instance.get("index_key")
            key = "" if index is None else f"[{hcl_string(index) if isinstance(index, str) else index}]"
            yield StateResource(f"{address}{key}", address, resource["type"], instance.get("attributes") or {})


def read_deployed(
    client: ClientFor,
    state: Mapping[str, Any],
    *,
    account: str,
    region: str,
    errors: Sequence[SourceDiagnostic],
    values: bool = True,
) -> DeployedFacts:
    """Ask the API about every resource in the state.

    :param values: look at the shape of each secret's value, too; reading it is an event in the trail.
    :raises botocore.exceptions.BotoCoreError: when the engine does not answer (the engine's fault, not the learner's).
    """
    resources = sorted(state_resources(state), key=lambda r: r.address)

    def of(type_: str) -> Iterator[StateResource]:
        return (r for r in resources if r.type == type_)

    return DeployedFacts(
        account=account,
        region=region,
        errors=tuple(errors),
        keys=tuple(_present(_key(client("kms"), r) for r in of("aws_kms_key"))),
        aliases=_aliases(client("kms"), {r.attributes.get("name"): r.address for r in of("aws_kms_alias")}),
        secrets=tuple(
            _present(
                _secret(client, r, tuple(of("aws_secretsmanager_secret_version")), values=values)
                for r in of("aws_secretsmanager_secret")
            )
        ),
        roles=tuple(_present(_role(client("iam"), r) for r in of("aws_iam_role"))),
        tasks=tuple(_present(_task(client("ecs"), r) for r in of("aws_ecs_task_definition"))),
        versions=tuple(
            VersionFacts(address=r.address, secret_arn=str(r.attributes.get("arn") or r.attributes.get("secret_id")))
            for r in of("aws_secretsmanager_secret_version")
        ),
    )


def _present(facts: Iterator[_T | None]) -> Iterator[_T]:
    return (fact for fact in facts if fact is not None)


def _key(kms: Any, resource: StateResource) -> KeyFacts | None:
    key_id = resource.attributes.get("key_id")
    try:
        meta = kms.describe_key(KeyId=key_id)["KeyMetadata"]
        tags = kms.list_resource_tags(KeyId=key_id).get("Tags", ())
        policy = kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
        aliases = [a["AliasName"] for a in kms.list_aliases(KeyId=key_id)["Aliases"]]
    except ClientError:
        return None  # it is in the state but the API does not know it: it is not deployed
    try:
        rotation: bool | None = bool(kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"])
    except ClientError:
        rotation = None  # asymmetric and imported keys have no automatic rotation
    return KeyFacts(
        address=resource.address,
        key_id=meta["KeyId"],
        arn=meta["Arn"],
        enabled=bool(meta["Enabled"]),
        state=meta["KeyState"],
        spec=meta.get("KeySpec", meta.get("CustomerMasterKeySpec", "")),
        usage=meta["KeyUsage"],
        manager=meta["KeyManager"],
        rotation=rotation,
        tags={tag["TagKey"]: tag["TagValue"] for tag in tags},
        policy=policy,
        aliases=tuple(sorted(aliases)),
    )


def _aliases(kms: Any, addresses: Mapping[Any, str]) -> tuple[AliasFacts, ...]:
    found = [alias for page in kms.get_paginator("list_aliases").paginate() for alias in page["Aliases"]]
    return tuple(
        AliasFacts(
            name=alias["AliasName"],
            arn=alias["AliasArn"],
            target_key_id=alias.get("TargetKeyId"),
            address=addresses.get(alias["AliasName"]),
        )
        for alias in sorted(found, key=lambda a: str(a["AliasName"]))
        if not alias["AliasName"].startswith("alias/aws/")
    )


def _secret(
    client: ClientFor, resource: StateResource, versions: Sequence[StateResource], *, values: bool
) -> SecretFacts | None:
    manager = client("secretsmanager")
    arn = str(resource.attributes.get("arn") or resource.attributes.get("id"))
    try:
        meta = manager.describe_secret(SecretId=arn)
        policy = manager.get_resource_policy(SecretId=arn).get("ResourcePolicy")
    except ClientError:
        return None
    if meta.get("DeletedDate"):
        return None
    key_arn = key_manager = None
    if meta.get("KmsKeyId"):
        try:
            key = client("kms").describe_key(KeyId=meta["KmsKeyId"])["KeyMetadata"]
            key_arn, key_manager = key["Arn"], key["KeyManager"]
        except ClientError:
            key_arn = None  # names a key that does not exist
    return SecretFacts(
        address=resource.address,
        name=meta["Name"],
        arn=meta["ARN"],
        kms_key_id=meta.get("KmsKeyId"),
        key_arn=key_arn,
        key_manager=key_manager,
        tags={tag["Key"]: tag["Value"] for tag in meta.get("Tags") or ()},
        policy=policy,
        initial=_initial(manager, arn, [v.attributes.get("version_id") for v in versions if _is_of(v, arn)])
        if values
        else None,
    )


def _is_of(version: StateResource, arn: str) -> bool:
    return arn in (version.attributes.get("secret_id"), version.attributes.get("arn"))


def _initial(manager: Any, arn: str, version_ids: Sequence[Any]) -> InitialVersion | None:
    """The current value; where nothing is current, the version that the module wrote.

    AWS makes a secret's first version current whatever labels it is given (PutSecretValue); the embedded engine does not.
    """
    text = None
    for which in ({"VersionStage": "AWSCURRENT"}, *({"VersionId": v} for v in version_ids if v)):
        try:
            text = manager.get_secret_value(SecretId=arn, **which).get("SecretString")
        except ClientError:
            continue
        if text is not None:
            break
    if text is None:
        return None  # the container is empty
    value = parsed_json(text)
    if not isinstance(value, dict):
        return InitialVersion(is_object=False, keys=(), password="missing")  # noqa: S106 - a classification
    return InitialVersion(is_object=True, keys=tuple(sorted(value)), password=classify_password(value.get("password")))


def classify_password(password: object) -> Any:
    """``placeholder``, ``other``, ``empty`` or ``missing``: all that is kept of a password."""
    if password is None:
        return "missing"
    if not isinstance(password, str):
        return "other"
    if not password.strip():
        return "empty"
    return "placeholder" if is_placeholder(password) else "other"


def _role(iam: Any, resource: StateResource) -> RoleFacts | None:
    role = read_role(iam, str(resource.attributes.get("name")))
    return None if role is None else RoleFacts(**vars(role), address=resource.address)


def _task(ecs: Any, resource: StateResource) -> TaskFacts | None:
    try:
        task = ecs.describe_task_definition(taskDefinition=resource.attributes.get("arn"))["taskDefinition"]
    except ClientError:
        return None
    return TaskFacts(
        address=resource.address,
        arn=task["taskDefinitionArn"],
        family=task["family"],
        execution_role_arn=task.get("executionRoleArn") or None,
        task_role_arn=task.get("taskRoleArn") or None,
        containers=tuple(task.get("containerDefinitions", ())),
        network_mode=task.get("networkMode"),
        compatibilities=tuple(task.get("requiresCompatibilities") or ()),
        cpu=task.get("cpu"),
        memory=task.get("memory"),
    )
