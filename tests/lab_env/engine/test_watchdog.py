"""Does an engine that stands still end by itself, and only such a one?"""

from __future__ import annotations

import http.client
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SCRIPT = """
import asyncio, re, time
from lab_env.engine import watchdog

async def stands():
    re.match("(.*.)" * 14 + "!", "a" * 60)  # keeps the interpreter's lock, as the engine's own patterns did

async def works():
    until = time.monotonic() + 6
    while time.monotonic() < until:
        sum(range(200_000))  # some milliseconds a turn, one after the other
        await asyncio.sleep(0)

async def main():
    async with watchdog.watched({still_s}):
        await {what}()
    time.sleep({after})
    print("done", flush=True)

asyncio.run(main())
"""


def run(what: str, still_s: float, after: float = 0.0) -> subprocess.CompletedProcess[str]:
    script = SCRIPT.format(what=what, still_s=still_s, after=after)
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_one_that_stands_still_ends() -> None:
    """Does a loop whose only thread is in a regular expression end its process, and does the log say where it stood?"""
    ended = run("stands", 1.0)
    assert ended.returncode == 1
    assert "done" not in ended.stdout
    assert "Timeout" in ended.stderr
    assert "in stands" in ended.stderr


def test_one_that_works_goes_on() -> None:
    """Does a loop that is busy for several times as long, in short turns, go on; and is nobody ended afterwards?"""
    ended = run("works", 2.0, after=3.0)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


@pytest.mark.engine
def test_the_engine_is_watched(tmp_path: Path) -> None:
    """Does the engine's own process end when one of its calls stands still, with the place in its log?"""
    script = """
import re, sys
from lab_env.engine import server, watchdog
from lab_env.engine.front import Front

class Standing(Front):
    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            re.match("(.*.)" * 14 + "!", "a" * 60)
        await super().__call__(scope, receive, send)

server.Front = Standing
watchdog.STILL_S = 1.0
server.main(["--port", "0"])
"""
    log = tmp_path / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as engine,
    ):
        try:
            assert engine.stdout is not None
            port = int(engine.stdout.readline())
            with pytest.raises((OSError, http.client.HTTPException)):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=60)
            assert engine.wait(30) == 1
        finally:
            engine.kill()
    told = log.read_text()
    assert "Timeout" in told
    assert 'File "<string>", line 9 in __call__' in told, told
