"""The compiled grammar: kept where our files are kept, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import hcl2.postlexer
import pytest

from lab_env.processes import WorkerPool, clean_environment
from tests.lab_env.processes import worked

PACKAGES = Path(hcl2.__file__).parents[1]
HOME = Path(__file__).parents[3]


def parse_elsewhere(cache: Path) -> str:
    """Parse a line in another process."""
    program = "from lab_env.hcl import parse; print(parse('main.tf', 'a = 1').get('a').value)"
    environment = clean_environment(PYTHONPATH=str(HOME), PYTHONDONTWRITEBYTECODE="1", LAB_CACHE_DIR=str(cache))
    done = subprocess.run([sys.executable, "-P", "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def kept_in(directory: Path) -> Path:
    """The one grammar there."""
    (found,) = directory.glob("hcl-grammar-*.bin")
    return found


def installed() -> dict[Path, int]:
    """Every file of the packages that read HCL, and when it was written."""
    found = [path for name in ("hcl2", "lark") for path in (PACKAGES / name).rglob("*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in found}


def test_kept_in_our_cache_directory_alone(tmp_path: Path) -> None:
    """Is the grammar written to our cache directory, read from there the next time, and nothing into the installed packages?"""
    before = installed()
    assert before
    assert parse_elsewhere(tmp_path / "cache") == "1"
    kept = kept_in(tmp_path / "cache")
    written = kept.stat().st_mtime_ns
    assert parse_elsewhere(tmp_path / "cache") == "1"
    assert (kept.stat().st_mtime_ns, installed()) == (written, before)


def test_half_a_grammar(tmp_path: Path) -> None:
    """Is a kept grammar that a full disk has cut off made again?"""
    assert parse_elsewhere(tmp_path) == "1"
    kept = kept_in(tmp_path)
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert parse_elsewhere(tmp_path) == "1"
    assert len(kept.read_bytes()) > len(whole) * 0.9  # not to the byte: its sets have no order


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    """Is HCL read where nothing can be kept?"""
    (tmp_path / "file").touch()
    assert parse_elsewhere(tmp_path / "file" / "cache") == "1"


def test_a_worker_keeps_it_there_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a worker, which has an environment of its own, keep the grammar in the directory that was named to us?"""
    monkeypatch.setenv("LAB_CACHE_DIR", str(tmp_path))
    pool = WorkerPool(1)
    try:
        assert pool.call(worked.parses, b"a = 1") == b"1"
    finally:
        pool.close()
    assert kept_in(tmp_path)
