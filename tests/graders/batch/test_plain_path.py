"""Terraform's plain path gives the marks of warm lanes: the whole corpus, which takes an hour and more."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from tests.graders.everywhere import assert_same, corpus_refs, timeless


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.full
@pytest.mark.longest
def test_whole_corpus(engine: Engine, toolchain: Toolchain, tmp_path: Path) -> None:
    """Is every verdict of the plain path, and its evidence, that of warm lanes? (``test_batch.py`` has a sample.)"""
    refs = corpus_refs(tmp_path)
    warm = timeless(grade_many(refs, RunConfig(jobs=8)))
    assert_same(timeless(grade_many(refs, RunConfig(plain=True))), warm)
