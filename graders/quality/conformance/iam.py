"""IAM and STS: roles, their policies, and whether what a role may do is what it can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from graders.quality.conformance.behaviour import Behaviour, expect, refused
from lab_env.engine.model import Account, Engine, fresh_account
from lab_env.engine.probe import assume
from lab_env.engine.sessions import client

_REFERENCE = "IAM API Reference"
_GUIDE = "IAM User Guide"
ROLE = "lesson"
_DENIED = ("AccessDeniedException", "AccessDenied")


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role_of(account: Account, *statements: Mapping[str, Any], name: str = ROLE) -> str:
    """A role that the account may assume, with these statements; its ARN."""
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}, "Action": "sts:AssumeRole"}
    iam = client(account, "iam")
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"])
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=_document(*statements))
    return arn


def _reading_as_role(account: Account, *statements: Mapping[str, Any], secret: str) -> Callable[[], Any]:
    """A read of the secret with the rights of a role that has these statements."""
    keys = assume(account, role_of(account, *statements), "lesson")
    manager = client(account, "secretsmanager", credentials=keys)
    return lambda: manager.get_secret_value(SecretId=secret)


def _secret(account: Account, name: str = "lesson") -> str:
    return str(client(account, "secretsmanager").create_secret(Name=name, SecretString="1")["ARN"])


def allow(action: str, resource: str, effect: str = "Allow") -> dict[str, str]:
    """A statement; ``effect`` may be ``Deny``."""
    return {"Effect": effect, "Action": action, "Resource": resource}


def _trust(account: Account) -> None:
    iam = client(account, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_document(trust))
    read = iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    expect(read["Statement"] == [trust], "another one is read")


def _inline(account: Account) -> None:
    statement = allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:1:secret:a-b?c=d&e")
    role_of(account, statement)
    read = client(account, "iam").get_role_policy(RoleName=ROLE, PolicyName="inline")["PolicyDocument"]
    expect(read["Statement"] == [statement], "another one is read")


def _managed(account: Account) -> None:
    role_of(account)
    iam = client(account, "iam")
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    found = [one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]]
    expect(found == [arn], "it is not attached")


def _in_use(account: Account) -> None:
    role_of(account, allow("kms:Decrypt", "*"))
    refused(lambda: client(account, "iam").delete_role(RoleName=ROLE), "DeleteConflict")


def _session(account: Account) -> None:
    keys = assume(account, role_of(account), "a-session")
    told = client(account, "sts", credentials=keys).get_caller_identity()
    expect(str(told["Arn"]).endswith(f":assumed-role/{ROLE}/a-session"), "GetCallerIdentity tells another caller")


def _nothing(account: Account) -> None:
    refused(_reading_as_role(account, secret=_secret(account)), *_DENIED)


def _exact(account: Account) -> None:
    mine, other = _secret(account), _secret(account, "another")
    read = _reading_as_role(account, allow("secretsmanager:GetSecretValue", mine), secret=mine)
    expect(read()["SecretString"] == "1", "another value is read")
    keys = assume(account, f"arn:aws:iam::{account.id}:role/{ROLE}", "lesson")
    manager = client(account, "secretsmanager", credentials=keys)
    refused(lambda: manager.get_secret_value(SecretId=other), *_DENIED)


def _deny_wins(account: Account) -> None:
    secret = _secret(account)
    both = [allow("secretsmanager:*", "*"), allow("secretsmanager:GetSecretValue", secret, "Deny")]
    refused(_reading_as_role(account, *both, secret=secret), *_DENIED)


def _decrypting(account: Account, resource: Callable[[str], str]) -> Callable[[], Any]:
    """A decryption by a role that may do so on what ``resource`` makes of the key's ARN."""
    kms = client(account, "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/lesson", TargetKeyId=key)
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    keys = assume(account, role_of(account, allow("kms:Decrypt", resource(key))), "lesson")
    return lambda: client(account, "kms", credentials=keys).decrypt(CiphertextBlob=blob)


def _key_arn(account: Account) -> None:
    expect(_decrypting(account, lambda arn: arn)()["Plaintext"] == b"text", "another text comes back")


def _alias_arn(account: Account) -> None:
    refused(_decrypting(account, lambda arn: arn.partition(":key/")[0] + ":alias/lesson"), *_DENIED)


