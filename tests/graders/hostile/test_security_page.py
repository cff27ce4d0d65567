"""The security page: is there a test behind each of its claims?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab_env.sandbox.find import this_machine
from tests.graders.hostile.canaries import ATTACKS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CLAIMS = PAGE.partition("## What is claimed")[2].partition("\n## ")[0]
ROWS = [line for line in CLAIMS.splitlines() if line.startswith("| ") and not line.endswith("| test |")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:50])
def test_every_claim_names_its_test(row: str) -> None:
    """Does the claim link to test files, are they there, and do they hold tests?"""
    links = re.findall(r"\]\(\.\./(tests/[^)]+\.py)\)", row)
    assert links
    for link in links:
        assert "\ndef test_" in (ROOT / link).read_text(encoding="utf-8"), link


def test_every_link_leads_somewhere() -> None:
    """Do the page's links within the repository lead to files?"""
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", PAGE) if "://" not in link]
    assert len(links) > 20
    assert [link for link in links if link and not (ROOT / "docs" / link).exists()] == []


def test_its_numbers_and_names_are_true() -> None:
    """Is the number of attacks the corpus's, and is each layer's name one that results use?"""
    assert f"holds {len(ATTACKS)} attacks" in PAGE
    table = PAGE.partition("## Isolation")[2].partition("## What is claimed")[0]
    assert re.findall(r"^\| \w+ \| `(\w+)` \|", table, re.MULTILINE) == [
        "gate",
        "plan",
        "user",
        "bubblewrap",
        "network",
    ]
    assert this_machine({"LAB_ALLOW_REMOTE": "engine.example"}).remote
