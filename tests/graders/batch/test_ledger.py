"""The ledger: does it hold what was found, whatever ends the run, and only then?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graders.batch.ledger import Entry, Ledger, read_chain
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


def finished(path: Path) -> bytes:
    """The bytes of a ledger that came to its end."""
    with Ledger(path) as ledger:
        ledger.append(entry("ann"))
        ledger.finish()
    return path.read_bytes()


def test_a_run_that_does_nothing_leaves_the_finished_one(path: Path) -> None:
    """Does a run that fails at once leave the proof of the results that are still there, and nothing else?"""
    proof = finished(path)
    with Ledger(path):
        pass
    assert path.read_bytes() == proof
    assert list(path.parent.iterdir()) == [path]


def test_a_finished_one_stays_until_the_next_has_ended(path: Path) -> None:
    """Does a run that is cut off leave the finished ledger, go on where it was, and take its place at its end?"""
    proof = finished(path)
    with Ledger(path) as ledger:
        ledger.append(entry("ben"))
        assert ledger.writing.name == "results.json.ledger.new"
    assert path.read_bytes() == proof
    with Ledger(path) as ledger:
        assert ledger.get("ann", "k") is None
        assert ledger.get("ben", "k") == entry("ben")
        ledger.append(entry("cleo"))
        assert path.read_bytes() == proof
        ledger.finish()
    chain = read_chain(path)
    assert (list(chain.entries), chain.finished, chain.broken) == (["ben", "cleo"], True, None)
    assert list(path.parent.iterdir()) == [path]


def test_one_that_ended_without_taking_its_place_takes_it(path: Path) -> None:
    """Is the ledger of a run that was killed after its last line put in its place by the next?"""
    finished(path)
    with Ledger(path) as ledger:
        ledger.append(entry("ben"))
        ledger._write({"finished": True})
    with Ledger(path) as ledger:
        assert ledger.get("ben", "k") is None
    assert list(read_chain(path).entries) == ["ben"]
    assert list(path.parent.iterdir()) == [path]


def test_only_what_counts_now_is_counted(path: Path) -> None:
    """Does it count what was used or written now, and nothing that was graded under other circumstances?"""
    with Ledger(path) as ledger:
        for id in ("ann", "ben", "cleo"):
            ledger.append(entry(id, "another key"))
    with Ledger(path) as ledger:
        assert (ledger.get("ann", "k"), ledger.holds) == (None, 0)
        ledger.append(entry("ann"))
        assert ledger.get("ben", "another key") is not None
        assert ledger.holds == 2


def test_a_changed_line_stays_until_a_new_one_is_written(path: Path) -> None:
    """Does opening a ledger that was edited leave it as it is, so that the edit still shows when the run fails at once?"""
    with Ledger(path) as ledger:
        for id in ("ann", "ben"):
            ledger.append(entry(id))
    edited = path.read_bytes().replace(b'"score": 0', b'"score": 1')
    path.write_bytes(edited)
    with Ledger(path):
        pass
    assert path.read_bytes() == edited
    with Ledger(path) as ledger:
        ledger.append(entry("cleo"))
    assert (list(read_chain(path).entries), read_chain(path).broken) == (["cleo"], None)


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
        ledger.finish()
    with Ledger(path), pytest.raises(UsageError, match="Another run is writing"):
        Ledger(path)


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """Is a ledger that cannot be written one clear sentence?"""
    with pytest.raises(UsageError, match="cannot be written"):
        Ledger(tmp_path / "nowhere" / "x.ledger")
