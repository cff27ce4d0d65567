"""Where the report tests find a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="module")  # no longer: it keeps an event loop running, and other tests start their own
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one the test is skipped aloud, and fails where CI says that one must be there."""
    executable = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if executable is None:
        reason = f"no Chromium on PATH (looked for {', '.join(_NAMES)}): the page was NOT looked at in a browser"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # Containers rarely let Chromium build its own sandbox; the page is our own file.
        started = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield started
        started.close()
