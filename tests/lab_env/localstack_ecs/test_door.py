"""The door's decision: what is obeyed, and that everything else is not, whatever it is made to look like."""

from __future__ import annotations

import pytest

from lab_env.localstack_ecs.secrets_lab_localstack.door import Door, is_no_domain

HEALTH = "/_lab/health"
DOOR = Door({HEALTH: frozenset({"GET"})}, frozenset({"127.0.0.1", "localhost", "[::1]"}).__contains__)
SIGNED = (
    b"authorization",
    b"AWS4-HMAC-SHA256 Credential=1/2/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0",
)
HOST = (b"host", b"127.0.0.1:4566")
Sent = list[tuple[bytes, bytes]]


def asked(
    *headers: tuple[bytes, bytes], method: str = "POST", path: str = "/", query: bytes = b"", host: Sent | None = None
) -> str | None:
    return DOOR.refusal(method, path, query, [*([HOST] if host is None else host), *headers])


@pytest.mark.parametrize("signature", [SIGNED[1], b"AWS4-ECDSA-P256-SHA256 Credential=1/2/iam/aws4_request"])
def test_a_signed_post_is_obeyed(signature: bytes) -> None:
    """Is what AWS's own clients send obeyed, by either of their signatures and at every name of this machine?"""
    for name in (b"127.0.0.1", b"127.0.0.1:4566", b"LOCALHOST:1", b"[::1]:4566", b"[::1]"):
        assert asked((b"Authorization", signature), host=[(b"Host", name)]) is None


@pytest.mark.parametrize("site", [b"none", b"same-origin", b" None "])
def test_a_site_of_its_own_is_no_reason(site: bytes) -> None:
    """Is what the browser says of the engine's own page and of a typed address no reason to refuse a call or a health check?"""
    assert asked(SIGNED, (b"sec-fetch-site", site)) is None
    assert asked((b"sec-fetch-site", site), method="GET", path=HEALTH) is None


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([(b"sec-fetch-site", b"cross-site")], id="cross-site"),
        pytest.param([(b"sec-fetch-site", b"same-site")], id="same-site"),
        pytest.param([(b"Sec-Fetch-Site", b"Cross-Site")], id="in capitals"),
        pytest.param([(b"sec-fetch-site", b"")], id="empty"),
        pytest.param([(b"sec-fetch-site", b"none, cross-site")], id="joined"),
        pytest.param(
            [(b"sec-fetch-site", b"cross-site"), (b"sec-fetch-site", b"none")], id="twice, the last one harmless"
        ),
        pytest.param(
            [(b"sec-fetch-site", b"none"), (b"sec-fetch-site", b"cross-site")], id="twice, the first one harmless"
        ),
        pytest.param([(b"origin", b"https://evil.example")], id="origin"),
        pytest.param([(b"origin", b"http://127.0.0.1:4566")], id="its own origin"),
        pytest.param([(b"Origin", b"null")], id="origin of a sandboxed frame"),
        pytest.param([(b"origin", b"")], id="empty origin"),
    ],
)
def test_a_page_is_refused(headers: Sent) -> None:
    """Is a browser's request for somebody's page refused, signed or not, the health check included?"""
    assert asked(SIGNED, *headers)
    assert asked(*headers, method="GET", path=HEALTH)


@pytest.mark.parametrize(
    "host",
    [
        pytest.param([], id="none"),
        pytest.param([(b"host", b"evil.example:4566")], id="rebound"),
        pytest.param([(b"host", b"127.0.0.1.evil.example")], id="begins like it"),
        pytest.param([(b"host", b"")], id="empty"),
        pytest.param([(b"host", b"evil.example"), HOST], id="twice, the last one its own"),
        pytest.param([HOST, (b"Host", b"evil.example")], id="twice, the first one its own"),
        pytest.param([HOST, HOST], id="its own twice"),
    ],
)
def test_another_host_is_refused(host: Sent) -> None:
    """Is a request for a name that is not the engine's own refused, so that no name can be rebound to it?"""
    assert asked(SIGNED, host=host)
    assert asked(method="GET", path=HEALTH, host=host)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "post", ""])
def test_the_api_is_called_by_post(method: str) -> None:
    """Is every other method refused, also when it is signed as it should be?"""
    assert asked(SIGNED, method=method)


@pytest.mark.parametrize(
    "query",
    [
        b"Action=CreateUser&Version=2010-05-08&UserName=eve",
        b"X-Amz-Credential=123456789012/20260101/us-east-1/iam/aws4_request",
        b"x-amz-CREDENTIAL=1",
        b"%58-Amz-%43redential=1",
        b"AWSAccessKeyId=123456789012",
        b"Action=CreateUser;X-Amz-Credential=1",
        b"use",
        b"&",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_nothing_belongs_into_the_query_string(method: str, query: bytes) -> None:
    """Are credentials and parameters in the query string refused, in any case, encoding and method, signed or not?"""
    assert asked(method=method, query=query)
    assert asked(SIGNED, method=method, query=query)
    assert query == b"use" or asked(method="GET", path=HEALTH, query=query)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([], id="none"),
        pytest.param([(b"authorization", b"")], id="empty"),
        pytest.param([(b"authorization", b"Basic MTIzNDU2Nzg5MDEyOng=")], id="of a name in the address"),
        pytest.param([(b"authorization", b"AWS 123456789012:x")], id="version 2"),
        pytest.param([(b"authorization", b"Basic x"), SIGNED], id="twice"),
    ],
)
def test_a_call_without_its_signature_is_refused(headers: Sent) -> None:
    """Is a POST refused that has no signature where only a program can put it, such as a form's?"""
    assert asked(*headers)


@pytest.mark.parametrize("path", ["/_lab/reset", "//_lab/reset", "/_", "/_aws/x", "_lab", HEALTH + "/", "/" + HEALTH])
def test_the_administration_is_refused(path: str) -> None:
    """Is everything that begins with an underscore refused but the health check itself, to signed calls, too?"""
    assert asked(SIGNED, path=path)
    assert asked(method="GET", path=path)


def test_the_health_check_is_asked_in_its_own_way() -> None:
    """Is the health check answered with and without its word, and refused by a method that may change something?"""
    assert asked(method="GET", path=HEALTH) is None
    assert asked(method="GET", path=HEALTH, query=b"use") is None
    assert asked(SIGNED, method="POST", path=HEALTH)


def test_a_reason_quotes_nothing() -> None:
    """Does no reason repeat anything of the request that it refuses?"""
    reasons = {
        asked(host=[(b"host", b"quoted.example")]),
        asked((b"origin", b"quoted")),
        asked((b"sec-fetch-site", b"quoted")),
        asked(path="/_quoted"),
        asked(method="QUOTED"),
        asked(query=b"quoted"),
        asked((b"authorization", b"quoted")),
    }
    assert len(reasons) == 7
    assert all(reason and "quoted" not in reason.lower() for reason in reasons)


@pytest.mark.parametrize(
    ("name", "is_none"),
    [
        ("localhost", True), ("127.0.0.1", True), ("[::1]", True), ("172.18.0.2", True), ("localstack", True),
        ("iam.localhost", True), ("localhost.localstack.cloud", True), ("iam.localhost.localstack.cloud", True),
        ("evil.example", False), ("localhost.evil.example", False), ("127.0.0.1.evil.example", False), ("", False),
        ("twin-localhost.localstack.cloud", False),
    ],
)  # fmt: skip
def test_names_that_nobody_can_rebind(name: str, is_none: bool) -> None:
    """Are addresses, neighbours' names and loopback's own told from the domains that a page's owner can point here?"""
    assert is_no_domain(name) is is_none
