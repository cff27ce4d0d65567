"""The embedded engine's life: shared, recovered, replaced, ended."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from lab_env import engine as engines
from lab_env.engine import Account, Engine, embedded, probe, sessions, shared, state
from lab_env.errors import EngineError
from lab_env.processes import create_time

pytestmark = pytest.mark.engine
ALL = frozenset({"iam", "trail", "ecs", "version_pruning"})
CALL = "Action=CreateUser&Version=2010-05-08&UserName=eve"
QUERY = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ACCOUNT/20260101/us-east-1/iam/aws4_request"
    "&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
)
SIGNED = "AWS4-HMAC-SHA256 Credential=ACCOUNT/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00"


def wait_for(condition: Callable[[], bool], within: float = 20.0) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def servers() -> list[psutil.Process]:
    """The engines this process started and that still run."""
    alive = [p for p in psutil.Process().children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
    return [p for p in alive if "lab_env.engine.server" in p.cmdline()]


def written() -> state.State:
    """What is written down about the engine of this installation."""
    return state.read(embedded.KIND.own()) or pytest.fail("nothing is written down")


def rewrite(state_dir: Path, **changes: object) -> None:
    path = state_dir / f"{embedded.KIND.own()}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_is_started_once_and_found_again(state_dir: Path) -> None:
    """Do many runs at once get the same engine, with all it can do, and does stop end it?"""
    assert not engines.status().running
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: engines.connect(), range(8)))
    assert len(found) == 1
    engine = found.pop()
    assert (engine.name, engine.capabilities) == ("embedded", ALL)
    now = engines.status()
    assert (now.running, now.engine) == (True, engine)
    assert now.pid is not None
    assert engines.stop(purge=True)
    assert create_time(now.pid) is None
    assert not engines.status().running
    assert not engines.stop()
    assert not list(state_dir.glob("*.log"))


def test_listens_on_loopback_only(engine: Engine) -> None:
    """Is one port on 127.0.0.1 the only thing the process listens on, after every service was used?"""
    port = int(engine.endpoint.rsplit(":", 1)[1])
    listening = [[tuple(c.laddr) for c in p.net_connections() if c.status == psutil.CONN_LISTEN] for p in servers()]
    assert [("127.0.0.1", port)] in listening


def test_takes_another_port_when_the_usual_one_is_taken(state_dir: Path) -> None:
    """Does an engine start when somebody else has port 4566?"""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", embedded.PORT))
            other.listen()
        except OSError:
            pass  # taken already: as good
        engine = engines.connect()
    assert engine.endpoint != f"http://127.0.0.1:{embedded.PORT}"
    assert engine.capabilities == ALL


def test_outlives_its_starter(state_dir: Path) -> None:
    """After kill -9 of who started it, is the engine still there for the next run?"""
    script = "import time; from lab_env import engine; print(engine.connect().endpoint, flush=True); time.sleep(300)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        endpoint = starter.stdout.readline().strip()
        starter.kill()
    assert engines.connect().endpoint == endpoint


def test_private_engine_dies_with_its_parent() -> None:
    """After kill -9 of its parent, is a private engine gone?"""
    script = """
import time
from lab_env import engine
with engine.private_engine() as running:
    print(running.endpoint, flush=True)
    time.sleep(300)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        endpoint = parent.stdout.readline().strip()
        assert probe.health(endpoint, 10) is not None
        parent.kill()
    assert wait_for(lambda: probe.health(endpoint, 1) is None)


def test_dead_engine_is_replaced(state_dir: Path) -> None:
    """Is an engine that was killed replaced by the next connect?"""
    engines.connect()
    before = written()
    os.kill(before.pid, signal.SIGKILL)
    assert wait_for(lambda: create_time(before.pid) is None)
    assert not engines.status().running
    assert probe.health(engines.connect().endpoint, 10) is not None
    after = written()
    assert after.pid != before.pid


def test_reused_pid_is_left_alone(state_dir: Path) -> None:
    """When the pid belongs to another process now, is that one spared and a new engine started?"""
    engines.connect()
    real = written()
    with subprocess.Popen(["sleep", "300"]) as bystander:
        rewrite(state_dir, pid=bystander.pid)
        engines.connect()
        spared = bystander.poll() is None
        bystander.kill()
    os.kill(real.pid, signal.SIGTERM)
    assert spared


def test_half_started_is_replaced(state_dir: Path) -> None:
    """Is an engine whose starter died half-way ended and replaced?"""
    engines.connect()
    before = written()
    rewrite(state_dir, capabilities=None)
    assert engines.connect().capabilities == ALL
    assert create_time(before.pid) is None


