"""The Chromium of this machine, as the tests and measurements of pages use it."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def executable() -> str | None:
    """Where it is; None: there is none on PATH."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def launched(playwright: Playwright, program: str) -> Browser:
    """Started without a window."""
    # Containers rarely let Chromium build its own sandbox; the pages are our own.
    return playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
