"""Canaries for each test, and secrets in the environment that no child process may see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graders.hostile.canaries import SECRET, Canaries, canaries


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canaries]:
    """Canaries of this test's own; the environment holds the secret as an instructor's holds credentials."""
    for name in ("AWS_SECRET_ACCESS_KEY", "TF_VAR_environment", "TF_TOKEN_localhost", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    with canaries(tmp_path / "canaries") as made:
        yield made
