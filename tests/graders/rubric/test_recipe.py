"""docs/contributing/requirement.md, "Add a requirement": followed to the letter in a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab_env.engine import Engine
from lab_env.terraform import Toolchain

ROOT = Path(__file__).parents[3]
RECIPE = ROOT / "docs" / "contributing" / "requirement.md"
TREE = ("docs", "graders", "lab", "lab_env", "notebooks", "solutions", "tests", "CHANGELOG.md", "pyproject.toml")
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def blocks() -> Iterator[tuple[str, str, str]]:
    """The recipe's code: language, the file that its first line names, the rest."""
    for _, language, code in BLOCK.findall(RECIPE.read_text()):
        text = textwrap.dedent(code)
        named = re.match(r"# ([\w/.-]+\.\w+)[^\n]*\n", text)
        yield language, named[1] if named else "", text[named.end() :] if named else text


@pytest.mark.engine
@pytest.mark.terraform
def test_the_recipe_ends_green(tmp_path: Path, engine: Engine, toolchain: Toolchain) -> None:
    """Does somebody who does what the page says have a requirement that the corpus, the tests and the pages know?"""
    for name in TREE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    bin_ = Path(sys.executable).parent
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
    for language, file, text in blocks():
        path = tmp_path / file
        if language == "python":
            path.write_text(f"{path.read_text()}\n\n{text}")
        elif language == "toml":
            path.parent.mkdir()
            path.write_text(text)
        else:
            done = subprocess.run(["bash", "-euc", text], cwd=tmp_path, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, f"{text}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    rubric = (tmp_path / "docs" / "rubric.md").read_text()
    assert "`kms.description`" in rubric
    assert "`kms.description`" not in (ROOT / "docs" / "rubric.md").read_text()
