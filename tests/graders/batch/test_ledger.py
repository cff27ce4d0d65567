"""The ledger: does it hold what was found, whatever ends the run, and only then?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graders.batch.ledger import Entry, Ledger
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.errors import SubmissionError, UsageError


def entry(id: str, key: str = "k") -> Entry:
    result = refused(id, SubmissionError("It cannot be read."), registry(), digest="sha256:0")
    return Entry(key=key, capabilities=("iam",), result=result)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.json.ledger"


def test_what_was_written_is_gone_on_with(path: Path) -> None:
    """Does a second run find the entries of one that was cut off, and those only under the same circumstances?"""
    with Ledger(path) as ledger:
        ledger.append(entry("ann"))
        ledger.append(entry("ben", "another key"))
    with Ledger(path) as ledger:
        assert ledger.get("ann", "k") == entry("ann")
        assert ledger.get("ben", "k") is None
        assert ledger.get("cleo", "k") is None


def test_a_finished_run_is_not_gone_on_with(path: Path) -> None:
    """Does a run start over after one that came to its end?"""
    with Ledger(path) as ledger:
        ledger.append(entry("ann"))
        ledger.finish()
    with Ledger(path) as ledger:
        assert ledger.get("ann", "k") is None
    assert not path.exists()  # nothing was written now


@pytest.mark.parametrize("lost", [1, 2, 40])
def test_a_torn_line_is_dropped(path: Path, lost: int) -> None:
    """Is a last line that was cut off on its way to the disk dropped, and the ledger whole when it goes on?"""
    with Ledger(path) as ledger:
        for id in ("ann", "ben"):
            ledger.append(entry(id))
    path.write_bytes(path.read_bytes()[:-lost])
    with Ledger(path) as ledger:
        assert ledger.get("ann", "k") == entry("ann")
        assert ledger.get("ben", "k") is None
        ledger.append(entry("ben"))
    with Ledger(path) as ledger:
        assert ledger.get("ben", "k") == entry("ben")


def test_a_changed_line_is_not_believed(path: Path) -> None:
    """Is nothing taken from a line that was edited, nor from those after it?"""
    with Ledger(path) as ledger:
        for id in ("ann", "ben", "cleo"):
            ledger.append(entry(id))
    first, second, third = path.read_bytes().splitlines(keepends=True)
    assert b'"score": 0' in second
    path.write_bytes(first + second.replace(b'"score": 0', b'"score": 100') + third)
    with Ledger(path) as ledger:
        assert ledger.get("ann", "k") == entry("ann")
        assert ledger.get("ben", "k") is None
        assert ledger.get("cleo", "k") is None


def test_lines_are_chained(path: Path) -> None:
    """Does each line name the digest of the one before it, the first one none?"""
    with Ledger(path) as ledger:
        for id in ("ann", "ben"):
            ledger.append(entry(id))
    first, second = path.read_bytes().splitlines(keepends=True)
    assert json.loads(first)["before"] == "0" * 64
    assert json.loads(second)["before"] == json.loads(first)["digest"]


def test_two_runs_on_one_ledger(path: Path) -> None:
    """Is a second run on the same results refused while the first one goes on, with nothing lost?"""
    with Ledger(path) as ledger:
        ledger.append(entry("ann"))
        with pytest.raises(UsageError, match="Another run is writing") as caught:
            Ledger(path)
        assert caught.value.next_step
        ledger.append(entry("ben"))
    with Ledger(path) as ledger:
        assert ledger.get("ben", "k") is not None


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """Is a ledger that cannot be written one clear sentence?"""
    with pytest.raises(UsageError, match="cannot be written"):
        Ledger(tmp_path / "nowhere" / "x.ledger")
