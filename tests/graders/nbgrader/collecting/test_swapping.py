"""One directory in the place of another, cut off anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graders.nbgrader.collecting.swapping import replacing, restore

pytestmark = pytest.mark.slow

NEW = {"a": "new a", "b": "new b"}
OLD = {"a": "old a", "c": "old c"}
# A process that ends without a word at its n-th look at or change of the file system below the directory.
_CUT_OFF = """
import os, sys
from pathlib import Path
from graders.nbgrader.collecting.swapping import replacing, restore
target, left = Path(sys.argv[1]), int(sys.argv[2])
def ended(event, arguments):
    global left
    changes = event in ("open", "os.mkdir", "os.rename", "os.rmdir") and target.name in repr(arguments)
    if changes or event == "os.remove":
        left -= 1
        if left < 0:
            os._exit(9)
sys.addaudithook(ended)
restore(target)
with replacing(target) as new:
    (new / "a").write_text("new a")
    (new / "b").write_text("new b")
"""


def held(directory: Path) -> dict[str, str]:
    """The texts in a directory, by name."""
    return {path.name: path.read_text() for path in directory.iterdir()}


def make(target: Path) -> Path:
    """The old one."""
    target.mkdir(parents=True)
    for name, text in OLD.items():
        (target / name).write_text(text)
    return target


def replace(target: Path) -> None:
    """Put the new one in its place."""
    with replacing(target) as new:
        for name, text in NEW.items():
            (new / name).write_text(text)


def test_cut_off_anywhere(tmp_path: Path) -> None:
    """Whenever the process is killed, is the old or the new one there afterwards, whole, and does the next try succeed?"""
    outcomes = []
    for steps in range(100):
        target = make(tmp_path / str(steps) / "submission")
        ended = subprocess.run([sys.executable, "-c", _CUT_OFF, str(target), str(steps)], check=False).returncode
        assert ended in (0, 9)
        restore(target)
        assert held(target) in (OLD, NEW)
        outcomes.append(held(target) == NEW)
        replace(target)
        assert held(target) == NEW
        assert [path.name for path in target.parent.iterdir()] == ["submission"]
        if ended == 0:
            break
    assert len(outcomes) > 6
    assert outcomes == sorted(outcomes)
    assert not outcomes[0]
    assert outcomes[-1]


@pytest.mark.parametrize("there", [True, False])
def test_one_that_fails_leaves_nothing(tmp_path: Path, there: bool) -> None:
    """Is everything as it was when the new one cannot be written to its end, the student's directory included?"""
    target = tmp_path / "ann" / "submission"
    if there:
        make(target)
    with pytest.raises(OSError, match="full"), replacing(target) as new:  # noqa: PT012 - what fails is the second
        (new / "a").write_text("new")
        raise OSError("full")
    assert target.parent.exists() == there
    if there:
        assert held(target) == OLD
        assert [path.name for path in target.parent.iterdir()] == ["submission"]


def test_one_that_cannot_be_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the old one put back when the new one is refused its place?"""
    target = make(tmp_path / "submission")
    rename = Path.rename

    def refuse(path: Path, to: Path) -> Path:
        if path.name.endswith(".new"):
            raise OSError("refused")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="refused"):
        replace(target)
    assert held(target) == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["submission"]
