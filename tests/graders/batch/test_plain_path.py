"""Terraform's plain path gives the marks of warm lanes: today's part of the corpus, a minute or so each."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from tests.graders.everywhere import assert_same, corpus_refs, part, timeless, todays_part, whole_corpus


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.full
@pytest.mark.longest
def test_todays_part(
    engine: Engine, toolchain: Toolchain, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Is every verdict of the plain path, and its evidence, that of warm lanes? (``test_grade_many.py`` has a sample.)"""
    names = todays_part()
    # It mostly waits for the provider's pauses: more at a time than there are cores.
    plain = timeless(grade_many(corpus_refs(tmp_path, names), RunConfig(plain=True, jobs=6)))
    assert_same(plain, timeless(part(whole_corpus(tmp_path_factory), names)))
