"""A class of twelve with the worst tar, README, log, JSON, notebook and name in it: the others' results, and an interrupt."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth, Results
from graders.report import html_report, json_report, terminal
from lab.running import found, sources_of
from lab_env import processes
from lab_env.errors import SubmissionError
from lab_env.submission import SubmissionRef, read_submission
from lab_env.terraform import Toolchain
from solutions.hostile.worst import OTHERS, WORST, write_class
from tests.graders.disturbed import ClassRun, children, left
from tests.graders.everywhere import timeless

pytestmark = pytest.mark.slow

SMALL_BYTES = 400_000
"""Of the whole class's result JSON; a quarter of it is the class's without the worst."""


def of_others(results: Results, ids: tuple[str, ...]) -> dict[str, str]:
    document = timeless(results)
    return {one["id"]: json.dumps(one) for one in document["submissions"] if one["id"] in ids}


def graded(directory: Path, depth: Depth, *, worst: bool) -> tuple[Results, tuple[SubmissionRef, ...], tuple[str, ...]]:
    directory.mkdir()
    ids = write_class(directory, worst=worst)
    refs = found([directory])
    return grade_many(refs, RunConfig(depth=depth)), refs, ids


def test_static(tmp_path: Path) -> None:
    """Does everybody have a row, the others the same bytes as without the worst, and no report grow out of bounds?"""
    alone, _, ids = graded(tmp_path / "alone", Depth.STATIC, worst=False)
    results, refs, _ = graded(tmp_path / "class", Depth.STATIC, worst=True)
    assert len(results.submissions) == len(refs) >= len(OTHERS) + len(WORST)
    assert of_others(results, ids) == of_others(alone, ids)
    assert {one.status.value for one in results.submissions} <= {"graded", "ungradable"}
    assert len(json_report.dumps(results)) < SMALL_BYTES
    sources = sources_of(results, refs)
    assert len(html_report.render(results, sources)) < 4 * SMALL_BYTES
    log = next(one for one in results.submissions if one.id == f"{WORST.index('passwords-in-a-log')}-a-worst")
    assert next(row for row in log.requirements if row.id == "secret.no_plaintext").status.value == "fail"
    assert any("debug.log" in (seen.path or "") for row in log.requirements for seen in row.evidence)
    assert list(terminal.class_lines(results))


@pytest.mark.engine
@pytest.mark.full
def test_full(toolchain: Toolchain, tmp_path: Path) -> None:
    """Is it so where the class is deployed and drilled?"""
    alone, _, ids = graded(tmp_path / "alone", Depth.FULL, worst=False)
    results, refs, _ = graded(tmp_path / "class", Depth.FULL, worst=True)
    assert len(results.submissions) == len(refs)
    assert of_others(results, ids) == of_others(alone, ids)


@pytest.mark.parametrize("depth", ["static", pytest.param("full", marks=[pytest.mark.engine, pytest.mark.full])])
def test_interrupt(depth: str, tmp_path: Path) -> None:
    """Does Ctrl-C end the class at whatever moment, with its exit code, and leave no process behind? So does SIGTERM."""
    (tmp_path / "class").mkdir()
    write_class(tmp_path / "class", worst=True)
    (tmp_path / "home").mkdir()
    run = ClassRun(tmp_path / "class", tmp_path / "home")
    moments = random.Random(11)  # noqa: S311 - which moments is no secret
    for number in (signal.SIGINT, signal.SIGTERM) * 2:
        process = run.start("--depth", depth)
        time.sleep(moments.uniform(0.3, 2.0 if depth == "static" else 12.0))
        below = (
            [one for one in children(process) if "lab_env.engine.server" not in one.cmdline()]
            if process.poll() is None
            else []
        )
        process.send_signal(number)
        # By the signal itself where it comes before the console script has begun.
        assert process.wait(60) in (0, 130, -number), run.said()
        assert left(below, 10.0) == []
    run.lab("down").wait(60)


def test_a_reader_that_is_stuck_is_ended(tmp_path: Path) -> None:
    """Where a pattern were not linear after all, would its submission alone be ungradable?"""
    pool = processes.WorkerPool(1, processes.Bounds(cpu_s=1.0, wall_s=60.0))
    path = tmp_path / "submission" / "main.tf"
    path.parent.mkdir()
    path.write_text('variable "environment" {}\n')
    assert read_submission(SubmissionRef("ann", path.parent), pool).id == "ann"
    with pytest.raises(SubmissionError, match="processor time"):
        pool.call(stuck, b"")
    assert read_submission(SubmissionRef("ann", path.parent), pool).id == "ann"
    pool.close()


def stuck(payload: bytes) -> bytes:
    import re

    return str(re.match(r"(a+)+$", "a" * 60 + "b")).encode()


def test_no_file_is_read_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does this process, which holds everybody's results, open nothing that was handed in?"""
    (tmp_path / "class").mkdir()
    write_class(tmp_path / "class", worst=True)
    refs = found([tmp_path / "class"])
    grade_many(refs, RunConfig(depth=Depth.STATIC))  # what is imported on the way is not what is asked for

    def forbidden(*_: object, **__: object) -> object:
        raise AssertionError("a submission was read in this process")

    for place in (
        "lab_env.submission.directory.read_bytes",
        "lab_env.submission.load.load_submission",
        "lab_env.submission.archives.read_archive",
        "graders.rubric.judge.judge",
    ):
        monkeypatch.setattr(place, forbidden)
    results = grade_many(refs, RunConfig(depth=Depth.STATIC))
    sources_of(results, refs)
    assert len(results.submissions) == len(refs)
