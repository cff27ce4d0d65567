"""The rules by themselves: no engine is needed to know what AWS refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from graders.quality.conformance.refusals import PAIRS, Pair, filled
from lab_env.aws_refusals import LENIENT, REQUEST_ID, Call, Question, Refusal, Retries, refusal, settle, words_of
from lab_env.aws_refusals.retries import RETRIED, SETTLING_S
from lab_env.engine.refusing import read_call

ACCOUNT = "111122223333"
KNOWN = {
    "<account>": ACCOUNT,
    "<key>": "k",
    "<disabled>": "d",
    "<pending>": "p",
    "<secret>": "readable",
    "<version>": "v",
}
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.15.5 (+https://www.terraform.io) terraform-provider-aws/5.100.0"


def account(question: Question) -> Mapping[str, Any] | None:
    """An account as the pairs need it: one role, three keys, three secrets."""
    asked = next(iter(question.parameters.values()))
    answers: dict[tuple[str, str], Mapping[str, Any]] = {
        ("GetRole", "there"): {},
        ("DescribeKey", "k"): {"KeyMetadata": {"KeyState": "Enabled"}},
        ("DescribeKey", "d"): {"KeyMetadata": {"KeyState": "Disabled"}},
        ("DescribeKey", "p"): {"KeyMetadata": {"KeyState": "PendingDeletion"}},
        ("DescribeSecret", "readable"): {"KmsKeyId": "k", "VersionIdsToStages": {"v": ["AWSCURRENT"]}},
        ("DescribeSecret", "darkened"): {"KmsKeyId": "d"},
        ("DescribeSecret", "leaving"): {"DeletedDate": 1},
    }
    return answers.get((question.operation, asked))


def decide(pair: Pair, parameters: Mapping[str, Any]) -> Refusal | None:
    return settle(refusal(Call(pair.service, pair.operation, filled(parameters, KNOWN), ACCOUNT, "us-east-1")), account)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_pairs(pair: Pair) -> None:
    """Is the one call refused with AWS's code, and the call beside it not?"""
    refused = decide(pair, pair.refused)
    assert refused is not None
    assert (refused.code, pair.says in refused.message) == (pair.code, True)
    assert decide(pair, pair.taken) is None


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def told(retries: Retries, refused: Refusal, *, user_agent: str = TERRAFORM, body: bytes = b"a") -> str:
    return retries.code(refused, user_agent=user_agent, caller=ACCOUNT, body=body)


@pytest.mark.parametrize("code", RETRIED)
def test_what_may_settle_is_tried_again_for_a_while(code: str) -> None:
    """Does Terraform hear AWS's code while a role may still be made, and then one that it does not wait for, call by call?"""
    clock = Clock()
    retries, refused = Retries(clock), Refusal(code, "no such role", settles=True)
    assert told(retries, refused) == code
    clock.now = SETTLING_S - 1
    assert told(retries, refused) == code
    clock.now = SETTLING_S + 1
    assert told(retries, refused) == RETRIED[code]
    assert told(retries, refused, body=b"another call") == code
    assert told(retries, refused, user_agent="Boto3/1.40") == code


def test_what_cannot_settle_is_told_at_once() -> None:
    """Does Terraform not wait for a policy that is wrong whatever is made, and keep every other code?"""
    retries = Retries(Clock())
    assert told(retries, Refusal("MalformedPolicyDocumentException", "a bad Sid")) == "MalformedPolicyDocument"
    assert (
        told(retries, Refusal("MalformedPolicyDocument", "a bad Sid"), user_agent="aws-cli/2")
        == "MalformedPolicyDocument"
    )
    assert told(retries, Refusal("ClientException", "no cpu")) == "ClientException"


