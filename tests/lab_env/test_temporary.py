"""Temporary directories: gone with their block, and those of killed processes with the next run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab_env.temporary import PREFIX, Temporary, sweep, temporary_directory

HOLDS = """
import sys
from lab_env.temporary import Temporary
made = Temporary("killed", base=sys.argv[1])
(made.path / "main.tf").write_text("a learner's")
print(made.path, flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(base: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that has a directory of ours, and where that is."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(base)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_gone_with_its_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is it for this user alone, and gone with all that is in it, also when the block fails?"""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fails() -> None:
        with temporary_directory("run") as made:
            assert made.parent == tmp_path
            assert made.stat().st_mode & 0o777 == 0o700
            (made / "closed").mkdir(mode=0o000)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """Does the next one remove what a killed process left, and nothing that a living one has?"""
    with holder(tmp_path) as (killed, left), holder(tmp_path) as (_, held):
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert (left / "main.tf").exists()
        sweep(str(tmp_path))
        assert not left.exists()
        assert (held / "main.tf").read_text() == "a learner's"
    sweep(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    """Are links, files and other names left alone, and is nothing beyond a link removed?"""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / f"{PREFIX}file").touch()
    (tmp_path / "secrets-lab-notes").mkdir()
    before = sorted(tmp_path.rglob("*"))
    sweep(str(tmp_path))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to somebody else")
def test_another_users_stays(tmp_path: Path) -> None:
    """Is a directory of another user's left alone, whatever its name?"""
    theirs = tmp_path / f"{PREFIX}run.theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    sweep(str(tmp_path))
    assert theirs.is_dir()


def test_made_while_others_sweep(tmp_path: Path) -> None:
    """Is a directory there when it is handed out, however often others look for what is left behind?"""
    done = threading.Event()

    def always() -> None:
        while not done.is_set():
            sweep(str(tmp_path))

    sweepers = [threading.Thread(target=always) for _ in range(3)]
    for one in sweepers:
        one.start()
    try:
        for _ in range(100):
            made = Temporary("run", base=str(tmp_path))
            (made.path / "there").touch()
            made.close()
    finally:
        done.set()
        for one in sweepers:
            one.join()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_looked_into(tmp_path: Path) -> None:
    """Does a temporary directory that is not there stop nobody from sweeping?"""
    sweep(str(tmp_path / "nowhere"))
