"""The pool's end of the proxy process, against a program in the proxy's place that answers and ends as each test needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from lab_env.errors import TerraformError
from lab_env.terraform import hosting
from lab_env.terraform.provider import Provider

ANSWERS_AND_ENDS = "import sys; sys.stdin.readline(); print('{\"id\": 1}', flush=True)"
SAYS_WHAT_IS_NO_ANSWER = "import sys, time; sys.stdin.readline(); print('{said}', flush=True); time.sleep(600)"
ENDS_UNANSWERED = "import sys; sys.stdin.readline(); print('out of sockets', file=sys.stderr)"

Host = Callable[[str], hosting.ProxyHost]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Start a program in the proxy's place."""
    started: list[hosting.ProxyHost] = []
    binary = tmp_path / "provider"
    binary.touch()
    provider = Provider(version="6.14.0", mirror=tmp_path, binary=binary)

    def start(program: str) -> hosting.ProxyHost:
        monkeypatch.setattr(hosting, "_START", program)
        started.append(hosting.ProxyHost(provider, tmp_path))
        return started[-1]

    yield start
    for each in started:
        each.close()


def test_an_answer_and_the_end_at_once(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the proxy ends before who asked has looked at its answer: does the answer stand, and nothing fail unseen?

    A class that is interrupted ends the proxy in the middle of its answers.
    """
    unseen: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", unseen.append)

    class LookedAtLate(Future[dict[str, Any]]):
        def result(self, timeout: float | None = None) -> dict[str, Any]:
            found = super().result(timeout)
            if listening.is_alive():
                listening.join(60)
            return found

    monkeypatch.setattr(hosting, "Future", LookedAtLate)
    others = set(threading.enumerate())  # a pool of other tests may have its own listener
    proxy = host(ANSWERS_AND_ENDS)
    (listening,) = (one for one in threading.enumerate() if one not in others and one.name == "lanes-proxy")
    proxy.order("open", 0)
    assert not unseen
    assert not listening.is_alive()
    assert not proxy.alive


def test_the_end_instead_of_an_answer(host: Host) -> None:
    """When the proxy ends without an answer: is that said with its last words, to this order and to the next?"""
    proxy = host(ENDS_UNANSWERED)
    with pytest.raises(TerraformError, match="Lane 0: the lanes' proxy has ended: out of sockets"):
        proxy.order("open", 0)
    with pytest.raises(TerraformError, match="the lanes' proxy has ended: out of sockets"):
        proxy.order("close", 0)


@pytest.mark.parametrize("said", ["Traceback", "[1]", "{}", '{"id": []}'])
def test_what_is_no_answer(host: Host, said: str) -> None:
    """When the proxy says something that is no answer: is it ended and the order failed at once, not after its whole time?"""
    proxy = host(SAYS_WHAT_IS_NO_ANSWER.replace("{said}", said))
    with pytest.raises(TerraformError, match="Lane 0: the lanes' proxy has ended"):
        proxy.order("open", 0)
    assert not proxy.alive
