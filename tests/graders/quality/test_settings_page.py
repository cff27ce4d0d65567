"""The settings' page: is it what the code says?"""

from __future__ import annotations

from pathlib import Path

from graders.batch.run_config import RunConfig
from graders.quality.settings_page import document
from lab_env.settings import VARIABLES

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_page_is_up_to_date() -> None:
    """Does docs/settings.md say what the code says? If not: python -m graders.quality.settings_page."""
    assert PAGE.read_text(encoding="utf-8") == document()


def test_each_has_a_row() -> None:
    """Has every setting of a run, and every environment variable, a row with words on what it is for?"""
    rows = [line.strip("| ").split(" | ") for line in document().splitlines() if line.startswith("| `")]
    assert [row[0].strip("`") for row in rows] == [*RunConfig.model_fields, *(one.name for one in VARIABLES)]
    assert all(len(row[-1]) > 5 and row[-1] != "None" for row in rows)
