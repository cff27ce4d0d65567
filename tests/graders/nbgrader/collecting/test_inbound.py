"""The exchange's inbound directory, where anybody puts anything: does one stop another, and does anybody lose what was there?"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.nbgrader import confined
from graders.nbgrader.collecting.collect import MAX_TOLD, CollectNotebooks
from lab.course import steps
from lab.course.nbgraders import open_course, run
from lab_env.processes import WorkerError, WorkerPool
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.course import Course, submit
from tests.graders.nbgrader.exchange import as_a_user, collect, snapshot

EARLY, LATE = "2026-11-20 10:00:00", "2026-11-22 10:00:00"


def called(inbound: Path, student: str, when: str = LATE) -> Path:
    """What `nbgrader submit` would call a submission."""
    return inbound / f"{student}+{ASSIGNMENT}+{when} UTC+abcdefghijkl"


def _listening(path: Path) -> None:
    # A socket's path is short, so it is made where it is.
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("s")
        Path("s").rename(path.name)
    finally:
        os.chdir(before)


ODD: dict[str, tuple[Callable[[Path], None], str]] = {
    "dangling": (lambda path: path.symlink_to("/nonexistent"), "a link"),
    "link": (lambda path: path.symlink_to("/etc"), "a link"),
    "loop": (lambda path: path.symlink_to(path.name), "a link"),
    "file": (lambda path: path.touch(), "a file"),
    "pipe": (os.mkfifo, "a pipe"),
    "socket": (_listening, "a socket"),
}


def test_what_is_no_directory_stops_nobody(course: Course, inbound: Path) -> None:
    """Are links, files, pipes and sockets in the exchange told and left out, everybody's own collected, and old ones kept?"""
    before = {f"{kind}-before" for kind in ODD}
    at_once = {f"{kind}-at-once" for kind in ODD}
    for student in before:
        submit(inbound, course, student, EARLY)
    steps.collect(course.root)
    for student in (*at_once, "zoe"):
        submit(inbound, course, student, EARLY)
    odd = {}
    for kind, (make, words) in ODD.items():
        for student in (f"{kind}-before", f"{kind}-at-once", f"{kind}-alone"):
            odd[called(inbound, student)] = words
            make(called(inbound, student))
    ran = collect(course)
    assert ran.code == 0, ran.told
    assert {path.name for path in (course.root / "submitted").iterdir()} == {*before, *at_once, "zoe"}
    for path, words in odd.items():
        (line,) = ran.about(path)
        assert line.startswith("Left out: ")
        assert words in line
    assert f"Submissions here now: {2 * len(ODD) + 1}." in ran.out
    for student in (*before, *at_once, "zoe"):
        assert len(snapshot(course.submitted(student))) == len(course.released()) + 1


def test_one_that_cannot_be_read_stops_nobody(course: Course, inbound: Path) -> None:
    """Is what the collecting user may not read told and left out, and the earlier one kept or an older one taken?"""
    user = as_a_user()
    submit(inbound, course, "old", EARLY)
    submit(inbound, course, "zoe", EARLY)
    kept = snapshot(course.hand_in("ben", course.solved(), f"{EARLY} UTC"))
    locked = [submit(inbound, course, student, LATE) for student in ("ben", "eve", "old")]
    for path, mode in zip(locked, (0o000, 0o111, 0o444), strict=True):
        path.chmod(mode)
    ran = collect(course, before=user)
    assert ran.code == 0, ran.told
    assert sorted(path.name for path in (course.root / "submitted").iterdir()) == ["ben", "old", "zoe"]
    assert len(snapshot(course.submitted("old"))) == len(course.released()) + 1
    assert snapshot(course.submitted("ben")) == kept
    for path in locked:
        (line,) = ran.about(path)
        assert line.startswith("Left out: ")
        assert "Permission denied" in line
        path.chmod(0o700)


def gone(path: Path, course: Course) -> None:
    """Somebody takes it away."""
    shutil.rmtree(path)


def a_link(path: Path, course: Course) -> None:
    """Somebody has it lead to the solution."""
    shutil.rmtree(path)
    path.symlink_to(course.root / "source" / ASSIGNMENT)


def another(path: Path, course: Course) -> None:
    """Somebody puts another one in its place."""
    path.rename(path.parent / path.name[:3])
    shutil.copytree(course.root / "source" / ASSIGNMENT, path)


