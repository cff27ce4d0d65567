"""The newcomer's road in a browser: from `lab up --notebooks` in an empty directory to the first green verdict.

With ``LAB_SCREENSHOTS=docs`` in the environment the pictures of the documentation are taken anew.
"""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator

from solutions.corpus import load_corpus
from tests.graders.report.conftest import browser
from tests.lab.labextension.opened_lab import Opened, Started, opened, started

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.terraform]

KEYS = load_corpus()["reference"].files["modules/secrets/kms.tf"].decode()
WRONG = KEYS.replace("enable_key_rotation     = true", "enable_key_rotation     = false")
DEPLOYED_MS = 300_000
"""A deployment on a machine that does much else."""


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """`lab up --notebooks` on an empty directory."""
    with started(tmp_path_factory.mktemp("newcomer"), tmp_path_factory.mktemp("jupyter")) as running:
        yield running


class Notebook:
    """The notebook in front, driven as a person does: by what is written in it, the mouse and the keyboard."""

    def __init__(self, seen: Opened, name: str) -> None:
        self.page = seen.page
        self.panel = seen.page.locator(".jp-NotebookPanel:visible")
        seen.page.locator(f".jp-mod-current[role=tab] .lm-TabBar-tabLabel:text-is('{name}')").first.wait_for()
        self.idle()

    def cell(self, beginning: str) -> Locator:
        """The cell whose text begins so."""
        begins = re.compile("^" + re.escape(beginning))
        content = self.page.locator(".cm-content").filter(has_text=begins)
        found = self.panel.locator(".jp-CodeCell", has=content).first
        for _ in range(40):  # what is far below is made when it is scrolled to
            if found.count():
                break
            self.panel.locator(".jp-WindowedPanel-outer").hover()
            self.page.mouse.wheel(0, 500)
            self.page.wait_for_timeout(150)
        found.scroll_into_view_if_needed()
        return found

    def write(self, cell: Locator, text: str) -> None:
        """In the place of what is in the cell."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def run(self, cell: Locator) -> Locator:
        """Shift and Enter, and wait until it has run; its output."""
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()
        cell.locator(".cm-content").click()
        cell.and_(self.page.locator(".jp-mod-active")).wait_for()
        self.page.keyboard.press("Shift+Enter")
        deadline = time.monotonic() + DEPLOYED_MS / 1000
        while prompt.inner_text() in (before, "[*]:") and time.monotonic() < deadline:
            self.page.wait_for_timeout(100)
        assert re.fullmatch(r"\[\d+\]:", prompt.inner_text()), prompt.inner_text()
        cell.scroll_into_view_if_needed()
        return cell.locator(".jp-Cell-outputArea")

    def idle(self) -> None:
        """Until the kernel is there and does nothing."""
        self.panel.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(state="attached")
        self.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()


def complaints(output: Locator) -> list[tuple[str, str]]:
    """What axe says about a card; JupyterLab around it is not ours."""
    output.evaluate("card => { card.id = 'the-card'; }")
    try:
        found = Axe().run(
            output.page, context="#the-card", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]}
        )
    finally:
        output.evaluate("card => { card.id = ''; }")
    return [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]]


def picture(notebook: Notebook, name: str) -> None:
    """A picture for the documentation, when it is asked for."""
    from PIL import Image

    directory = os.environ.get("LAB_SCREENSHOTS")
    if directory:
        seen = Image.open(io.BytesIO(notebook.page.screenshot()))
        # Few colours are in it, so it is small with as few.
        few = seen.convert("RGB").quantize(colors=256, dither=Image.Dither.NONE)
        few.save(Path(directory) / f"notebook-{name}.png", optimize=True)


def test_to_the_first_green_verdict(browser: Browser, jupyterlab: Started) -> None:
    """Can somebody who has just started it write a wrong answer, read why it fails, mend it, and see it pass?"""
    with opened(browser, jupyterlab.address, height=1000) as seen:
        first = Notebook(seen, "00-where-secrets-leak.ipynb")
        output = first.run(first.cell("%load_ext lab.magics"))
        assert "Nothing is written and nothing is checked yet" in output.inner_text()
        first.run(first.cell("%%hcl modules/secrets/variables.tf"))

        seen.page.locator(".jp-DirListing-item", has_text="01-kms-key.ipynb").dblclick()
        notebook = Notebook(seen, "01-kms-key.ipynb")
        notebook.run(notebook.cell("%load_ext lab.magics"))
        answer = notebook.cell("%%hcl modules/secrets/kms.tf")
        assert answer.locator(".cm-content").get_attribute("data-language") == "hcl"

        notebook.write(answer, f"%%hcl modules/secrets/kms.tf\n{WRONG}")
        notebook.run(answer)
        check = notebook.cell("%lab_check kms")
        card = notebook.run(check)
        text = card.inner_text()
        assert "✗ Fail 4 of 5 pass, 13 of 17 points." in text
        assert "Next: kms.rotation: Turn on automatic rotation" in text
        assert "enable_key_rotation     = false" in text  # the learner's own line
        assert "Traceback" not in text
        picture(notebook, "fail")
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            assert complaints(card) == []
            seen.wear(theme)

        notebook.write(answer, f"%%hcl modules/secrets/kms.tf\n{KEYS}")
        notebook.run(answer)
        card = notebook.run(check)
        text = card.inner_text()
        assert "✓ Pass 5 of 5 pass, 17 of 17 points." in text
        assert "✗" not in text
        picture(notebook, "pass")
        assert complaints(card) == []

        assert not [line for line in seen.said if line.startswith("error")]
        assert seen.asked == {jupyterlab.origin.removeprefix("http://")}
