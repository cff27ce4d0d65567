"""The extension in JupyterLab itself, started as a learner starts it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.lab.labextension.opened_lab import Opened, Started, opened

pytestmark = [pytest.mark.browser, pytest.mark.engine]

HCL = '%%hcl modules/secrets/kms.tf\nresource "aws_kms_key" "a" {\n  policy = "x"\n}'
PYTHON = 'resource = {"policy": "x"}  # %%hcl'
CELLS = [
    ("code", HCL),
    ("code", PYTHON),
    ("markdown", "%%hcl a.tf\n```hcl\na = 1\n```"),
    ("code", "%%hclx\na = 1"),
    ("code", ""),
]


@pytest.fixture(scope="module")
def working_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that holds a notebook of every kind of cell, and a file."""
    directory = tmp_path_factory.mktemp("course")
    cells = [
        {"cell_type": kind, "id": f"c{index}", "metadata": {}, "source": text}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for index, (kind, text) in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (directory / "cells.ipynb").write_text(json.dumps(notebook))
    (directory / "main.tf").write_text(HCL.partition("\n")[2])
    return directory


@pytest.fixture(scope="module")
def notebook(browser: Browser, jupyterlab: Started) -> Iterator[Opened]:
    with opened(browser, jupyterlab.at("/lab/tree/cells.ipynb")) as seen:
        # The language of Python comes late; what is wrong about ours would show only then.
        seen.cell(1).locator('.cm-content[data-language="python"]').wait_for()
        seen.page.wait_for_selector(
            "[data-status=idle], .jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached"
        )
        yield seen


def language(seen: Opened, index: int) -> str | None:
    return seen.cell(index).locator(".cm-content").get_attribute("data-language")


def colours(seen: Opened, selector: str) -> dict[str, str]:
    """Colour of each coloured text."""
    found: dict[str, str] = seen.page.evaluate(
        """selector => Object.fromEntries([...document.querySelectorAll(selector + ' .cm-line span')]
             .map(span => [span.textContent, getComputedStyle(span).color]))""",
        selector,
    )
    return found


def test_only_hcl_cells(notebook: Opened) -> None:
    """Is HCL the language of the cells that begin with the magic, and of no other?"""
    assert [language(notebook, index) for index in (0, 1, 3, 4)] == ["hcl", "python", "python", "python"]
    notebook.cell(2).dblclick()
    notebook.cell(2).locator(".cm-content[data-language=markdown]").wait_for()


def test_says_and_asks_nothing(notebook: Opened, jupyterlab: Started) -> None:
    """Does the extension load without a word in the console, does no request leave this machine, and are no news offered?"""
    assert not [line for line in notebook.said if "secrets-lab" in line or line.startswith("error")]
    for question in ("Jupyter news", "Create Assignment", "Formgrader"):
        assert notebook.page.get_by_text(question).count() == 0
    assert notebook.asked == {jupyterlab.origin.removeprefix("http://")}


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_theme_colours(notebook: Opened, theme: str) -> None:
    """Are the tokens coloured as the theme has it, in light and dark, and not as Python would colour them?"""
    notebook.wear(theme)
    of_theme = notebook.page.evaluate(
        """names => { const probe = document.body.appendChild(document.createElement('i'));
             const found = Object.fromEntries(names.map(name => {
               probe.style.color = `var(--jp-mirror-editor-${name}-color)`;
               return [name, getComputedStyle(probe).color];
             }));
             probe.remove();
             return found; }""",
        ["keyword", "def", "property", "string", "operator", "bracket", "meta"],
    )
    seen = colours(notebook, '.jp-Cell[data-windowed-list-index="0"]')
    assert {
        "resource": of_theme["keyword"],
        '"aws_kms_key"': of_theme["def"],
        "policy": of_theme["property"],
        '"x"': of_theme["string"],
        "=": of_theme["operator"],
        "{": of_theme["bracket"],
        "%%hcl": of_theme["meta"],
    }.items() <= seen.items()
    python = colours(notebook, '.jp-Cell[data-windowed-list-index="1"]')
    assert python.get("resource") != seen["resource"]
    assert len(set(of_theme.values())) > 4


def test_language_follows_the_first_line(notebook: Opened) -> None:
    """Does a cell become HCL when the magic is typed, indent and comment like it, and become Python again without it?"""
    notebook.cell(4).locator(".cm-content").click()
    keyboard = notebook.page.keyboard
    keyboard.type("%%hcl b.tf")
    assert language(notebook, 4) == "hcl"
    keyboard.type('\nresource "a" "b" {\nc = 1\nd = [\n1,')
    content = notebook.cell(4).locator(".cm-content")
    assert content.inner_text().splitlines()[1:5] == ['resource "a" "b" {', "  c = 1", "  d = [", "    1,"]
    keyboard.press("Control+/")
    assert "# 1," in content.inner_text()
    keyboard.press("Control+Home")
    keyboard.press("Delete")
    assert language(notebook, 4) == "python"
    keyboard.type("%")
    assert language(notebook, 4) == "hcl"


def test_typing_in_a_long_cell(notebook: Opened) -> None:
    """In a cell of 300 lines, does a keystroke leave what is above it alone, and cost no more than it does in Python?"""
    long = "\n".join(
        f'resource "aws_kms_key" "k{n}" {{ description = "${{var.environment}} {n}" }}' for n in range(300)
    )
    spent: dict[str, float] = {}
    for name, first in (("python", "# a"), ("hcl", "%%hcl a.tf")):
        content = notebook.cell(4).locator(".cm-content")
        content.click()
        notebook.page.keyboard.press("Control+a")
        notebook.page.keyboard.insert_text(f"{first}\n{long}\n")
        assert language(notebook, 4) == name
        spent[name] = content.evaluate(
            """async content => {
                 const view = content.cmView?.rootView?.view ?? content.cmTile?.root?.view;
                 const began = performance.now();
                 for (let i = 0; i < 200; i++) {
                   view.dispatch({ changes: { from: view.state.doc.length, insert: 'a' } });
                 }
                 return performance.now() - began;
               }"""
        )
    assert spent["hcl"] < 10 * spent["python"] + 1000, spent


def test_files_and_prose(browser: Browser, jupyterlab: Started, notebook: Opened) -> None:
    """Is a .tf file coloured in the editor, and a fenced block in a text cell?"""
    if notebook.cell(2).locator(".cm-content").is_visible():
        notebook.cell(2).locator(".cm-content").press("Shift+Enter")
    prose = notebook.cell(2).locator(".jp-MarkdownOutput code span")
    prose.first.wait_for()
    assert prose.first.inner_text() == "a"
    with opened(browser, jupyterlab.at("/lab/tree/main.tf")) as seen:
        seen.page.locator(".jp-FileEditor .cm-content[data-language=hcl]").wait_for()
        # The language is told first, and its colours come when the text was read.
        seen.page.locator(".jp-FileEditor .cm-line span", has_text="resource").first.wait_for()
        assert "resource" in colours(seen, ".jp-FileEditor")
        seen.page.locator("#jp-main-statusbar").get_by_text("HCL").wait_for()
