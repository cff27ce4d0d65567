"""Names that promise a credential, and the literals that are one, encoded too."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graders.rubric.credentials.names import decode, holds_credential, is_credential, names_credential


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "PASSWORD",
        "db_password",
        "DbPassword",
        "dbPassword",
        "adminPassword1",
        "password2",
        "PGPASSWORD",
        "MYSQL_ROOT_PASSWORD",
        "DB_PASS",
        "db_pw",
        "dbpass",
        "rootpw",
        "psk",
        "passphrase",
        "token",
        "auth-token",
        "githubToken",
        "API_TOKEN",
        "api_key",
        "API-KEY",
        "APIKey",
        "APIKEY",
        "client_secret",
        "JWT_SECRET",
        "session_secret",
        "SecretKey",
        "aws_secret_access_key",
        "ssh_private_key",
        "private_key_pem",
        "encryption_key",
        "SECRET_KEY_BASE",
        "connection_string",
    ],
)
def test_names_that_promise_one(name: str) -> None:
    """Does a name for a password, token or key promise one, however it is spelt?"""
    assert names_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "_",
        "secret",
        "secrets",
        "secret_string",
        "secret_id",
        "secret_arn",
        "secret_name",
        "key",
        "key_id",
        "kms_key_id",
        "kms_key_arn",
        "encryption_key_id",
        "secret_key_arn",
        "AccessKeyId",
        "password_length",
        "password_policy",
        "password_version",
        "token_ttl",
        "client_request_token",
        "STRIPE_PUBLISHABLE_KEY",
        "tokenizer",
        "compass",
        "bypass",
        "passenger",
        "pass_through",
        "environment",
        "description",
        "username",
    ],
)
def test_names_that_do_not(name: str) -> None:
    """Is a name that is only about a credential, or only sounds like one, none?"""
    assert not names_credential(name)


@pytest.mark.parametrize("name", ["db_password", "api_token", "access_key", "client_secret"])
@given(st.sampled_from(["_", "-"]), st.booleans())
def test_names_in_every_case(name: str, joint: str, upper: bool) -> None:
    """Do snake case, kebab case, camel case and capitals name the same thing?"""
    words = name.split("_")
    for spelt in (joint.join(words), words[0] + "".join(w.capitalize() for w in words[1:])):
        assert names_credential(spelt)
    assert names_credential(joint.join(words).upper() if upper else joint.join(w.capitalize() for w in words))


@pytest.mark.parametrize("value", ["postgres", "password", "hunter2", "x1", "Todo7hQ2vT9xmK4wZp3", "aHVudGVyMg=="])
def test_literals_that_are_credentials(value: str) -> None:
    """Is any literal a credential under such a name, whatever its strength?"""
    assert is_credential(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "...",
        "****",
        "CHANGE_ME",
        "Q0hBTkdFX01F",
        "4348414e47455f4d45",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:dev",
        "alias/app-secrets-dev",
        "/run/secrets/db",
        "true",
        "null",
        "%REGISTRY_PASSWORD%",
        "@db.password@",
        "__DB_PASSWORD__",
        ":new_password",
        "~/.ssh/id_rsa",
        "XXXX-XXXX-XXXX",
        "CHANGE_ME_V2",
        "your_api_token",
        "eyJwYWdlIjoyLCJzb3J0IjoiY3JlYXRlZCJ9",
    ],
)
def test_literals_that_are_not(value: str) -> None:
    """Is nothing, a placeholder (encoded too), or a pointer elsewhere no credential?"""
    assert not is_credential(value)


@given(st.text(string.ascii_letters + string.digits + "-!#", min_size=3, max_size=40))
def test_decode(text: str) -> None:
    """Are base64 (padded or not, both alphabets) and hex of a printable text read back?"""
    raw = text.encode()
    for coded in (
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        base64.b64encode(raw).decode().rstrip("="),
    ):
        assert decode(coded) == text
    if len(raw) >= 4:
        assume(decode(raw.hex()) is not None)
        assert text in (decode(raw.hex()), _hex_only(raw.hex()))


def _hex_only(text: str) -> str:
    return bytes.fromhex(text).decode()


@given(st.text(max_size=60))
def test_decode_any_text(text: str) -> None:
    """Does every text get an answer, and only printable ones?"""
    decoded = decode(text)
    assert decoded is None or decoded.replace("\n", "").replace("\t", "").isprintable()


@pytest.mark.parametrize(
    ("name", "value", "held"),
    [
        ("accessKey", "Get this from the operations team", False),
        ("forgotPassword", "Passwort vergessen?", False),
        ("login.password", "Mot de passe", False),
        ("DB_PASSWORD", "dev-database-credentials:password", False),
        ("access_token", "minutes", False),
        ("passphrase", "correct horse of the battery", True),
        ("password", "correct horse battery staple", True),
        ("DB_PASSWORD", "app:Rv6T4Rzq", True),
    ],
)
def test_what_people_are_told(name: str, value: str, held: bool) -> None:
    """Is a sentence, a label, a unit or another secret's key no credential, and a passphrase one?"""
    assert holds_credential(name, value) is held
