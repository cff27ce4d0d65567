"""A role as IAM has it, read in one place, for the launch and for the verdicts: its policies' texts, and what they come to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lab_env.errors import EngineError
from lab_env.iam_policy.document import NamedPolicy, PolicySyntaxError, UnknownPolicy, named_policy
from lab_env.iam_policy.managed import is_aws_managed, named_managed_policy

_MANAGED_VERSION = "2012-10-17"


@dataclass(frozen=True)
class PolicyText:
    """A policy as IAM returns it.

    :param arn: None for an inline one.
    :param document: JSON; None where the text is not to be had: of every AWS-managed policy, since engines keep their names only.
    """

    name: str
    arn: str | None
    document: str | None


@dataclass(frozen=True)
class Identity:
    """A role's identity policies as far as their text is known.

    :param unknown: attached policies whose text is not to be had: never a proof of anything.
    :param refused: the sentences on policies that AWS would not have taken, though an engine did: they give no right.
    """

    policies: tuple[NamedPolicy, ...]
    unknown: tuple[str, ...]
    boundary: NamedPolicy | UnknownPolicy | None = None
    refused: tuple[str, ...] = ()

    @property
    def grants_anything(self) -> bool:
        return bool(self.unknown) or any(s.effect == "Allow" for p in self.policies for s in p.document.statements)


@dataclass(frozen=True)
class Role:
    """GetRole and every policy of one role."""

    name: str
    arn: str
    trust: str
    inline: tuple[PolicyText, ...]
    attached: tuple[PolicyText, ...]
    boundary: PolicyText | None
    tags: Mapping[str, str]

    def identity(self, name: Callable[[PolicyText], str]) -> Identity:
        """Its policies read; AWS-managed ones from the documents we ship.

        :param name: what explanations call a policy of the module.
        """
        known: list[NamedPolicy] = []
        unknown: list[str] = []
        refused: list[str] = []
        for text in (*self.inline, *self.attached):
            try:
                policy = _read(text, name)
            except PolicySyntaxError as error:
                refused.append(error.message)
                continue
            if policy is None:
                unknown.append(text.arn or text.name)
            else:
                known.append(policy)
        return Identity(tuple(known), tuple(unknown), self._limit(name), tuple(refused))

    def _limit(self, name: Callable[[PolicyText], str]) -> NamedPolicy | UnknownPolicy | None:
        if self.boundary is None:
            return None
        unknown = UnknownPolicy(f'boundary "{self.boundary.name}"')
        try:
            return _read(self.boundary, name) or unknown
        except PolicySyntaxError:
            return unknown


def _read(text: PolicyText, name: Callable[[PolicyText], str]) -> NamedPolicy | None:
    if text.document is not None:
        return (named_policy if text.arn is None else managed_document)(name(text), text.document)
    return named_managed_policy(text.arn) if text.arn else None


def managed_document(name: str, document: str) -> NamedPolicy:
    """A customer-managed policy's document; CreatePolicy takes one version only, unlike PutRolePolicy.

    :raises PolicySyntaxError: AWS would refuse it.
    """
    policy = named_policy(name, document)
    if policy.document.version != _MANAGED_VERSION:
        raise PolicySyntaxError(f"{name}: a managed policy needs Version {_MANAGED_VERSION}.")
    return policy


def read_role(iam: Any, name: str) -> Role | None:
    """The role of that name, as the account's IAM has it; None when there is none.

    :param iam: a boto3 client of the account.
    """
    from botocore.exceptions import ClientError

    try:
        role = iam.get_role(RoleName=name)["Role"]
    except ClientError as error:
        if error.response["Error"]["Code"].startswith(("NoSuchEntity", "ValidationError")):
            return None
        raise EngineError(f"The engine did not say whether there is a role {name}: {error}.") from error
    inline = [
        n for page in iam.get_paginator("list_role_policies").paginate(RoleName=name) for n in page["PolicyNames"]
    ]
    attached = {
        p["PolicyArn"]: p["PolicyName"]
        for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
        for p in page["AttachedPolicies"]
    }
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return Role(
        name=role["RoleName"],
        arn=role["Arn"],
        trust=_text(role["AssumeRolePolicyDocument"]),
        inline=tuple(
            PolicyText(n, None, _text(iam.get_role_policy(RoleName=name, PolicyName=n)["PolicyDocument"]))
            for n in sorted(inline)
        ),
        attached=tuple(_managed(iam, attached[arn], arn) for arn in sorted(attached)),
        boundary=_managed(iam, boundary.rpartition("/")[2], boundary) if boundary else None,
        tags={tag["Key"]: tag["Value"] for tag in role.get("Tags") or ()},
    )


def _managed(iam: Any, name: str, arn: str) -> PolicyText:
    from botocore.exceptions import ClientError

    if is_aws_managed(arn):
        return PolicyText(name, arn, None)
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    except ClientError:
        return PolicyText(name, arn, None)
    return PolicyText(name, arn, _text(document))


def _text(document: object) -> str:
    """IAM returns documents URL-encoded (RFC 3986); botocore decodes most of them to objects."""
    if isinstance(document, str):
        return unquote(document) if document.lstrip().startswith("%") else document
    return json.dumps(document, sort_keys=True)
