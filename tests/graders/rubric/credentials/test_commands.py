"""Passwords by where they stand: command lines, headers, addresses, files of logins."""

from __future__ import annotations

import base64

import pytest

from graders.rubric.credentials.commands import before_hosts, in_addresses, in_headers, on_command_lines


@pytest.mark.parametrize(
    "line",
    [
        "curl -u admin:Kd82hhdk2 https://x.example.org",
        "curl -fsu probe:Kd82hhdk2 http://localhost:8080/health",
        "curl -u ':Kd82hhdk2' https://localhost:9200",
        "mysql -h db -u root -pKd82hhdk2 orders",
        "CMD mysqladmin ping -uroot -pKd82hhdk2",
        "mongosh -u admin -p Kd82hhdk2",
        "redis-cli -h cache -a Kd82hhdk2 ping",
        "sshpass -p 'Kd82hhdk2' ssh ops@host",
        "docker login -u ci -p Kd82hhdk2 registry.example.org",
        "echo Kd82hhdk2 | docker login -u ci --password-stdin",
        "echo ops:Kd82hhdk2 | chpasswd",
        "gpg --passphrase Kd82hhdk2 -d x",
        "openssl rsa -passin pass:Kd82hhdk2 -in k",
        "run --db-password=tiger",
        "CREATE USER app IDENTIFIED BY 'tiger'",
        "sqlplus system/Kd82hhdk2@//db:1521/ORCL",
        "app:Kd82hhdk2@tcp(db:3306)/x",
        "jdbc:oracle:thin:app/Kd82hhdk2@db:1521/XE",
        "curl --oauth2-bearer Kd82hhdk2mQ4vT9x https://x.example.org",
        "mc alias set orders https://s3.example.org ops Kd82hhdk2mQ4",
        'expect "assword:"\nsend "Kd82hhdk2\\r"',
        "net user ops Kd82hhdk2 /add",
        "ssh-keygen -N Kd82hhdk2 -f key",
        'mysqli_connect("db", "app", "kd82hhdk2")',
        'new NetworkCredential("app", "Kd82hhdk2")',
    ],
)
def test_on_command_lines(line: str) -> None:
    """Is the password found that a command is given?"""
    assert list(on_command_lines(line))


@pytest.mark.parametrize(
    "line",
    [
        "curl -u user:password https://x",
        'curl -u "$U:$P" https://x',
        "curl --user aaa:bbb https://x",
        "curl -u deploy https://x",
        "mysql -u app -p orders",
        "mysql -h db -P 3306 -p$MYSQL_PASSWORD",
        "docker run -u 1000:1000 -p 8080:8080 nginx",
        "docker login -u AWS -p $(aws ecr get-login-password)",
        "ssh -p 2222 ops@host",
        "docker login -u ci -p %REGISTRY_PASSWORD% registry.example.org",
        "db.connect(host, user, password)",
        "openssl enc -pass env:BACKUP_PASS -in x",
        "run --password-file=/run/secrets/x --token-ttl 3600",
        "use --password to set it",
    ],
)
def test_no_password_on_the_line(line: str) -> None:
    """Is a form, a reference, a port or a flag without a value no password?"""
    assert list(on_command_lines(line)) == []


def test_headers() -> None:
    """Is a login in base64 read, and a token known from a word?"""
    login = base64.b64encode(b"orders:u8Asr109cni").decode()
    form = base64.b64encode(b"user:password").decode()
    assert list(in_headers(f"Authorization: Basic {login}"))
    assert list(in_headers("Authorization: Bearer JAcsCI9wHXS6DwkTrRYSgkW0NvZWmYB88nei"))
    for text in (
        f"Authorization: Basic {form}",
        "Basic {base64(user:password)}",
        "Bearer tokens live for 15m",
        "Bearer <token>",
    ):
        assert list(in_headers(text)) == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("postgres://app:tiger@db/x", True),
        ("rediss://:Kd82hhdk2@cache:6379", True),
        ("postgres://app:Kd82hhdk2@${…}:5432/x", True),
        ("postgres://user:password@host/db", False),
        ("redis://:password@host", False),
        ("postgres://${…}:${…}@host/db", False),
        ("postgres://%s:%s@%s/db", False),
        ("postgres://app:*****@db/x", False),
        ("ssh://git@example.org:7999/x", False),
        ("http://localhost:5000/health @ops", False),
        ("app:s3cr3tPw@db.example.org", True),
        ("mailto:jane2Doe3x@example.org", False),
        ("registry/app:v1r2D3x4@sha256:0f3a", False),
    ],
)
def test_addresses(address: str, found: bool) -> None:
    """Is a password in an address found, and a form or reference left alone?"""
    assert bool([*in_addresses(address), *before_hosts(address)]) is found
