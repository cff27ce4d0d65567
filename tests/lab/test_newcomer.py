"""The newcomer's road in a browser: from `lab up --notebooks` in an empty directory to the first green verdict."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator

from solutions.corpus import load_corpus
from tests.graders.conftest import browser
from tests.lab.labextension.opened_lab import Notebook, Started, opened, started
from tests.pictures import picture

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.terraform]

KEYS = load_corpus()["reference"].files["modules/secrets/kms.tf"].decode()
WRONG = KEYS.replace("enable_key_rotation     = true", "enable_key_rotation     = false")


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """`lab up --notebooks` on an empty directory."""
    with started(tmp_path_factory.mktemp("newcomer"), tmp_path_factory.mktemp("jupyter")) as running:
        yield running


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
        picture(notebook.page, "notebook-fail")
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            assert complaints(card) == []
            seen.wear(theme)

        notebook.write(answer, f"%%hcl modules/secrets/kms.tf\n{KEYS}")
        notebook.run(answer)
        card = notebook.run(check)
        text = card.inner_text()
        assert "✓ Pass 5 of 5 pass, 17 of 17 points." in text
        assert "✗" not in text
        picture(notebook.page, "notebook-pass")
        assert complaints(card) == []

        assert not [line for line in seen.said if line.startswith("error")]
        assert seen.asked == {jupyterlab.origin.removeprefix("http://")}