def test_sick_engine_is_replaced(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is an engine that runs but does not answer ended and replaced when nobody uses it?"""
    engines.connect()
    before = written()
    monkeypatch.setattr(shared, "HEALTH_S", 0.5)
    os.kill(before.pid, signal.SIGSTOP)
    assert not engines.status().running
    engines.connect()
    assert create_time(before.pid) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 99}'])
def test_broken_state_file_is_as_good_as_none(state_dir: Path, text: str) -> None:
    """Does half a state file, or another format's, count as no engine?"""
    (state_dir / f"{embedded.KIND.own()}.json").write_text(text)
    assert state.read(embedded.KIND.own()) is None


def test_ends_itself_when_idle(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the engine end after its idle time, health checks or not?"""
    # Longer than a starved machine leaves between two calls of our own.
    monkeypatch.setenv("LAB_ENGINE_IDLE_MINUTES", "0.1")
    engine = engines.connect()
    now = written()
    assert wait_for(lambda: probe.health(engine.endpoint, 1) is None and create_time(now.pid) is None)


def test_idle_minutes_must_be_a_number(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is nonsense in LAB_ENGINE_IDLE_MINUTES one clear error, before anything starts?"""
    monkeypatch.setenv("LAB_ENGINE_IDLE_MINUTES", "soon")
    with pytest.raises(EngineError, match="LAB_ENGINE_IDLE_MINUTES is 'soon'"):
        engines.connect()
    assert state.read(embedded.KIND.own()) is None


def test_unusable_state_directory_is_an_engine_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a state directory that cannot be made one clear error with a next step?"""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(EngineError, match="cannot keep its state") as caught:
        engines.connect()
    assert "LAB_STATE_DIR" in (caught.value.next_step or "")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/_ministack/health", {}, 200),
        ("/_localstack/health", {}, 200),
        ("/_ministack/reset", {}, 404),
        ("//_ministack/reset", {}, 404),
        ("/_ministack/config", {}, 404),
        ("/_ministack/reset?init=1", {}, 404),
        ("/_aws/execute-api/x", {}, 404),
        ("/_ministack/health", {"Host": "evil.example"}, 404),
        ("/_ministack/health", {"Origin": "https://evil.example"}, 404),
        ("/_ministack/health", {"Sec-Fetch-Site": "none"}, 200),
        ("/_ministack/health", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("/_ministack/health", {"Sec-Fetch-Site": "same-site"}, 404),
        ("/_ministack/health", {"Sec-Fetch-Site": "cross-site"}, 404),
    ],
)
def test_nobody_reaches_the_administration(engine: Engine, path: str, headers: dict[str, str], status: int) -> None:
    """Are reset, configuration and calls from web pages refused, and health checks answered?"""
    request = urllib.request.Request(engine.endpoint + path, data=b"{}", headers=headers)  # noqa: S310 - our own engine
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            seen = answer.status
    except urllib.error.HTTPError as error:
        seen = error.code
    assert seen == status


@pytest.mark.parametrize(
    ("method", "query", "headers", "status"),
    [
        pytest.param("POST", "", {"Authorization": SIGNED}, 200, id="as programs do"),
        pytest.param("POST", "", {"Authorization": SIGNED, "Sec-Fetch-Site": "cross-site"}, 404, id="another site"),
        pytest.param("POST", "", {"Authorization": SIGNED, "Origin": "null"}, 404, id="a sandboxed frame"),
        pytest.param("POST", "", {}, 404, id="without credentials"),
        pytest.param("POST", QUERY, {}, 404, id="credentials in the query string"),
        pytest.param("GET", f"{CALL}&{QUERY}", {}, 404, id="presigned"),
        pytest.param("GET", f"{CALL}&{QUERY.lower()}", {}, 404, id="presigned, in small letters"),
        pytest.param("GET", f"{CALL}&AWSAccessKeyId=ACCOUNT", {}, 404, id="presigned, version 2"),
        pytest.param("GET", CALL, {}, 404, id="by GET, without credentials"),
        pytest.param("GET", CALL, {"Authorization": SIGNED}, 404, id="by GET, signed"),
        pytest.param("HEAD", f"{CALL}&{QUERY}", {}, 404, id="by HEAD"),
    ],
)
def test_only_what_programs_send_is_obeyed(
    engine: Engine, account: Account, method: str, query: str, headers: dict[str, str], status: int
) -> None:
    """Does a call that creates a user create it when it comes as AWS's clients send it, and in no other form?"""
    url = f"{engine.endpoint}/?{query}".removesuffix("?").replace("ACCOUNT", account.id)
    headers = {name: value.replace("ACCOUNT", account.id) for name, value in headers.items()}
    body = CALL.encode() if method == "POST" else None
    request = urllib.request.Request(url, data=body, headers=headers, method=method)  # noqa: S310 - our own engine
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            seen = answer.status
    except urllib.error.HTTPError as error:
        seen = error.code
    assert seen == status
    users = sessions.client(account, "iam").list_users()["Users"]
    assert [user["UserName"] for user in users] == (["eve"] if status == 200 else [])


@pytest.mark.parametrize("sites", [("none", "cross-site"), ("cross-site", "none")])
def test_a_header_that_comes_twice_counts_twice(engine: Engine, account: Account, sites: tuple[str, str]) -> None:
    """Is a request refused when one of two Sec-Fetch-Site headers is a page's, whichever comes last?"""
    connection = http.client.HTTPConnection(engine.endpoint.removeprefix("http://"))
    connection.putrequest("POST", "/")
    connection.putheader("Authorization", SIGNED.replace("ACCOUNT", account.id))
    connection.putheader("Content-Length", "0")
    for site in sites:
        connection.putheader("Sec-Fetch-Site", site)
    connection.endheaders()
    with contextlib.closing(connection):
        assert connection.getresponse().status == 404


def test_no_websocket(engine: Engine) -> None:
    """Is a WebSocket refused, whoever asks?"""
    connection = http.client.HTTPConnection(engine.endpoint.removeprefix("http://"))
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    connection.request("GET", "/", headers={**upgrade, "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="})
    with contextlib.closing(connection):
        assert connection.getresponse().status == 403


def test_refused_reset_resets_nothing(engine: Engine, account: Account) -> None:
    """Is an account's key still there after somebody asked for a reset?"""
    key = sessions.client(account, "kms").create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(engine.endpoint + "/_ministack/reset", data=b"")  # noqa: S310
    assert sessions.client(account, "kms").describe_key(KeyId=key)["KeyMetadata"]["Enabled"]


def test_engine_sees_nothing_of_the_callers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the engine's process have no AWS_* variable of its starter?"""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "caller")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere")
    with engines.private_engine() as running:
        port = running.endpoint.rsplit(":", 1)[1]
        server = next(p for p in servers() if any(str(c.laddr[1]) == port for c in p.net_connections()))
        assert not [name for name in server.environ() if name.startswith("AWS_")]
