"""valueFrom and JSON keys, by the ECS agent's rules."""

from __future__ import annotations

import pytest

from lab_env.ecs_agent import AgentError, SecretReference, parse_value_from
from lab_env.ecs_agent.value_from import as_text, extract

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dev-database-credentials-AbCdEf"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (ARN, SecretReference(ARN)),
        (f"{ARN}:password::", SecretReference(ARN, "password")),
        (f"{ARN}:password:AWSCURRENT:", SecretReference(ARN, "password", "AWSCURRENT")),
        (f"{ARN}::AWSPREVIOUS:", SecretReference(ARN, None, "AWSPREVIOUS")),
        (f"{ARN}:::0-1", SecretReference(ARN, None, None, "0-1")),
    ],
)
def test_right_forms(text: str, reference: SecretReference) -> None:
    """Are no extra fields, and all three of them, understood?"""
    assert parse_value_from(text) == reference


@pytest.mark.parametrize("extra", [":password", ":password:", ":password:::", ":", "::", ":a:b:c:d:e"])
def test_wrong_number_of_fields(extra: str) -> None:
    """Is every other number of extra fields refused in ECS's words?"""
    with pytest.raises(AgentError, match="invalid ARN format for the AWS Secrets Manager secret"):
        parse_value_from(ARN + extra)


@pytest.mark.parametrize("text", ["dev-database-credentials", "", "password::", "arn:aws:secretsmanager"])
def test_what_is_no_arn_is_a_parameter(text: str) -> None:
    """Is a secret's plain name taken for a parameter of Systems Manager, as ECS does?"""
    with pytest.raises(AgentError, match="secrets from ssm"):
        parse_value_from(text)


@pytest.mark.parametrize("service", ["ssm", "s3", "kms"])
def test_other_services(service: str) -> None:
    """Is the ARN of something else refused?"""
    with pytest.raises(AgentError, match="not the ARN of a Secrets Manager secret"):
        parse_value_from(f"arn:aws:{service}:us-east-1:123456789012:secret:x")


def test_follows_current() -> None:
    """Does a reference follow a rotation unless it is pinned to a version or another label?"""
    follows = {e: parse_value_from(ARN + e).follows_current for e in ("", ":k::", ":k:AWSCURRENT:", ":k:X:", ":k::1")}
    assert follows == {"": True, ":k::": True, ":k:AWSCURRENT:": True, ":k:X:": False, ":k::1": False}


def test_extract() -> None:
    """Is a key's value given, and the whole text without a key?"""
    assert extract('{"password": "p"}', parse_value_from(f"{ARN}:password::")) == "p"
    assert extract("plain", parse_value_from(ARN)) == "plain"


@pytest.mark.parametrize("value", ["hunter2", '["hunter2"]', '"hunter2"', '{"hunter2', "", None, '{"user": "hunter2"}'])
def test_extract_refuses_without_telling_the_value(value: str | None) -> None:
    """Is a value that is no JSON object, or lacks the key, refused without quoting it?"""
    with pytest.raises(AgentError) as caught:
        extract(value, parse_value_from(f"{ARN}:password::"))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 400, "9" * 5000, '[{"deep": 1e999}]', "[" * 5000],
)
@pytest.mark.parametrize("key", ["n", "password"])
def test_extract_refuses_what_go_does_not_read(number: str, key: str) -> None:
    """Is an object with a number that Go's JSON refuses, anywhere in it, no JSON object, whichever key is asked for?"""
    with pytest.raises(AgentError, match="not a JSON object"):
        extract(f'{{"n": {number}, "password": "p"}}', parse_value_from(f"{ARN}:{key}::"))


@pytest.mark.parametrize(
    ("number", "text"),
    [("1e308", "1e+308"), ("1e-400", "0"), ("-0", "-0"), ("12345678901234567890", "1.2345678901234567e+19")],
)
def test_extract_reads_numbers_as_float64(number: str, text: str) -> None:
    """Is a number at the edges what it is as a float64, which is what Go makes of it?"""
    assert extract(f'{{"n": {number}}}', parse_value_from(f"{ARN}:n::")) == text


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (r'"\ud800"', "\ufffd"),
        (r'"a\udfffb"', "a\ufffdb"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'["\ud800"]', "[\ufffd]"),
        (r'{"\udc00": 1}', "map[\ufffd:1]"),
    ],
)
def test_half_a_surrogate_pair(written: str, seen: str) -> None:
    """Is half of a pair the replacement character, as in Go, and a whole one the character itself?"""
    assert extract(f'{{"password": {written}}}', parse_value_from(f"{ARN}:password::")) == seen
    assert extract(f'{{"\\ud800": {written}}}', parse_value_from(f"{ARN}:\ufffd::")) == seen
    assert extract("a\ud800", parse_value_from(ARN)) == "a\ufffd"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (True, "true"),
        (None, "<nil>"),
        (5432, "5432"),
        (999999, "999999"),
        (1234567, "1.234567e+06"),
        (0, "0"),
        (-1.5, "-1.5"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        ([1, "a"], "[1 a]"),
        ({"b": 1, "a": "x"}, "map[a:x b:1]"),
    ],
)
def test_values_that_are_no_text(value: object, text: str) -> None:
    """Do numbers, lists and objects arrive as the agent prints them?"""
    assert as_text(value) == text
