"""Runs the console script in this process."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from lab.cli import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def lab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ran]]:
    """``lab("check", "kms")``: its exit code and what it wrote."""
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    monkeypatch.delenv("LAB_DEBUG", raising=False)
    before = signal.getsignal(signal.SIGTERM)

    def run(*words: object) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        written = capsys.readouterr()
        return Ran(int(ended.value.code or 0), written.out, written.err)

    yield run
    signal.signal(signal.SIGTERM, before)