def _accounts(account: Account) -> None:
    secret = _secret(account)
    other = fresh_account(Engine("", "", account.endpoint, frozenset()))
    manager = client(other, "secretsmanager")
    names = [one["Name"] for one in manager.list_secrets()["SecretList"]]
    expect(names == [], "another account's secrets are listed")
    refused(lambda: manager.get_secret_value(SecretId=secret.rsplit(":", 1)[-1]), "ResourceNotFoundException")


def _policy(account: Account, *statements: Mapping[str, Any]) -> str:
    made = client(account, "iam").create_policy(PolicyName="read", PolicyDocument=_document(*statements))
    return str(made["Policy"]["Arn"])


def _role_taken(account: Account) -> None:
    role_of(account)
    refused(lambda: role_of(account), "EntityAlreadyExists")


def _role_unknown(account: Account) -> None:
    refused(lambda: client(account, "iam").get_role(RoleName=ROLE), "NoSuchEntity")


def _new_role(account: Account) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    tags = [{"Key": "Environment", "Value": "dev"}]
    iam = client(account, "iam")
    iam.create_role(RoleName=ROLE, Path="/app/", AssumeRolePolicyDocument=_document(trust), Tags=tags)
    found = iam.get_role(RoleName=ROLE)["Role"]
    expect(found["Arn"] == f"arn:aws:iam::{account.id}:role/app/{ROLE}", "the path is not in its ARN")
    expect(found.get("MaxSessionDuration") == 3600, "its sessions are of another length")
    expect(found.get("Tags") == tags, "other tags are told")


def _new_trust(account: Account) -> None:
    role_of(account)
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = client(account, "iam")
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=_document(trust))
    expect(
        iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]["Statement"] == [trust], "the old one is read"
    )


def _inline_gone(account: Account) -> None:
    role_of(account, allow("kms:Decrypt", "*"))
    iam = client(account, "iam")
    expect(iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == ["inline"], "it is not listed")
    iam.delete_role_policy(RoleName=ROLE, PolicyName="inline")
    refused(lambda: iam.get_role_policy(RoleName=ROLE, PolicyName="inline"), "NoSuchEntity")
    refused(lambda: iam.delete_role_policy(RoleName=ROLE, PolicyName="inline"), "NoSuchEntity")