@pytest.mark.parametrize("change", [gone, a_link, another])
def test_what_is_exchanged_after_it_was_listed(
    course: Course, inbound: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path, Course], None]
) -> None:
    """Is a submission that vanishes, or is another one, between the listing and the copying left out, and nobody else's?"""
    for student in ("ann", "zoe"):
        submit(inbound, course, student, EARLY)
    steps.collect(course.root)
    kept = snapshot(course.submitted("ann"))
    late = [submit(inbound, course, student, LATE) for student in ("ann", "eve", "zoe")]
    copy = CollectNotebooks.copy_files

    def changed(self: CollectNotebooks) -> None:
        for path in late[:2]:
            change(path, course)
        copy(self)

    monkeypatch.setattr(CollectNotebooks, "copy_files", changed)
    done = steps.collect(course.root)
    assert done.students == ("ann", "zoe")
    assert done.errors == ()
    assert [sum(str(path) in line for line in done.warnings if "Left out" in line) for path in late] == [1, 1, 0]
    assert snapshot(course.submitted("ann")) == kept
    assert (course.submitted("zoe") / "timestamp.txt").read_text() == f"{LATE} UTC\n"
    assert [path.name for path in course.submitted("ann").parent.iterdir()] == [ASSIGNMENT]


def test_one_that_vanishes_while_it_is_copied(course: Course, inbound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the earlier submission stay, whole, when the newer one is taken away in the middle, and is it taken the next time?"""
    submit(inbound, course, "ann", EARLY)
    steps.collect(course.root)
    kept = snapshot(course.submitted("ann"))
    late = submit(inbound, course, "ann", LATE)
    aside = late.parents[2] / "aside"
    notebook = confined.notebook

    def taken_away(name: str, data: bytes, workers: WorkerPool) -> bytes:
        if not aside.exists():
            aside.mkdir()
            for path in sorted(late.iterdir())[2:]:
                path.rename(aside / path.name)
        return notebook(name, data, workers)

    monkeypatch.setattr(confined, "notebook", taken_away)
    done = steps.collect(course.root)
    assert any("cannot be read now" in line and str(late) in line for line in done.warnings)
    assert snapshot(course.submitted("ann")) == kept
    for path in aside.iterdir():
        path.rename(late / path.name)
    assert not any("Left out" in line for line in steps.collect(course.root).warnings)
    assert (course.submitted("ann") / "timestamp.txt").read_text() == f"{LATE} UTC\n"


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), WorkerError("A worker ended.")])
def test_a_fault_of_ours_loses_nothing(
    course: Course, inbound: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """Over a full disk or a failing worker, is the earlier submission kept, the new one named, and everybody else collected?"""
    submit(inbound, course, "ann", EARLY)
    steps.collect(course.root)
    kept = snapshot(course.submitted("ann"))
    late = [submit(inbound, course, student, LATE) for student in ("ann", "bob", "zoe")]
    notebook, second = confined.notebook, f"{sorted(course.released())[1]}.ipynb"
    failing = iter((True, True, False))

    def fails_twice(name: str, data: bytes, workers: WorkerPool) -> bytes:
        if name == second and next(failing):
            raise fault
        return notebook(name, data, workers)

    monkeypatch.setattr(confined, "notebook", fails_twice)
    done = steps.collect(course.root)
    assert [sum(str(path) in line for line in done.errors) for path in late] == [1, 1, 0]
    assert done.students == ("ann", "zoe")
    assert snapshot(course.submitted("ann")) == kept
    assert sorted(path.name for path in (course.root / "submitted").iterdir()) == ["ann", "zoe"]
    assert [path.name for path in course.submitted("ann").parent.iterdir()] == [ASSIGNMENT]


def test_what_is_in_the_way_is_left_alone(course: Course, inbound: Path) -> None:
    """Is a link or a file in a submission's place told with exit code 4, neither followed nor removed, and nobody else's matter?"""
    source = course.root / "source"
    sources = snapshot(source / ASSIGNMENT)
    ways = {
        "link": course.submitted("link"),
        "dangling": course.submitted("dangling"),
        "file": course.submitted("file"),
        "student": course.submitted("student").parent,
    }
    for student, path in ways.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        submit(inbound, course, student)
    ways["link"].symlink_to(source / ASSIGNMENT)
    ways["dangling"].symlink_to("/nonexistent")
    ways["file"].write_text("mine")
    ways["student"].symlink_to(source)
    submit(inbound, course, "zoe")
    before = {path: os.lstat(path) for path in ways.values()}
    ran = collect(course)
    assert ran.code == 4
    assert len(snapshot(course.submitted("zoe"))) == len(course.released()) + 1
    assert snapshot(source / ASSIGNMENT) == sources
    for path, was in before.items():
        assert any(line.startswith("Not collected: ") and f": {path} is not a directory" in line for line in ran.told)
        now = os.lstat(path)
        assert (now.st_ino, now.st_mtime_ns, now.st_mode) == (was.st_ino, was.st_mtime_ns, was.st_mode)
        path.unlink()
    assert collect(course).code == 0
    for student in ways:
        assert len(snapshot(course.submitted(student))) == len(course.released()) + 1


def _write(path: Path, text: str) -> None:
    path.write_bytes(os.fsencode(text))


TIMES: dict[str, Callable[[Path], None]] = {
    "missing": lambda path: None,
    "empty": lambda path: path.touch(),
    "soon": lambda path: _write(path, "soon"),
    "long": lambda path: _write(path, f"{LATE} UTC{' ' * 5000}"),
    "zone": lambda path: _write(path, f"{LATE} /etc/passwd"),
    "bytes": lambda path: _write(path, "\udcff"),
    "link": lambda path: path.symlink_to("/etc/passwd"),
    "dangling": lambda path: path.symlink_to("/nonexistent"),
    "pipe": os.mkfifo,
    "directory": lambda path: path.mkdir(),
}


def test_an_earlier_one_without_a_time_is_replaced(course: Course, inbound: Path) -> None:
    """Does a submission whose time cannot be read make way for the one in the exchange, as nbgrader has it, and stop nobody?"""
    for student, make in TIMES.items():
        make(course.hand_in(student, {}) / "timestamp.txt")
    for student in (*TIMES, "zoe"):
        submit(inbound, course, student)
    ran = collect(course)
    assert ran.code == 0, ran.told
    for student in (*TIMES, "zoe"):
        assert len(snapshot(course.submitted(student))) == len(course.released()) + 1
        assert [path.name for path in course.submitted(student).parent.iterdir()] == [ASSIGNMENT]


def test_what_a_killed_collecting_left_is_set_right(course: Course, inbound: Path) -> None:
    """Is the earlier submission back when collecting was killed with it out of its place, and half a new one beside it?"""
    submit(inbound, course, "ann", EARLY)
    steps.collect(course.root)
    kept, target = snapshot(course.submitted("ann")), course.submitted("ann")
    half = target.with_name(f".{ASSIGNMENT}.new")
    half.mkdir()
    (half / "x.ipynb").write_text("{")
    target.rename(target.with_name(f".{ASSIGNMENT}.old"))
    assert steps.collect(course.root).students == ("ann",)
    assert snapshot(target) == kept
    submit(inbound, course, "ann", LATE)
    steps.collect(course.root)
    assert [path.name for path in target.parent.iterdir()] == [ASSIGNMENT]


def test_what_is_said_is_safe(course: Course, inbound: Path) -> None:
    """Can no name steer the terminal, in nbgrader's own log either, or pass for an error of ours?"""
    forged = ("x\n[ERROR] forged", "\x1b[2J", "a\u2028[ERROR] b", "c\r[ERROR] d")
    for name in forged:
        (inbound / f"{name}+{ASSIGNMENT}+{LATE} UTC+a").mkdir()
    sly = submit(inbound, course, "zoe")
    for name in forged:
        (sly / name).touch()
    ran = collect(course)
    assert ran.code == 0, ran.told
    assert len([line for line in ran.told if line.startswith("Left out: ")]) == 2 * len(forged)
    assert all(line.startswith("Left out: ") or "claims to be" in line for line in ran.told)
    assert not any(character in line for line in ran.told for character in "\x1b\u2028\r")
    opened = open_course(course.root)
    log = run(opened.api.collect, ASSIGNMENT, update=True)
    assert "Left out: " in log
    assert not set("\x1b\u2028\r") & set(log)


def test_what_is_said_is_bounded(course: Course, inbound: Path) -> None:
    """Can nobody bury what else is said under thousands of lines?"""
    for number in range(10 * MAX_TOLD):
        (inbound / f"+{ASSIGNMENT}+{number}").mkdir()
        called(inbound, "eve", f"2026-11-22 10:{number // 60:02}:{number % 60:02}").touch()
    flood = submit(inbound, course, "mallory")
    for number in range(10 * MAX_TOLD):
        (flood / f"{number}.txt").touch()
    called(inbound, "ann").touch()
    submit(inbound, course, "zoe")
    ran = collect(course)
    assert ran.code == 0
    assert len(ran.told) <= 3 * (MAX_TOLD + 1) + 5
    assert len(ran.about(called(inbound, "ann"))) == 1
    assert any(f"{9 * MAX_TOLD} more in {flood}" in line for line in ran.told)
    assert any(f"{9 * MAX_TOLD} more in {inbound}, of eve" in line for line in ran.told)


def test_what_nbgrader_puts_there_is_no_news(course: Course, inbound: Path) -> None:
    """Is nothing said of a submission as `nbgrader submit` leaves it but whose it is, and nothing when that is not asked?"""
    (submit(inbound, course, "ann") / "submission_secret.txt").write_text("0" * 128)
    (line,) = collect(course).told
    assert "claims to be submitted by ann" in line
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.ExchangeCollect.check_owner = False\n")
    assert collect(course).told == ()
