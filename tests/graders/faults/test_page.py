"""docs/faults.md: is each test that it names there?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_each_fault_has_its_test() -> None:
    """Does every line of the table name a test that exists, and is every test of this folder in it?"""
    rows = [line for line in (ROOT / "docs" / "faults.md").read_text().splitlines() if line.startswith("| ")][1:]
    named = [re.search(r"`(tests/\S+\.py)::(test_\w+)` \|$", row) for row in rows]
    assert len(rows) > 20
    assert None not in named
    pairs = {(match[1], match[2]) for match in named if match is not None}
    for path, test in pairs:
        assert test in _tests(ROOT / path), f"{path} has no {test}"
    here = {
        (str(path.relative_to(ROOT)), test)
        for path in Path(__file__).parent.glob("test_*.py")
        if path != Path(__file__)
        for test in _tests(path)
    }
    assert here - pairs == set()


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
