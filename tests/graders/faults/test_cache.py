"""A cache whose upgrade was interrupted: entries of two versions, half-written files, files of nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.batch.cache import Cache
from graders.batch.events import Done, Event
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth
from tests.graders.disturbed import ClassRun
from tests.graders.everywhere import corpus_refs, timeless

pytestmark = pytest.mark.slow

NAMES = ("reference", "starter", "heredocs", "ignore-changes-missing", "gate-provider-block", "single-file")


def _entry(body: bytes) -> bytes:
    """A cache file whose digest is right, whatever is in it."""
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _of_another_version(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def upgrade(path: Path) -> None:
        document = json.loads(path.read_bytes().partition(b"\n")[2])
        change(document)
        path.write_bytes(_entry(json.dumps(document).encode()))

    return upgrade


def _half_written(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _never_renamed(path: Path) -> None:
    """What a killed writer leaves: its own file beside, and none of the entry's name."""
    path.rename(path.with_name(f".{path.name}-abc123"))


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "interrupt",
    [
        pytest.param(_of_another_version(lambda d: d.update(schema=9)), id="a field of a later version"),
        pytest.param(_of_another_version(lambda d: d["result"].pop("max_score")), id="a field that was not there yet"),
        pytest.param(_of_another_version(lambda d: d["result"].update(status="passed")), id="a status of another time"),
        pytest.param(_half_written, id="half a file"),
        pytest.param(_emptied, id="a file without content"),
        pytest.param(_never_renamed, id="a file that was not put in its place"),
    ],
)
def test_an_upgrade_that_was_interrupted(tmp_path: Path, interrupt: Callable[[Path], None]) -> None:
    """Are the entries that were not upgraded yet read back, the others graded again, and all marks right?"""
    refs = corpus_refs(tmp_path / "class", NAMES)
    cache = Cache(tmp_path / "cache")
    expected = timeless(grade_many(refs, RunConfig(depth=Depth.STATIC), cache=cache))
    entries = sorted((tmp_path / "cache").glob("*/*.verdict.json"))
    assert len(entries) == len(NAMES)
    for path in entries[::2]:
        interrupt(path)
    for path in (tmp_path / "cache").glob("*/*.evidence.json"):
        _half_written(path)  # else a verdict that cannot be read is judged again from it
    told: list[Event] = []
    assert timeless(grade_many(refs, RunConfig(depth=Depth.STATIC), cache=cache, on_event=told.append)) == expected
    assert sum(one.kept for one in told if isinstance(one, Done)) == len(NAMES) // 2
    told.clear()
    assert timeless(grade_many(refs, RunConfig(depth=Depth.STATIC), cache=cache, on_event=told.append)) == expected
    assert all(one.kept for one in told if isinstance(one, Done))


def test_a_grader_that_is_killed_while_it_writes(tmp_path: Path) -> None:
    """Does a class get its marks from a cache whose writer was killed again and again?"""
    corpus_refs(tmp_path / "class", NAMES)
    run, undisturbed = ClassRun(tmp_path / "class", tmp_path), ClassRun(tmp_path / "class", tmp_path / "alone")
    undisturbed.home.mkdir()
    words = ("grade", str(run.handed_in), "--depth", "static", "--jobs", "1", "--json")
    for number in range(1, 4):
        (killed := run.home / f"{number}.json").unlink(missing_ok=True)
        process = run.lab(*words, str(killed))
        while process.poll() is None and run.said().count("graded, ") < number:
            pass
        process.kill()
        process.wait()
        assert not killed.exists()
    assert run.complete(run.lab(*words, str(run.results))) == undisturbed.complete(
        undisturbed.lab(*words, str(undisturbed.results))
    )
