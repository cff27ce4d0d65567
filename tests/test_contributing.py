"""The contributor's pages and hooks: do they lead to what is there?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "contributing").glob("*.md"))
WRITTEN_HERE = re.compile(r"`((?:lab_env|graders|lab|notebooks|solutions|tests|docker)/[\w./-]*)`")


def test_contributing_is_one_page() -> None:
    """Has it sixty lines at most, and does it lead to each of the other pages?"""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert len(text.splitlines()) <= 60
    assert [page.name for page in PAGES if f"(docs/contributing/{page.name})" not in text] == []


@pytest.mark.parametrize(
    "page", [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md", *PAGES], ids=lambda page: page.name
)
def test_what_a_page_names_is_there(page: Path) -> None:
    """Is every file that it links or names in the repository?"""
    text = page.read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    gone = [link for link in links if not (page.parent / link).exists()]
    gone += [name for name in WRITTEN_HERE.findall(text) if not (ROOT / name).exists()]
    assert gone == []


def test_hooks_are_what_lint_runs() -> None:
    """Before a commit, does everything run that `make lint` runs on Python, with the tools that are installed already?"""
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nlint: setup\n")[2].partition("\n\n")[0]
    lint = {line.split("/", 1)[1].split()[0] for line in recipe.splitlines()} - {"hadolint"}
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    programs = [hook["entry"].split()[0] for hook in repository["hooks"]]
    assert all(program.startswith(".venv/bin/") for program in programs)
    assert {Path(program).name for program in programs} == lint
    assert [hook["entry"].split()[1] for hook in repository["hooks"] if "ruff" in hook["entry"]] == ["check", "format"]
