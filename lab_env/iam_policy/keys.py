"""Which condition keys are known to be missing from a request when its context does not name them.

A key that nobody told us about is unknown, not missing: a decision that depends on it is undetermined. This closed list
holds the keys whose absence is a fact of the requests this lesson meets, since whoever builds such a request states
them when they are there. Source: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference
for KMS, Secrets Manager and STS.
"""

from __future__ import annotations

_EXACT = frozenset(
    key.lower()
    for key in (
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalServiceName",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:TagKeys",
        "aws:TokenIssueTime",
        "aws:username",
        "kms:CallerAccount",
        "kms:EncryptionContextKeys",
        "kms:GrantIsForAWSResource",
        "kms:RequestAlias",
        "kms:ResourceAliases",
        "kms:ViaService",
        "secretsmanager:SecretId",
        "secretsmanager:VersionId",
        "secretsmanager:VersionStage",
        "sts:ExternalId",
        "sts:RoleSessionName",
        "sts:SourceIdentity",
        "sts:TransitiveTagKeys",
    )
)
_PREFIXES = tuple(
    prefix.lower()
    for prefix in (
        "aws:PrincipalTag/",
        "aws:RequestTag/",
        "aws:ResourceTag/",
        "kms:EncryptionContext:",
        "secretsmanager:ResourceTag/",
    )
)


PRINCIPAL_TAGS = "aws:principaltag/"
RESOURCE_TAGS = ("aws:resourcetag/", "secretsmanager:resourcetag/")


def surely_absent(key: str, unknown: tuple[str, ...] = ()) -> bool:
    """Whether a key that is not in a request's context is surely not in the request (case does not count).

    :param unknown: lower-case beginnings of keys about which this request's builder knew nothing.
    """
    lowered = key.lower()
    return (lowered in _EXACT or lowered.startswith(_PREFIXES)) and not lowered.startswith(unknown)
