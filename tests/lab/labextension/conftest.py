"""The browser of the report tests, and a JupyterLab of a module's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graders.conftest import browser
from tests.lab.labextension.opened_lab import Started, started

__all__ = ["browser", "jupyterlab", "working_copy"]


@pytest.fixture(scope="module")
def working_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that JupyterLab is started on."""
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def jupyterlab(working_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """``lab up --notebooks`` on it."""
    with started(working_copy, tmp_path_factory.mktemp("jupyter")) as running:
        yield running
