"""Where a case is played: real calls to the engine as a role's session or as a user, and the same request for us."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from lab_env.engine import Account
from lab_env.engine.sessions import Credentials, client
from lab_env.iam_policy import Principal, Request
from tests.lab_env.iam_policy.cases import EXTERNAL_ID, REQUEST_TAGS, TAGS, Case, Json

BOUNDARIES: dict[str, Json] = {
    "bounded": {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["secretsmanager:Get*", "kms:Describe*"], "Resource": "*"},
    },
    "limited": {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["secretsmanager:Describe*", "kms:Decrypt"], "Resource": "*"},
        ],
    },
}
_DENIED = {"AccessDenied", "AccessDeniedException"}


@dataclass
class Stage:
    """:param names: what the marks of a case stand for."""

    account: Account
    names: dict[str, str]
    ciphertext: bytes
    credentials: dict[str, Credentials | None]
    issued: str
    secure_transport: bool = False
    _put: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, account: Account) -> Stage:
        """Create everything a case needs."""
        iam, sts = client(account, "iam"), client(account, "sts")
        kms, secrets = client(account, "kms"), client(account, "secretsmanager")
        root = f"arn:aws:iam::{account.id}:root"
        open_trust = _document({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"})
        tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
        secret = secrets.create_secret(Name="lab/secret", SecretString="x", Tags=[{"Key": "env", "Value": "dev"}])[
            "ARN"
        ]
        key = kms.create_key(Tags=[{"TagKey": "env", "TagValue": "dev"}])["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/lab", TargetKeyId=key)
        ciphertext = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        credentials: dict[str, Credentials | None] = {"root": None}
        for role in ("plain", *BOUNDARIES):
            arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=open_trust, Tags=tags)["Role"]["Arn"]
            if role in BOUNDARIES:
                made = iam.create_policy(PolicyName=role, PolicyDocument=json.dumps(BOUNDARIES[role]))
                iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=made["Policy"]["Arn"])
            credentials[role] = _keys(sts.assume_role(RoleArn=arn, RoleSessionName="lab")["Credentials"])
        iam.create_role(RoleName="target", AssumeRolePolicyDocument=open_trust)
        iam.create_user(UserName="ada", Tags=tags)
        access = iam.create_access_key(UserName="ada")["AccessKey"]
        credentials["user"] = Credentials(access["AccessKeyId"], access["SecretAccessKey"])
        names = {
            "account": account.id,
            "account-head": account.id[:4],
            "secret": secret,
            "secret-stem": secret[:-7],
            "key": key,
            "key-id": key.rsplit("/", 1)[-1],
            "target": f"arn:aws:iam::{account.id}:role/target",
        }
        issued = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        stage = cls(account, names, ciphertext, credentials, issued)
        # Whether plain HTTP on loopback counts as secure is the engine's to say; everything else is known.
        secure = {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        }
        stage.secure_transport = stage.play(
            Case("secret", "plain", "secretsmanager:GetSecretValue", ({"Statement": secure},), None)
        )
        return stage

    def filled(self, case: Case, document: Json) -> Json:
        """A case's document with real names."""
        principal = self.principal(case)
        text = json.dumps(document)
        own = {"caller": principal.arn, "caller-role": principal.role_arn or principal.arn}
        for mark, value in {**self.names, **own}.items():
            text = text.replace(f"<{mark}>", value)
        filled: Json = json.loads(text)
        return filled

    def principal(self, case: Case) -> Principal:
        if case.caller == "root":
            return Principal.root(self.account.id)
        if case.caller == "user":
            return Principal.user(f"arn:aws:iam::{self.account.id}:user/ada", tags=TAGS)
        return Principal.session(f"arn:aws:iam::{self.account.id}:role/{case.caller}", "lab", tags=TAGS)

    def request(self, case: Case) -> Request:
        """The case's call as AWS would see it, with the condition keys that AWS puts into it."""
        now = datetime.now(UTC)
        context: dict[str, Any] = {
            "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:RequestedRegion": self.account.region,
            "aws:SecureTransport": "true" if self.secure_transport else "false",
            "aws:SourceIp": "127.0.0.1",
            "aws:ResourceAccount": self.account.id,
        }
        if case.caller not in ("root", "user"):
            context["aws:TokenIssueTime"] = self.issued
        if case.scene == "secret":
            context |= {"secretsmanager:SecretId": self.names["secret"], "aws:ResourceTag/env": "dev"}
        elif case.scene in ("key", "alias"):
            context |= {"kms:CallerAccount": self.account.id, "aws:ResourceTag/env": "dev"}
        else:
            context |= {"sts:ExternalId": EXTERNAL_ID, "sts:RoleSessionName": "lab"}
        if case.action.endswith("TagResource"):
            context["aws:TagKeys"] = list(REQUEST_TAGS)
            context |= {f"aws:RequestTag/{key}": value for key, value in REQUEST_TAGS.items()}
        resource = {"secret": "secret", "key": "key", "alias": "key", "trust": "target"}[case.scene]
        return Request(case.action, self.names[resource], self.principal(case), context)

    def play(self, case: Case) -> bool:
        """Put the case's policies, make its call as its caller, and say whether the engine let it through."""
        iam = client(self.account, "iam")
        for slot in range(2):
            document = case.identity[slot] if slot < len(case.identity) else None
            self._put_identity(iam, case, f"p{slot}", document)
        if case.scene == "secret":
            self._put_secret_policy(case)
        elif case.scene in ("key", "alias"):
            text = json.dumps(self.filled(case, case.resource_policy or {}))
            if self._changed("key", text):
                client(self.account, "kms").put_key_policy(KeyId=self.names["key"], PolicyName="default", Policy=text)
        else:
            text = json.dumps(self.filled(case, case.resource_policy or {}))
            iam.update_assume_role_policy(RoleName="target", PolicyDocument=text)
        try:
            self._call(case)
        except ClientError as error:
            if error.response["Error"]["Code"] in _DENIED:
                return False
            raise
        return True

    def _changed(self, place: str, text: str) -> bool:
        changed = self._put.get(place, "") != text
        self._put[place] = text
        return changed

    def _put_identity(self, iam: Any, case: Case, name: str, document: Json | None) -> None:
        if case.caller == "root":
            return
        text = "" if document is None else json.dumps(self.filled(case, document))
        if not self._changed(f"{case.caller}/{name}", text):
            return
        who = {"UserName": "ada"} if case.caller == "user" else {"RoleName": case.caller}
        kind = "user" if case.caller == "user" else "role"
        if text:
            getattr(iam, f"put_{kind}_policy")(**who, PolicyName=name, PolicyDocument=text)
        else:
            getattr(iam, f"delete_{kind}_policy")(**who, PolicyName=name)

    def _put_secret_policy(self, case: Case) -> None:
        secrets = client(self.account, "secretsmanager")
        text = "" if case.resource_policy is None else json.dumps(self.filled(case, case.resource_policy))
        if not self._changed("secret", text):
            return
        if text:
            secrets.put_resource_policy(SecretId=self.names["secret"], ResourcePolicy=text)
        else:
            secrets.delete_resource_policy(SecretId=self.names["secret"])

    def _call(self, case: Case) -> None:
        service = case.action.partition(":")[0]
        api = client(self.account, service, credentials=self.credentials[case.caller])
        match case.action:
            case "secretsmanager:GetSecretValue":
                api.get_secret_value(SecretId=self.names["secret"])
            case "secretsmanager:DescribeSecret":
                api.describe_secret(SecretId=self.names["secret"])
            case "secretsmanager:TagResource":
                tags = [{"Key": key, "Value": value} for key, value in REQUEST_TAGS.items()]
                api.tag_resource(SecretId=self.names["secret"], Tags=tags)
            case "kms:DescribeKey":
                api.describe_key(KeyId="alias/lab" if case.scene == "alias" else self.names["key"])
            case "kms:Decrypt":
                api.decrypt(CiphertextBlob=self.ciphertext)
            case _:
                api.assume_role(RoleArn=self.names["target"], RoleSessionName="lab", ExternalId=EXTERNAL_ID)


def _keys(issued: Any) -> Credentials:
    return Credentials(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])


def _document(statement: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement})
