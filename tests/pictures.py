"""Pictures for the documentation: ``LAB_SCREENSHOTS=docs`` in the environment has the browser tests take them again."""

from __future__ import annotations

import io
import os
from pathlib import Path

from playwright.sync_api import Page


def picture(page: Page, name: str) -> None:
    """What the page shows, as ``name.png`` in the directory of the documentation, when it is asked for."""
    from PIL import Image

    directory = os.environ.get("LAB_SCREENSHOTS")
    if directory:
        seen = Image.open(io.BytesIO(page.screenshot()))
        # Few colours are in it, so it is small with as few.
        few = seen.convert("RGB").quantize(colors=256, dither=Image.Dither.NONE)
        few.save(Path(directory) / f"{name}.png", optimize=True)
