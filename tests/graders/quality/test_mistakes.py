"""The beginners' mistakes: does the lab say what a helper would, does the page say the same, is it true?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.quality import provider_schema
from graders.quality.mistakes.page import PAGE, page
from graders.quality.mistakes.run import Bench, advised, hear, kept, still_there
from graders.quality.mistakes.table import Mistake, load
from lab_env.engine import Engine
from lab_env.terraform import LanePool, Toolchain

MISTAKES = load()


@pytest.fixture(scope="module")
def bench(engine: Engine, toolchain: Toolchain) -> Iterator[Bench]:
    with LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
        yield Bench(engine, toolchain, lane)


def test_the_page_is_up_to_date() -> None:
    """Does docs/beginners-mistakes.md say what the lab says? If not: python -m graders.quality.mistakes."""
    assert PAGE.read_text(encoding="utf-8") == page(MISTAKES, kept())


def test_the_table_names_each_mistake_once() -> None:
    """Are there at least a hundred mistakes, each with an id and a change of its own?"""
    assert len({mistake.id for mistake in MISTAKES}) == len(MISTAKES) >= 100
    assert len({tuple(sorted(mistake.files.items())) for mistake in MISTAKES}) == len(MISTAKES)
    assert set(kept()) == {mistake.id for mistake in MISTAKES}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_the_lab_says_what_a_helper_would(mistake: Mistake) -> None:
    """Has the sentence the word that a helper would say, and is the line the one that they would write?"""
    found = advised(mistake, kept()[mistake.id])
    assert mistake.says in found.means
    assert found.line == mistake.line


@pytest.mark.full
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_it_is_said_and_the_line_puts_it_right(mistake: Mistake, bench: Bench) -> None:
    """Is the same said again as when the page was written, and is it gone when the line stands in the file?"""
    heard = hear(mistake, bench)
    before = kept()[mistake.id]
    assert (heard.by, heard.said[0].path, heard.said[0].line) == (before.by, before.said[0].path, before.said[0].line)
    assert advised(mistake, heard) == advised(mistake, before)
    assert still_there(mistake, heard, bench) is None


@pytest.mark.full
def test_the_schema_is_the_providers(toolchain: Toolchain) -> None:
    """Is what advice knows of the provider's types what the provider itself says?"""
    said = provider_schema.document(provider_schema.asked(toolchain), toolchain.provider_version)
    assert Path(provider_schema.FILE).read_text(encoding="utf-8") == said
