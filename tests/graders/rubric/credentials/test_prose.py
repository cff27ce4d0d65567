"""Passwords that sentences, tables and lists tell, and sentences that only speak of them."""

from __future__ import annotations

import pytest

from graders.rubric.credentials.prose import in_tables, logins, told


@pytest.mark.parametrize(
    "said",
    [
        "The password is {}",
        "Das Datenbankpasswort lautet {}",
        "Benutzer app, Kennwort {}",
        "Le mot de passe est {}",
        "la contraseña es {}",
        "usuário app, senha {}",
        "la password è {}",
        "wachtwoord: {}",
        "hasło to {}",
        "heslo: {}",
        "lösenord {}",
        "adgangskode: {}",
        "passord {}",
        "salasana on {}",
        "jelszó: {}",
        "şifre: {}",
        "пароль от базы {}",
        "κωδικός: {}",
        "סיסמה: {}",
        "كلمة المرور: {}",
        "数据库密码是 {}",
        "パスワードは {} です",
        "비밀번호는 {} 입니다",
        "mật khẩu: {}",
        "use {} as the password",
        "Log in as `admin` with `{}`.",
        "api key for the rates service -> {}",
        "login/password - {}",
        "lösenordet är {}",
        "was {} until March, the password changed since",
    ],
)
@pytest.mark.parametrize("value", ["Kd82hhdk2", "Fjord7!Lampe"])
def test_told(said: str, value: str) -> None:
    """Is a password found in a sentence, in whatever language it is told?"""
    assert list(told(f"A line before.\n{said.format(value)}\nA line after.\n"))


@pytest.mark.parametrize(
    "said",
    [
        "Das Passwort steht im Secrets Manager (siehe Ticket OPS-1234).",
        "Passwort: siehe Tresor, Eintrag »Bestellungen«",
        "Le mot de passe est stocké dans AWS (v2.1)",
        "contraseña: ver bóveda",
        "密码至少32位",
        "パスワードは30日ごとに変更",
        "The password is 32 characters long.",
        "password hash: argon2id, 64MiB",
        "Password hashing: Argon2id (m=64MiB, t=3, p=4)",
        "the password moved to dev-database-credentials-2",
        "Log in as OrdersAdmin with the role from stage2.",
        "The password key ID is Kms2024Key",
        "API key rotates on 2025-11-07T12:00:00Z",
        "secret: arn:aws:secretsmanager:eu-central-1:123456789012:secret:dev-a1B2c3",
        "token endpoint https://auth.example.org/oauth2/token?grant=Client2",
        "login with `aws sso login --profile Dev2Admin`",
        "Since commit 24dc71e9e7f7a4bd56d15eba3877f72fb074ca35 the secret has its own key.",
    ],
)
def test_not_told(said: str) -> None:
    """Is a sentence about passwords that tells none left alone?"""
    assert list(told(said)) == []


@pytest.mark.parametrize(
    "text",
    [
        "root / Fjord7!Lampe",
        "(master/ZMG6LiN8sU)",
        "- admin:D7nqs7Oeop",
        "app@example.org / ZMG6LiN8sU",
        "app / z4Mvb-MHxlm (password)",
    ],
)
def test_logins(text: str) -> None:
    """Is a user with a password behind a slash or colon found?"""
    assert list(logins(text))


@pytest.mark.parametrize(
    "text", ["admin/modules/Main2.tf", "user/password", "app:8080", "root:root2", "orders/admin:v1.2.3"]
)
def test_no_logins(text: str) -> None:
    """Is a path, a form, a port or a version no login?"""
    assert list(logins(text)) == []


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("| User | Password |\n|---|---|\n| admin | Kd82hhdk2 |\n", 1),
        ("| Key | Value |\n|---|---|\n| DB_PASSWORD | Fjord7!Lampe |\n", 1),
        ("| user | password |\n|---|---|\n| admin | ******** |\n", 0),
        ("| name | type | default |\n|---|---|---|\n| token_ttl | number | 3600 |\n", 0),
        ("| db_password | Initial password | `string` | `CHANGE_ME` |\n|---|---|---|---|\n", 0),
    ],
)
def test_tables(table: str, found: int) -> None:
    """Is a table's cell found below a heading, or beside a name, that promises a password?"""
    assert len(list(in_tables(table))) == found


def test_commas() -> None:
    """Are the columns of comma-separated values read in the same way?"""
    assert list(in_tables("user,password\nadmin,LuQ26ow*1lux\n", comma=True))
