"""The notebooks that learners get."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from traitlets.config.loader import PyFileConfigLoader

from lab_env.errors import UsageError
from notebooks import release
from notebooks.course import ASSIGNMENT, HERE, SOURCE


def plain(notebook: Any) -> Any:
    """A notebook as JSON has it."""
    return json.loads(nbformat.writes(notebook))


@pytest.fixture(scope="module")
def from_nbgrader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `nbgrader generate_assignment` makes of the same sources, in a course directory with a gradebook."""
    from nbgrader.apps import NbGraderAPI

    course = tmp_path_factory.mktemp("course")
    shutil.copytree(SOURCE, course / "source" / ASSIGNMENT)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(HERE)).load_config()
    config.CourseDirectory.root = str(course)
    api = NbGraderAPI(config=config)
    # It calls alembic by name.
    path = os.environ["PATH"]
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        result = api.generate_assignment(ASSIGNMENT)
    finally:
        os.environ["PATH"] = path
    assert result["success"], result.get("log")
    return course / "release" / ASSIGNMENT


@pytest.mark.parametrize("name", release.names())
def test_as_nbgrader_releases(from_nbgrader: Path, name: str) -> None:
    """Is it what nbgrader itself releases, to the last checksum?"""
    assert plain(release.released(name)) == json.loads((from_nbgrader / f"{name}.ipynb").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", release.names())
def test_no_solution(name: str) -> None:
    """Is no line of a solution left, and a place to write in where one was?"""
    source = json.loads((SOURCE / f"{name}.ipynb").read_text(encoding="utf-8"))
    written = nbformat.writes(release.released(name))
    assert "SOLUTION" not in written
    for given, cell in zip(release.released(name).cells, source["cells"], strict=True):
        assert given.id == cell["id"]
        text = "".join(cell["source"])
        if not cell["metadata"]["nbgrader"]["solution"]:
            assert given.source == text
            continue
        before, _, rest = text.partition("### BEGIN SOLUTION\n")
        solution, _, after = rest.partition("### END SOLUTION")
        assert given.source.startswith(before)
        assert given.source.startswith("%%hcl ")
        assert given.source.endswith(after)
        kept = {line.strip() for line in given.source.splitlines()}
        assert not kept & {line.strip() for line in solution.splitlines() if len(line.strip()) > 3}


def test_unknown() -> None:
    """Is a name that the course does not have refused with those that it has?"""
    with pytest.raises(UsageError, match="00-where-secrets-leak"):
        release.released("../01-kms-key")


def test_never_over_anything(tmp_path: Path) -> None:
    """Is whatever has a notebook's name left alone: a file, a directory, a link to nowhere?"""
    first, second, third, *rest = release.names()
    (tmp_path / f"{first}.ipynb").write_text("mine")
    (tmp_path / f"{second}.ipynb").mkdir()
    (tmp_path / f"{third}.ipynb").symlink_to(tmp_path / "nowhere")
    assert release.put(tmp_path) == tuple(rest)
    assert (tmp_path / f"{first}.ipynb").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_learners_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any of the course: are the instructor's notebooks taken as they are, and a missing one told with what to do?"""
    for place in ("SOURCE", "RELEASED"):
        monkeypatch.setattr(release, place, tmp_path / "none")
    with pytest.raises(UsageError, match="your instructor gave you"):
        release.put(tmp_path)
    (tmp_path / "01-kms-key.ipynb").write_text("released")
    assert release.put(tmp_path) == ()
    assert (tmp_path / "01-kms-key.ipynb").read_text() == "released"


def test_released_ones_without_the_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Does an installation without solutions put those there that it brings?"""
    monkeypatch.setattr(release, "SOURCE", tmp_path / "none")
    assert release.put(tmp_path) == release.names()
    assert json.loads((tmp_path / "01-kms-key.ipynb").read_text())["cells"]


def test_half_a_notebook_is_none(tmp_path: Path) -> None:
    """Is nothing left of a notebook whose writing failed half-way, so that the next time it is put there whole?"""
    path = tmp_path / "a.ipynb"
    with pytest.raises(UnicodeEncodeError):
        release._write_new(path, "a" * 100_000 + "\ud800")  # what UTF-8 cannot hold comes last
    assert not path.exists()
    assert release._write_new(path, "a")
    assert not release._write_new(path, "b")
    assert path.read_text() == "a"


def test_feedback_knows_the_language() -> None:
    """Does the colouring of nbgrader's feedback know the language by the name that its configuration uses?"""
    lexer = get_lexer_by_name("terraform")
    kinds = {text.strip(): kind for kind, text in lexer.get_tokens('resource "aws_kms_key" "a" {\n  b = true # c\n}')}
    assert kinds["resource"] in Token.Keyword
    assert kinds["# c"] in Token.Comment
    config = PyFileConfigLoader("nbgrader_config.py", path=str(HERE)).load_config()
    coloured = config.HTMLExporter.filters["highlight_code"](
        '%%hcl modules/secrets/kms.tf\nephemeral "a" "<b>" {\n  c = true # d\n}'
    )
    assert '<span class="cp">%%hcl modules/secrets/kms.tf</span>' in coloured
    assert '<span class="c1"> # d' in coloured
    assert 'class="err"' not in coloured
    assert "<b>" not in coloured
