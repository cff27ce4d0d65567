"""The reading mode in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from notebooks.build import main
from notebooks.course import SOURCE
from tests.graders.conftest import browser as browser  # the one Chromium fixture
from tests.graders.report.opened import Scheme, opened

pytestmark = pytest.mark.browser
NAMES = ["index", *sorted(path.stem for path in SOURCE.glob("*.ipynb"))]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages."""
    made = tmp_path_factory.mktemp("reading")
    assert main(["--reading", str(made)]) == 0
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_accessible(browser: Browser, directory: Path, name: str, scheme: Scheme) -> None:
    """Does axe find nothing to complain about, contrast included, in light and in dark? Is nothing fetched or run?"""
    with opened(browser, directory / f"{name}.html", scheme=scheme) as seen:
        assert seen.violations() == []
        assert seen.said == []


@pytest.mark.parametrize("name", NAMES)
def test_at_200_percent(browser: Browser, directory: Path, name: str) -> None:
    """Does a page fit a phone, and a small window at 200 % zoom (half as many pixels), without scrolling sideways?"""
    for width in (375, 320):
        with opened(browser, directory / f"{name}.html", width=width) as seen:
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
