"""docs/instructors-reports.md: each row names a report and a test that is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "instructors-reports.md"
_REPORT = re.compile(
    r"\[(?P<name>[^\]]+)#(?P<number>\d+)\]\(https://github\.com/(?P<link>[^/]+/[^/]+)/(?:issues|pull)/(?P<in_link>\d+)\)"
)


def rows() -> list[list[str]]:
    """The cells of each row: case, reports, what happened, what is right, the result, the test."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")]


def test_at_least_thirty_were_tried() -> None:
    """Are at least thirty reports tried, each row under a name of its own, none reported in two of them?"""
    names = [row[0] for row in rows()]
    reports = [match[0] for row in rows() for match in _REPORT.finditer(row[1])]
    assert len(names) == len(set(names)) >= 30
    assert len(reports) == len(set(reports)) >= 45


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0].strip("`")) for row in rows()])
def test_a_row(row: list[str]) -> None:
    """Has the row a report whose link is its name, and a test that exists?"""
    assert len(row) == 6
    assert row[4].startswith(("right", "was not"))
    found = list(_REPORT.finditer(row[1]))
    assert found
    for report in found:
        assert (report["name"], report["number"]) == (report["link"], report["in_link"])
    file, _, function = row[-1].strip("`").partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
