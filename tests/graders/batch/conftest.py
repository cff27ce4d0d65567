"""The class that everything about classes is compared with, graded once for all workers of a test run."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Results
from graders.report import json_report
from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from tests.graders.everywhere import SAMPLE, corpus_refs
from tests.shared import once

CASES = (
    "reference",
    "for-each-over-a-map",
    "ignore-changes-missing",
    "live-value-as-an-output",
    "decrypt-right-missing",
    "valid-missing-argument",
)


@pytest.fixture(scope="session")
def graded_class(engine: Engine, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """These cases and the sample, graded in four warm lanes."""

    def make(directory: Path) -> None:
        refs = corpus_refs(directory / "class", (*CASES, *SAMPLE))
        json_report.write(grade_many(refs, RunConfig(jobs=4)), directory / "results.json")

    return json_report.load(once(tmp_path_factory, "graded-class", make) / "results.json")
