"""Where the tests of pages find a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import NAMES, executable, launched


@pytest.fixture(scope="module")  # no longer: it keeps an event loop running, and other tests start their own
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one the test is skipped aloud, and fails where CI says that one must be there."""
    program = executable()
    if program is None:
        reason = f"no Chromium on PATH (looked for {', '.join(NAMES)}): the page was NOT looked at in a browser"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = launched(playwright, program)
        yield started
        started.close()