def _policy_versions(account: Account) -> None:
    iam, arn = client(account, "iam"), _policy(account, allow("kms:Decrypt", "*"))
    second = allow("kms:Encrypt", "*")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=_document(second), SetAsDefault=True)
    expect(iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2", "another version is the default")
    read = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"]
    expect(read["Statement"] == [second], "another one is read")


def _five_versions(account: Account) -> None:
    iam, arn = client(account, "iam"), _policy(account, allow("kms:Decrypt", "*"))
    more = {"PolicyArn": arn, "PolicyDocument": _document(allow("kms:Encrypt", "*"))}
    for _ in range(4):
        iam.create_policy_version(**more)
    refused(lambda: iam.create_policy_version(**more), "LimitExceeded")


def _policy_in_use(account: Account) -> None:
    iam, arn = client(account, "iam"), _policy(account, allow("kms:Decrypt", "*"))
    role_of(account)
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    refused(lambda: iam.delete_policy(PolicyArn=arn), "DeleteConflict")
    refused(lambda: iam.delete_role(RoleName=ROLE), "DeleteConflict")
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def _not_attached(account: Account) -> None:
    arn = _policy(account, allow("kms:Decrypt", "*"))
    role_of(account)
    refused(lambda: client(account, "iam").detach_role_policy(RoleName=ROLE, PolicyArn=arn), "NoSuchEntity")


def _managed_counts(account: Account) -> None:
    secret = _secret(account)
    read = _reading_as_role(account, secret=secret)
    arn = _policy(account, allow("secretsmanager:GetSecretValue", secret))
    client(account, "iam").attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    expect(read()["SecretString"] == "1", "another value is read")
    client(account, "iam").detach_role_policy(RoleName=ROLE, PolicyArn=arn)
    refused(read, *_DENIED)


def _secret_policy(account: Account, effect: str, secret: str) -> None:
    role = {"AWS": f"arn:aws:iam::{account.id}:role/{ROLE}"}
    statement = {**allow("secretsmanager:GetSecretValue", "*", effect), "Principal": role}
    client(account, "secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=_document(statement))


def _secret_allows(account: Account) -> None:
    secret = _secret(account)
    read = _reading_as_role(account, secret=secret)
    _secret_policy(account, "Allow", secret)
    expect(read()["SecretString"] == "1", "another value is read")


def _secret_denies(account: Account) -> None:
    secret = _secret(account)
    read = _reading_as_role(account, allow("secretsmanager:GetSecretValue", "*"), secret=secret)
    _secret_policy(account, "Deny", secret)
    refused(read, *_DENIED)


def _trusted(account: Account) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    made = client(account, "iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=_document(trust))["Role"]
    mine = role_of(account, allow("sts:AssumeRole", "*"), name="caller")
    sts = client(account, "sts", credentials=assume(account, mine, "lesson"))
    refused(lambda: sts.assume_role(RoleArn=made["Arn"], RoleSessionName="lesson"), *_DENIED)


def _with_context(condition: Mapping[str, Any], account: Account) -> tuple[Any, bytes]:
    """A KMS client of a role that may decrypt under a condition, and a text that was encrypted for ``app = orders``."""
    kms = client(account, "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"text", EncryptionContext={"app": "orders"})["CiphertextBlob"]
    statement = {**allow("kms:Decrypt", key), "Condition": condition}
    keys = assume(account, role_of(account, statement), "lesson")
    return client(account, "kms", credentials=keys), blob


def _context_fits(account: Account) -> None:
    kms, blob = _with_context({"StringEquals": {"kms:EncryptionContext:app": "orders"}}, account)
    read = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"app": "orders"})["Plaintext"]
    expect(read == b"text", "another text comes back")


def _context_does_not_fit(account: Account) -> None:
    kms, blob = _with_context({"StringEquals": {"kms:EncryptionContext:app": "invoices"}}, account)
    refused(lambda: kms.decrypt(CiphertextBlob=blob, EncryptionContext={"app": "orders"}), *_DENIED)


def _key_policy(account: Account) -> None:
    role, kms = role_of(account), client(account, "kms")
    root = {"AWS": f"arn:aws:iam::{account.id}:root"}
    statements = [
        {**allow("kms:*", "*"), "Principal": root},
        {**allow("kms:Decrypt", "*"), "Principal": {"AWS": role}},
    ]
    key = kms.create_key(Policy=_document(*statements))["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    read = client(account, "kms", credentials=assume(account, role, "lesson")).decrypt(CiphertextBlob=blob)
    expect(read["Plaintext"] == b"text", "another text comes back")


def _grant(account: Account) -> tuple[Any, Callable[[], Any], str, str]:
    """A grant to a role without any policy: the account's KMS, a decryption by the role, the key and the grant."""
    role, kms = role_of(account), client(account, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    grant = kms.create_grant(KeyId=key, GranteePrincipal=role, Operations=["Decrypt"])["GrantId"]
    caller = client(account, "kms", credentials=assume(account, role, "lesson"))
    return kms, lambda: caller.decrypt(CiphertextBlob=blob), key, grant


def _granted(account: Account) -> None:
    _, decrypt, _, _ = _grant(account)
    expect(decrypt()["Plaintext"] == b"text", "another text comes back")


def _grant_revoked(account: Account) -> None:
    kms, decrypt, key, grant = _grant(account)
    expect([one["GrantId"] for one in kms.list_grants(KeyId=key)["Grants"]] == [grant], "the grant is not listed")
    kms.revoke_grant(KeyId=key, GrantId=grant)
    expect(kms.list_grants(KeyId=key)["Grants"] == [], "it is listed after it was revoked")
    refused(decrypt, *_DENIED)


IAM = (
    Behaviour("iam.trust", "The trust policy is read as it was written.", f"{_REFERENCE}, GetRole", _trust),
    Behaviour("iam.inline", "An inline policy is read as it was written.", f"{_REFERENCE}, GetRolePolicy", _inline),
    Behaviour("iam.managed", "AWS's managed policy for execution roles is there and can be attached.",
              "AWS Managed Policy Reference, AmazonECSTaskExecutionRolePolicy", _managed),
    Behaviour("iam.in_use", "A role that has policies cannot be deleted.", f"{_REFERENCE}, DeleteRole", _in_use),
    Behaviour("sts.session", "An assumed role is told as its session.", "STS API Reference, GetCallerIdentity", _session),
    Behaviour("iam.nothing", "A role without any policy is denied reading a secret.",
              f"{_GUIDE}, Policy evaluation logic", _nothing),
    Behaviour("iam.exact", "A role that may read one secret by its ARN reads that one, and no other.",
              f"{_GUIDE}, Policy evaluation logic", _exact),
    Behaviour("iam.deny_wins", "An explicit deny wins over an allow.", f"{_GUIDE}, Policy evaluation logic", _deny_wins),
    Behaviour("iam.key_arn", "A role that may decrypt with a key by its ARN can.",
              "KMS Developer Guide, Specifying KMS keys in IAM policy statements", _key_arn),
    Behaviour("iam.alias_arn", "An alias's ARN as the resource gives no right to its key.",
              "KMS Developer Guide, Specifying KMS keys in IAM policy statements", _alias_arn),
    Behaviour("iam.role_taken", "A role that is there is refused.", f"{_REFERENCE}, CreateRole", _role_taken),
    Behaviour("iam.role_unknown", "A role that is not there is refused.", f"{_REFERENCE}, GetRole", _role_unknown),
    Behaviour("iam.new_role", "A role has its path in its ARN, its tags, and sessions of an hour if nothing else is asked for.",
              f"{_REFERENCE}, CreateRole", _new_role),
    Behaviour("iam.new_trust", "A trust policy is replaced by UpdateAssumeRolePolicy.",
              f"{_REFERENCE}, UpdateAssumeRolePolicy", _new_trust),
    Behaviour("iam.inline_gone", "An inline policy is listed, and is not read once it is deleted.",
              f"{_REFERENCE}, DeleteRolePolicy", _inline_gone),
    Behaviour("iam.policy_versions", "A managed policy's new version can be its default, and is read as it was written.",
              f"{_REFERENCE}, CreatePolicyVersion", _policy_versions),
    Behaviour("iam.five_versions", "A managed policy has five versions at most.",
              f"{_REFERENCE}, CreatePolicyVersion", _five_versions),
    Behaviour("iam.policy_in_use", "A managed policy that is attached cannot be deleted, nor its role.",
              f"{_REFERENCE}, DeletePolicy", _policy_in_use),
    Behaviour("iam.not_attached", "Detaching a policy that is not attached is refused.",
              f"{_REFERENCE}, DetachRolePolicy", _not_attached),
    Behaviour("iam.managed_counts", "A managed policy gives its rights while it is attached.",
              f"{_GUIDE}, Policy evaluation logic", _managed_counts),
    Behaviour("iam.secret_allows", "A role that a secret's policy allows reads it without a policy of its own.",
              f"{_GUIDE}, Policy evaluation logic", _secret_allows),
    Behaviour("iam.secret_denies", "A role that a secret's policy denies does not read it, whatever its own policy says.",
              f"{_GUIDE}, Policy evaluation logic", _secret_denies),
    Behaviour("iam.key_policy", "A role that a key's policy allows decrypts without a policy of its own.",
              "KMS Developer Guide, Key policies", _key_policy),
    Behaviour("iam.context_fits", "A role that may decrypt for one encryption context decrypts with that one.",
              "KMS Developer Guide, Condition keys: kms:EncryptionContext", _context_fits),
    Behaviour("iam.context_does_not_fit", "A role that may decrypt for one encryption context does not with another one.",
              "KMS Developer Guide, Condition keys: kms:EncryptionContext", _context_does_not_fit),
    Behaviour("iam.granted", "A role that has a grant decrypts without a policy of its own.",
              "KMS API Reference, CreateGrant", _granted),
    Behaviour("iam.grant_revoked", "A grant is listed until it is revoked; then it gives nothing.",
              "KMS API Reference, RevokeGrant", _grant_revoked),
    Behaviour("sts.trusted", "A role is not assumed by somebody whom its trust policy does not name.",
              "STS API Reference, AssumeRole", _trusted),
    Behaviour("sts.accounts", "An account sees nothing of another one.", "AWS General Reference, Account ids", _accounts),
)  # fmt: skip
