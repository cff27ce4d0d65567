"""Where graders are disturbed: an engine of one's own behind a door, and what a class gets when nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from lab_env.engine import private_engine
from lab_env.errors import LabError
from lab_env.terraform import Toolchain
from tests.conftest import missing
from tests.graders.everywhere import corpus_refs, timeless
from tests.graders.faults.between import Between, between, nothing

CLASS = ("reference", "decrypt-right-missing")
"""One that is right, and one that is wrong in a way that only the launch shows."""


@pytest.fixture(scope="package")
def door() -> Iterator[Between]:
    """The way to an engine that nobody else uses."""
    try:
        with private_engine() as engine, between(engine.endpoint) as made:
            yield made
    except LabError as error:
        missing(f"the embedded engine does not start: {error}")


@pytest.fixture(scope="package")
def undisturbed(door: Between, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The class's results when nothing is wrong."""
    refs = corpus_refs(tmp_path_factory.mktemp("undisturbed"), CLASS)
    found = timeless(grade_many(refs, RunConfig(engine=door.url, jobs=2)))
    assert [one["score"] for one in found["submissions"]] == [100, 89]
    return found


@pytest.fixture
def engine_door(door: Between, undisturbed: dict[str, Any]) -> Iterator[Between]:
    """The door, which lets everything pass again afterwards."""
    door.done.clear()
    yield door
    door.rule = nothing
