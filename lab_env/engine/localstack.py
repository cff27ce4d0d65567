"""LocalStack as an engine: one that runs already, or one of ours in host mode, in a virtual environment of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from lab_env import processes, settings
from lab_env.engine import endpoints, localstack_home, own_code, probe, sessions, shared, state
from lab_env.engine.front import HEALTH as EMBEDDED_HEALTH
from lab_env.engine.model import Engine
from lab_env.errors import EngineError
from lab_env.events import OnNotice, ignore
from lab_env.temporary import temporary_directory

PORT = 4566
HEALTH = "/_localstack/health"
NO_TOKEN = 55
"""How LocalStack's releases of 2026 and later end when they are given no token."""
SERVICES = ("iam", "sts", "kms", "secretsmanager", "ecs", "cloudtrail", "logs")
_START_S = 180.0
_PRIVATE_MINUTES = 120.0
SETTINGS = {
    "GATEWAY_SERVER": "loopback",  # our plug-in's: LocalStack's own would listen on every interface
    "SERVICES": ",".join(SERVICES),
    "EAGER_SERVICE_LOADING": "1",  # a service that is loaded by two first calls at once answers one of them wrongly
    "DNS_ADDRESS": "0",  # no name server
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    "DISABLE_EVENTS": "1",  # nothing is told to anybody
    "DOCKER_HOST": "unix:///nonexistent/docker.sock",  # nothing is run in a container, even where Docker is
    "PERSISTENCE": "0",
    "LS_LOG": "warning",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def connect_localstack(*, install: bool = False, on_event: OnNotice = ignore) -> Engine:
    """The LocalStack that ``LOCALSTACK_HOST`` or ``AWS_ENDPOINT_URL`` name; else ours, when it runs; else one at the usual
    address; else ours, started.

    :param install: make the virtual environment when it is not there, which downloads 200 MB.
    :param on_event: told before that.
    :raises EngineError: there is none.
    """
    if os.environ.get("LOCALSTACK_HOST") or os.environ.get("AWS_ENDPOINT_URL"):
        return _describe(endpoints.localstack_endpoint())
    if shared.status(KIND).engine is None:
        usual = endpoints.localstack_endpoint()
        if _is_localstack(usual) and not _is_another_installations(usual):
            return _describe(usual)
        if install:
            localstack_home.prepare(on_event)
        elif not localstack_home.is_ready() and _a_container_wanted_a_token():
            raise _wants_a_token()
    return shared.connect(KIND)


@contextlib.contextmanager
def private_localstack() -> Iterator[Engine]:
    """A LocalStack of one's own, for tests: on a free port, not shared, gone with its parent."""
    with temporary_directory("localstack") as directory:
        log = directory / "localstack.log"
        started = _spawn(log, _free_port(0), directory, minutes=_PRIVATE_MINUTES, outlives_us=False)
        with started.child:
            endpoint = started.endpoint()
            try:
                yield Engine("localstack", localstack_home.VERSION, endpoint, shared.probed("localstack", endpoint))
            finally:
                sessions.forget(endpoint)


def _describe(endpoint: str) -> Engine:
    try:
        return probe.describe("localstack", endpoint)
    except EngineError as error:
        if _a_container_wanted_a_token():
            raise _wants_a_token() from error
        raise


def _is_localstack(endpoint: str) -> bool:
    """The embedded engine answers LocalStack's health check, too; LocalStack does not answer the embedded engine's."""
    return (
        probe.health(endpoint, 5, path=HEALTH) is not None and probe.health(endpoint, 5, path=EMBEDDED_HEALTH) is None
    )


def _is_another_installations(endpoint: str) -> bool:
    """Whether that is one of ours with another plug-in, or another LocalStack: no user's own, and not what this lab would start."""
    port = urlsplit(endpoint).port
    return any(other.engine and urlsplit(other.engine.endpoint).port == port for other in shared.others(KIND))


def _start(log: Path) -> shared.Started:
    files = state.files_path(log.stem)
    files.mkdir(mode=0o700, exist_ok=True)
    return _spawn(log, _free_port(PORT), files, minutes=settings.ENGINE_IDLE_MINUTES.read(), outlives_us=True)


def _code() -> str:
    return own_code.digest(localstack_home.plugin_files())


def _version() -> str:
    return localstack_home.VERSION


def _spawn(log: Path, port: int, files: Path, *, minutes: float, outlives_us: bool) -> shared.Started:
    """
    :param files: a directory for what it writes.
    :param minutes: after so long without a request it ends; 0: never.
    """
    python = localstack_home.interpreter()
    address = f"127.0.0.1:{port}"
    environment = processes.clean_environment(
        **SETTINGS,
        GATEWAY_LISTEN=address,
        LOCALSTACK_HOST=address,
        FILESYSTEM_ROOT=str(files),
        HOME=str(files),
        SECRETS_LAB_IDLE_MINUTES=str(minutes),
    )
    with log.open("wb") as output:
        child = processes.spawn(
            [str(python), "-P", "-m", "localstack.runtime.main"],
            cwd=files,
            env=environment,
            die_with_parent=not outlives_us,
            stdout=output,
            stderr=output,
        )
    return shared.Started(child, lambda: _awaited(child, f"http://{address}", log))


def _awaited(child: processes.Child, endpoint: str, log: Path) -> str:
    """The endpoint, once it answers.

    :raises EngineError: it ended first, or takes too long.
    """
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        code = child.poll()
        if code == NO_TOKEN:
            raise _wants_a_token()
        if code is not None:
            raise EngineError(
                f"LocalStack ended with exit code {code} before it was ready: {shared.last_words(log)}",
                next_step=f"See {log}, or use the embedded engine.",
            )
        if probe.health(endpoint, 5, path=HEALTH) is not None:
            return endpoint
        child.wait(0.2)
    child.terminate_group(grace=0)
    raise EngineError(
        f"LocalStack did not answer within {_START_S:.0f} seconds: {shared.last_words(log)}",
        next_step=f"See {log}, or use the embedded engine.",
    )


def _free_port(wanted: int) -> int:
    """That port on loopback, or another one when it is taken. LocalStack binds its own socket, so it cannot be held for it."""
    for port in (wanted, 0):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                return int(listener.getsockname()[1])
    raise EngineError("There is no free port on 127.0.0.1.", next_step="Close programs that listen there.")


def _a_container_wanted_a_token() -> bool:
    """Whether Docker has a LocalStack container that ended for want of a token."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    environment = processes.clean_environment(**{n: v for n, v in os.environ.items() if n.startswith("DOCKER_")})
    with contextlib.suppress(OSError):
        done = processes.run(
            [docker, "ps", "--all", "--filter", f"exited={NO_TOKEN}", "--format", "{{.Image}}"],
            cwd=Path(docker).parent,
            env=environment | {"HOME": os.environ.get("HOME", "/")},
            timeout=10,
        )
        return done.ok and b"localstack" in done.stdout
    return False


def _wants_a_token() -> EngineError:
    return EngineError(
        f"LocalStack ended with exit code {NO_TOKEN}: its releases of 2026 and later start only with LOCALSTACK_AUTH_TOKEN.",
        next_step=f"Use the image localstack/localstack:{localstack_home.VERSION}, or set the token of your plan.",
    )


KIND = shared.Kind("localstack", "localstack", HEALTH, _version, _code, _start)