def made(service: str, operation: str) -> str:
    """How the provider tells which call was refused."""
    return f"operation error {service}: {operation}, https response error StatusCode: 400, RequestID: {REQUEST_ID}, "


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            f"creating IAM Role (a): {made('IAM', 'CreateRole')}api error MalformedPolicyDocumentException: Invalid principal.",
            "creating IAM Role (a): MalformedPolicyDocument: Invalid principal.",
        ),
        (
            f"creating KMS Key: {made('KMS', 'CreateKey')}api error MalformedPolicyDocument: no",
            "creating KMS Key: MalformedPolicyDocumentException: no",
        ),
        (
            f"creating: {made('ECS', 'RegisterTaskDefinition')}ClientException: no",
            "creating: ClientException: no",
        ),
        (
            "creating: operation error ECS: RegisterTaskDefinition, https response error StatusCode: 400, RequestID: x, A: no",
            None,
        ),
        (f"my own check says RequestID: {REQUEST_ID}", None),
    ],
)
def test_words(said: str, words: str | None) -> None:
    """Is a refusal told with AWS's code and words alone, under AWS's own code, and nothing else taken for one?"""
    assert words_of(said) == words


def headers(key: str = ACCOUNT, service: str = "iam", target: str = "") -> dict[bytes, bytes]:
    signed = (
        f"AWS4-HMAC-SHA256 Credential={key}/20261130/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
    return {b"authorization": signed.encode(), **({b"x-amz-target": target.encode()} if target else {})}


@pytest.mark.parametrize(
    ("sent", "body", "operation", "of_account"),
    [
        (headers(), b"Action=CreateRole&RoleName=a+b&Version=2010-05-08", "CreateRole", ACCOUNT),
        (headers(service="kms", target="TrentService.CreateKey"), b'{"Policy": "{}"}', "CreateKey", ACCOUNT),
        (headers(service="kms", target="TrentService.CreateKey"), b"{", "CreateKey", ACCOUNT),
        (headers(service="kms", target="TrentService.ListKeys"), b"{}", None, None),
        (headers("ASIAEXAMPLE", "secretsmanager", "secretsmanager.GetSecretValue"),
         b'{"SecretId": "arn:aws:secretsmanager:us-east-1:444455556666:secret:a-AbCdEf"}', "GetSecretValue", "444455556666"),
        (headers("ASIAEXAMPLE", "secretsmanager", "secretsmanager.GetSecretValue"), b'{"SecretId": "a"}', None, None),
        ({}, b"Action=CreateRole", None, None),
    ],
)  # fmt: skip
def test_calls_are_read(sent: dict[bytes, bytes], body: bytes, operation: str | None, of_account: str | None) -> None:
    """Is it told what is called in whose account, in both of AWS's protocols, and nothing made up of what cannot be read?"""
    call = read_call(sent, body)
    assert (call and call.operation, call and call.account) == (operation, of_account)


def test_no_module_can_ask_for_leniency() -> None:
    """Is the lenient caller's token one that no provider block of a learner's can send? The gate refuses all of them."""
    from graders.gate import check
    from lab_env.submission import SourceFile, Submission

    text = f'provider "aws" {{\n  token = "{LENIENT}"\n}}\n\nvariable "environment" {{\n  type = string\n}}\n'
    report = check(Submission("x", "sha256:0", (SourceFile("main.tf", text.encode()),), ".", ()))
    assert not report.accepted


@pytest.mark.parametrize("target", ["aws_kms_key.secrets.key_id", "00000000-0000-0000-0000-000000000000"])
def test_an_alias_needs_its_key(target: str) -> None:
    """Is an alias of a key that is not there refused in AWS's words, soon, and under AWS's own code in what people read?"""
    call = Call("kms", "CreateAlias", {"AliasName": "alias/a", "TargetKeyId": target}, ACCOUNT, "us-east-1")
    found = settle(refusal(call), account)
    assert found is not None
    assert (found.code, target in found.message, found.settles) == ("NotFoundException", True, True)
    clock = Clock()
    retries = Retries(clock)
    first = retries.code(found, user_agent=TERRAFORM, caller=ACCOUNT, body=b"a")
    clock.now = SETTLING_S
    later = retries.code(found, user_agent=TERRAFORM, caller=ACCOUNT, body=b"a")
    assert (first, later) == ("NotFoundException", "NoSuchKeyException")
    made = f"operation error KMS: CreateAlias, https response error StatusCode: 400, RequestID: {REQUEST_ID}, "
    assert words_of(f"creating KMS Alias (a): {made}api error {later}: {found.message}") == (
        f"creating KMS Alias (a): NotFoundException: {found.message}"
    )
