"""The embedded engine's process: ``python -m lab_env.engine.server --port 4566 --idle-minutes 30``.

Serves MiniStack's ASGI app on 127.0.0.1 and on nothing else, with IAM enforced and the audit trail on. Prints its port
as one line when it is warm, then writes no more to stdout. Ends on SIGTERM, or after the idle minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence

from lab_env.engine import watchdog
from lab_env.engine.bounded_work import bound_work
from lab_env.engine.front import App, Front
from lab_env.engine.joined_writes import join_writes
from lab_env.engine.kms_calls import mend_kms
from lab_env.engine.linear_wildcards import match_in_linear_time
from lab_env.engine.refusing import ask_past_the_trail, request
from lab_env.engine.secret_versions import mend_secrets_manager

SERVICES = ("iam", "sts", "kms", "secretsmanager", "ecs", "cloudtrail", "logs", "ecr")
_SETTINGS = {
    "AUTH": "true",  # IAM is enforced
    "CLOUDTRAIL_RECORDING": "1",
    # Events an account keeps: a grading makes some 300. Accounts are not reused, so old ones would only pile up.
    "CLOUDTRAIL_MAX_EVENTS": "2000",
    "SERVICES": ",".join(SERVICES),  # nothing that listens (SFTP, MQTT, databases) can be started
    "DOCKER_HOST": "unix:///nonexistent/docker.sock",  # a learner's image is never run, even where Docker is
    "SFTP_ENABLED": "0",
    "IOT_MTLS_ENABLED": "0",
    "PERSIST_STATE": "0",
    "MINISTACK_WORKER_THREADS": "8",
    "LOG_LEVEL": "WARNING",
}
# One harmless call a service: the first one imports its module, which takes long enough to make clients give up.
_WARM_UP = (
    ("iam", "Action=ListRoles&Version=2010-05-08", None),
    ("sts", "Action=GetCallerIdentity&Version=2011-06-15", None),
    ("kms", "{}", "TrentService.ListKeys"),
    ("secretsmanager", "{}", "secretsmanager.ListSecrets"),
    ("ecs", "{}", "AmazonEC2ContainerServiceV20141113.ListClusters"),
    ("cloudtrail", "{}", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"),
    ("logs", "{}", "Logs_20140328.DescribeLogGroups"),
    ("ecr", "{}", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"),
)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The lab's AWS endpoint on this machine.")
    parser.add_argument("--port", type=int, default=4566, help="the wanted port; another one when it is taken; 0: any")
    parser.add_argument(
        "--idle-minutes", type=float, default=30.0, help="end after so long without a request; 0: never"
    )
    parser.add_argument("--without-refusals", action="store_true", help="take what AWS refuses, as MiniStack does")
    options = parser.parse_args(argv)
    with _bind(options.port) as listener:
        port = listener.getsockname()[1]
        for name in [name for name in os.environ if name.startswith(("AWS_", "MINISTACK_", "LOCALSTACK_"))]:
            del os.environ[name]
        os.environ.update(_SETTINGS, GATEWAY_PORT=str(port))
        asyncio.run(_serve(listener, port, options.idle_minutes * 60, refusals=not options.without_refusals))


def _bind(port: int) -> socket.socket:
    """A listening socket on loopback: on that port, or on a free one when it is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(256)
    except OSError:
        listener.close()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
    return listener


async def _serve(listener: socket.socket, port: int, idle_s: float, *, refusals: bool) -> None:
    # Read their settings from the environment when they are imported, so not at the top.
    import hypercorn.asyncio
    import hypercorn.config
    import ministack.app

    join_writes()
    match_in_linear_time()
    bound_work()
    ask_past_the_trail()
    mend_secrets_manager()
    mend_kms()
    # What the app's own start-up would set; the rest of it is not wanted (see front.py).
    vars(ministack.app)["_MAIN_LOOP"] = asyncio.get_running_loop()
    front = Front(ministack.app.app, refusals=refusals)
    await _warm_up(ministack.app.app)
    config = hypercorn.config.Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 24 * 3600  # clients keep their connections; closing first would race with a request
    config.graceful_timeout = 1
    config.accesslog = None
    config.errorlog = "-"
    config.loglevel = "WARNING"
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    watcher = asyncio.create_task(_stop_when_idle(front, idle_s, stopped))
    announcement = asyncio.create_task(_announce(port))
    async with watchdog.watched(watchdog.STILL_S):
        await hypercorn.asyncio.serve(front, config, shutdown_trigger=stopped.wait)  # type: ignore[arg-type]
    announcement.cancel()
    watcher.cancel()


async def _announce(port: int) -> None:
    """Tell who started us, once, and let go of the pipe: we outlive its reader."""
    print(port, flush=True)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


async def _stop_when_idle(front: Front, idle_s: float, stopped: asyncio.Event) -> None:
    while idle_s and front.idle_s() < idle_s:
        await asyncio.sleep(max(0.1, min(5.0, idle_s - front.idle_s())))
    if idle_s:
        stopped.set()


async def _warm_up(app: App) -> None:
    """Touch every service once, in an account that nobody gets (the first digit is 0).

    :raises RuntimeError: a service does not answer.
    """
    for service, body, target in _WARM_UP:
        status = await _call(app, service, body.encode(), target)
        if status != 200:
            raise RuntimeError(f"the engine's {service} answered {status} to a first call")


async def _call(app: App, service: str, body: bytes, target: str | None) -> int:
    scope_of_key = f"012345678901/20260101/us-east-1/{service}/aws4_request"
    headers = {
        "host": "127.0.0.1",
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope_of_key}, SignedHeaders=host, Signature=00",
        "content-length": str(len(body)),
        "content-type": "application/x-amz-json-1.1" if target else "application/x-www-form-urlencoded",
        **({"x-amz-target": target} if target else {}),
    }
    status, _ = await request(app, headers, body)
    return status


if __name__ == "__main__":
    main()
