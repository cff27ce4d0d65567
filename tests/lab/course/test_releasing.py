"""The older release while a newer one is made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.course.releasing import older_kept


@pytest.fixture
def release(tmp_path: Path) -> Path:
    directory = tmp_path / "release" / "assignment"
    directory.mkdir(parents=True)
    (directory / "a.ipynb").write_text("older")
    return directory


def _in_vain(release: Path, aside: Path, error: type[BaseException]) -> None:
    with older_kept(release, aside):
        shutil.rmtree(release)
        release.mkdir()
        (release / "b.ipynb").write_text("half")
        raise error


def test_a_newer_one_takes_its_place(release: Path, tmp_path: Path) -> None:
    """Is the newer one there and nothing of the older one left, as is nothing where there was none?"""
    for _ in range(2):
        with older_kept(release, tmp_path / ".lab" / "older"):
            shutil.rmtree(release, ignore_errors=True)
            release.mkdir(parents=True)
            (release / "b.ipynb").write_text("newer")
        assert [path.name for path in release.iterdir()] == ["b.ipynb"]
        assert not (tmp_path / ".lab" / "older").exists()
        shutil.rmtree(release)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_and_an_interrupt(release: Path, tmp_path: Path, error: type[BaseException]) -> None:
    """Is the older one back when the newer one fails in the middle or is interrupted?"""
    with pytest.raises(error):
        _in_vain(release, tmp_path / ".lab" / "older", error)
    assert {path.name: path.read_text() for path in release.iterdir()} == {"a.ipynb": "older"}


def test_after_a_run_that_was_killed(release: Path, tmp_path: Path) -> None:
    """Is the older one back when the run after one that was killed, and left half a release, fails too?"""
    aside = tmp_path / ".lab" / "older"
    killed = older_kept(release, aside)
    killed.__enter__()
    (release / "a.ipynb").write_text("half")
    with pytest.raises(RuntimeError):
        _in_vain(release, aside, RuntimeError)
    assert {path.name: path.read_text() for path in release.iterdir()} == {"a.ipynb": "older"}


def test_a_release_whose_older_one_cannot_be_removed(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does a run that fails put the last release back, also when the one before it could not be removed, or half of it?"""
    aside = tmp_path / ".lab" / "older"
    (release / "z.ipynb").write_text("older")
    rmtree = shutil.rmtree

    def halfway(path: Path, ignore_errors: bool = False) -> None:
        next(Path(path).glob("a.*")).unlink()

    with older_kept(release, aside):
        rmtree(release)
        release.mkdir()
        (release / "b.ipynb").write_text("newer")
        monkeypatch.setattr(shutil, "rmtree", halfway)
    monkeypatch.undo()
    with pytest.raises(RuntimeError):
        _in_vain(release, aside, RuntimeError)
    assert {path.name: path.read_text() for path in release.iterdir()} == {"b.ipynb": "newer"}
    assert list(aside.parent.iterdir()) == []
