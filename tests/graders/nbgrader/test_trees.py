"""A directory's digest: the same for the same, another for another, and none where nobody can know."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from graders.nbgrader import trees
from graders.nbgrader.trees import UnknownTreeError, tree_digest
from tests.nested import nested


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files, a directory and a link."""
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    (tmp_path / "tree" / "a.txt").write_text("a")
    (tmp_path / "tree" / "deep" / "b.txt").write_text("b")
    (tmp_path / "tree" / "link").symlink_to("a.txt")
    return tmp_path / "tree"


def test_what_is_another(tree: Path, tmp_path: Path) -> None:
    """Is a copy the same, and another content, name, place or target of a link not?"""
    same = tree_digest(tree)
    assert tree_digest(Path(shutil.copytree(tree, tmp_path / "copy", symlinks=True))) == same
    (tree / "a.txt").write_text("c")
    content = tree_digest(tree)
    (tree / "a.txt").rename(tree / "deep" / "a.txt")
    place = tree_digest(tree)
    (tree / "link").unlink()
    (tree / "link").symlink_to("b.txt")
    assert len({same, content, place, tree_digest(tree)}) == 4
    assert tree_digest(tmp_path / "nothing") == tree_digest(tmp_path / "nor here")


def test_directories_in_each_other_have_an_end(tree: Path) -> None:
    """Is nothing known of a submission that is nested deeper than Python goes down?"""
    with nested(tree), pytest.raises(UnknownTreeError, match="in each other"):
        tree_digest(tree)


def test_many_small_directories_have_an_end(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do entries count together, wherever they lie?"""
    monkeypatch.setattr(trees, "MAX_ENTRIES", 5)
    tree_digest(tree)
    for name in ("x", "y"):
        (tree / "deep" / name).mkdir()
    with pytest.raises(UnknownTreeError, match="more than 5"):
        tree_digest(tree)


@pytest.mark.parametrize("gone", ["a.txt", "deep", "link"])
def test_what_is_taken_away_meanwhile(tree: Path, gone: str) -> None:
    """Is nothing known, and no error of the system's raised, of what changes while it is looked at?"""

    def taken_away(path: str) -> bool:
        if (tree / gone).is_dir():
            shutil.rmtree(tree / gone)
        else:
            (tree / gone).unlink()
        return True

    (tree / "0").touch()
    with pytest.raises(UnknownTreeError):
        tree_digest(tree, taken_away)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look anywhere")
@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_a_directory_that_may_not_be_entered(tree: Path, mode: int) -> None:
    """Is nothing known of a directory whose names may be read and whose files may not?"""
    (tree / "deep").chmod(mode)
    try:
        with pytest.raises(UnknownTreeError):
            tree_digest(tree)
    finally:
        (tree / "deep").chmod(0o700)
