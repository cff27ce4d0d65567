"""Which addresses are taken for an engine."""

from __future__ import annotations

import pytest

from lab_env import engine as engines
from lab_env.engine import Engine
from lab_env.engine.endpoints import checked_endpoint, localstack_endpoint
from lab_env.errors import EngineError


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://localhost:4566", "http://localhost:4566"),
        ("http://127.0.0.1:4566/", "http://127.0.0.1:4566"),
        ("http://127.8.9.1", "http://127.8.9.1:80"),
        ("https://localhost.localstack.cloud", "https://localhost.localstack.cloud:443"),
        ("http://[::1]:4566", "http://[::1]:4566"),
        ("HTTP://LocalHost:1", "http://localhost:1"),
    ],
)
def test_loopback_addresses(url: str, plain: str) -> None:
    """Is every way to write this machine accepted, in its plain form?"""
    assert checked_endpoint(url, {}) == plain


@pytest.mark.parametrize(
    "url",
    [
        "https://secretsmanager.us-east-1.amazonaws.com",
        "https://kms.cn-north-1.amazonaws.com.cn.",
        "https://secretsmanager.us-east-1.api.aws",
        "https://KMS.us-east-1.AMAZONAWS.com:443",
        "https://x.on.aws",
    ],
)
def test_aws_itself_is_never_an_engine(url: str) -> None:
    """Is AWS refused even when LAB_ALLOW_REMOTE names it?"""
    host = url.removeprefix("https://").split(":")[0].lower().rstrip(".")
    with pytest.raises(EngineError, match="belongs to AWS"):
        checked_endpoint(url, {"LAB_ALLOW_REMOTE": host})


def test_remote_address_only_when_named() -> None:
    """Is another machine refused with what to do, and accepted when it is named, and only it?"""
    with pytest.raises(EngineError, match="not on this machine") as caught:
        checked_endpoint("http://engine.example:4566", {})
    assert "LAB_ALLOW_REMOTE=engine.example" in (caught.value.next_step or "")
    allow = {"LAB_ALLOW_REMOTE": "other, Engine.example"}
    assert checked_endpoint("http://engine.example:4566", allow) == "http://engine.example:4566"
    for near in ("http://sub.engine.example", "http://engine.example.evil", "http://notlocalhost", "http://10.0.0.1"):
        with pytest.raises(EngineError, match="not on this machine"):
            checked_endpoint(near, allow)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://localhost",
        "http://",
        "http://localhost:port",
        "http://localhost/path",
        "http://u:p@localhost",
    ],
)
def test_nonsense_is_refused(url: str) -> None:
    """Is everything that is not a plain address refused, without repeating a password in it?"""
    with pytest.raises(EngineError, match="not an address this lab can use") as caught:
        checked_endpoint(url, {})
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, "http://localhost:4566"),
        ({"LOCALSTACK_HOST": "127.0.0.1:4599"}, "http://127.0.0.1:4599"),
        ({"LOCALSTACK_HOST": "localhost"}, "http://localhost:4566"),
        ({"AWS_ENDPOINT_URL": "http://localhost:4000"}, "http://localhost:4000"),
    ],
)
def test_localstack_address(environ: dict[str, str], endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is LocalStack looked for where its variables say, else on its usual port?"""
    for name in ("LOCALSTACK_HOST", "AWS_ENDPOINT_URL", "USE_SSL", "LOCALSTACK_HOSTNAME"):
        monkeypatch.delenv(name, raising=False)
    assert localstack_endpoint(environ) == endpoint


def test_localstack_variable_cannot_name_aws() -> None:
    """Is AWS refused when AWS_ENDPOINT_URL points there?"""
    with pytest.raises(EngineError, match="belongs to AWS"):
        localstack_endpoint({"AWS_ENDPOINT_URL": "https://sts.amazonaws.com"})


@pytest.mark.engine
def test_endpoint_is_probed(engine: Engine) -> None:
    """Is an engine that is given by its address asked what it can do?"""
    found = engines.connect(engine.endpoint)
    assert (found.name, found.capabilities) == ("endpoint", engine.capabilities)


def test_nothing_there_is_one_sentence() -> None:
    """Is an address where nothing answers one clear error?"""
    with pytest.raises(EngineError, match=r"Nothing answers as AWS at http://127\.0\.0\.1:9"):
        engines.connect("http://127.0.0.1:9")
