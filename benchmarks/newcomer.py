"""The newcomer's way in a browser: from ``make lab`` in a fresh clone to the first green verdict, cold and warm.

Cold: no virtual environment, no state, no cache; what the package index and the provider's mirror have is fetched. Warm: the same
clone again, with a new working copy.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.figures import Figure, Measurement, Settings
from solutions.corpus import load_corpus
from tests.chromium import executable, launched
from tests.lab.labextension.opened_lab import ROOT, Notebook, opened, running

KEYS = load_corpus()["reference"].files["modules/secrets/kms.tf"].decode()


def to_the_first_pass(browser: Browser, address: str) -> None:
    """:raises RuntimeError: the check of the key does not pass."""
    with opened(browser, address, height=1000) as seen:
        first = Notebook(seen, "00-where-secrets-leak.ipynb")
        first.run(first.cell("%load_ext lab.magics"))
        first.run(first.cell("%%hcl modules/secrets/variables.tf"))
        seen.page.locator(".jp-DirListing-item", has_text="01-kms-key.ipynb").dblclick()
        notebook = Notebook(seen, "01-kms-key.ipynb")
        notebook.run(notebook.cell("%load_ext lab.magics"))
        answer = notebook.cell("%%hcl modules/secrets/kms.tf")
        notebook.write(answer, f"%%hcl modules/secrets/kms.tf\n{KEYS}")
        notebook.run(answer)
        text = notebook.run(notebook.cell("%lab_check kms")).inner_text()
        if "5 of 5 pass" not in text:
            raise RuntimeError(text)


def once(browser: Browser, clone: Path, home: Path, name: str) -> tuple[float, float]:
    """Seconds until JupyterLab tells its address, and until the first check has passed."""
    scratch = home / name
    scratch.mkdir()
    environment = {
        "LAB_STATE_DIR": str(home / "state"),
        "LAB_CACHE_DIR": str(home / "cache"),
        "BROWSER": "true",  # the browser is ours
    }
    begun = time.perf_counter()
    with running(["make", "lab", f"WORK={scratch / 'practice'}"], clone, scratch, environment) as lab:
        up = time.perf_counter() - begun
        to_the_first_pass(browser, lab.address)
        return up, time.perf_counter() - begun


def run(settings: Settings) -> list[Figure]:
    program = executable()
    if program is None:
        raise RuntimeError("there is no Chromium on PATH")
    with tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory, sync_playwright() as playwright:
        home, clone = Path(directory), Path(directory) / "clone"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        browser = launched(playwright, program)
        try:
            cold_up, cold = once(browser, clone, home, "cold")
            warm_up, warm = once(browser, clone, home, "warm")
        finally:
            environment = {**os.environ, "LAB_STATE_DIR": str(home / "state")}
            # Its words are nothing that we have measured.
            subprocess.run(
                [clone / ".venv/bin/lab", "down", "--purge"], env=environment, stdout=sys.stderr, check=False
            )
    cold_note, warm_note = "fresh clone: environment, provider, engine", "the same clone, a new working copy"
    return [
        Figure("make lab to JupyterLab's address, cold", cold_up, "s", None, cold_note),
        Figure("make lab to the first green verdict, cold", cold, "s", None, cold_note),
        Figure("make lab to JupyterLab's address, warm", warm_up, "s", None, warm_note),
        Figure("make lab to the first green verdict, warm", warm, "s", None, warm_note),
    ]


MEASUREMENT = Measurement("newcomer", "a browser from `make lab` to the first green verdict, cold and warm", run)
