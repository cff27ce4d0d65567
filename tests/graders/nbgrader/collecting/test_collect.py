"""Collecting from the exchange, where everything belongs to learners."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from graders.nbgrader.collecting.notebook_names import MAX_NOTEBOOKS
from graders.nbgrader.submitted import read_handed
from lab.course import steps
from lab.course.nbgraders import NbgraderError, open_course, run
from lab_env.submission.limits import MAX_NOTEBOOK_BYTES
from notebooks.course import ASSIGNMENT
from solutions.hostile import libraries
from tests.graders.nbgrader.course import Course, submit

NAME = "01-kms-key"


def test_notebooks_come_and_links_do_not(course: Course, inbound: Path) -> None:
    """Are a submission's notebooks collected, and neither links to others' work nor anything else in it?"""
    solution = course.root / "source" / ASSIGNMENT / f"{NAME}.ipynb"
    sly = submit(inbound, course, "mallory")
    (sly / f"{NAME}.ipynb").unlink()
    (sly / f"{NAME}.ipynb").symlink_to(solution)
    (sly / "lab.py").write_text("raise SystemExit")
    (sly / "notes.txt").symlink_to(solution)
    os.mkfifo(sly / "05-more.ipynb")
    submit(inbound, course, "ann")
    (inbound / f"oscar+{ASSIGNMENT}+2026-11-20 10:00:00 UTC").symlink_to(solution.parent)
    assert steps.collect(course.root).students == ("ann", "mallory")
    names = {f"{name}.ipynb" for name in course.released()} | {"timestamp.txt"}
    assert {path.name for path in course.submitted("ann").iterdir()} == names
    assert {path.name for path in course.submitted("mallory").iterdir()} == names - {f"{NAME}.ipynb"}
    assert not any(path.is_symlink() for path in (course.root / "submitted").rglob("*"))


def files(course: Course, student: str) -> dict[str, bytes]:
    """What was collected of a submission, by name."""
    return {path.name: path.read_bytes() for path in course.submitted(student).iterdir()}


def test_what_is_no_notebook_is_not_copied(course: Course, inbound: Path) -> None:
    """Is a library, a script or a configuration that calls itself a notebook left out, and each told in one sentence?"""
    sly = submit(inbound, course, "mallory")
    planted = {
        "x.ipynb": libraries.library(),
        "settings.ipynb": libraries.configuration("/x").encode(),
        "run.ipynb": b"#!/bin/sh\n",
        f"{NAME}.ipynb": libraries.library() + b"{}",
        "timestamp.txt": b"openssl_conf = x\n",
        "-rf.ipynb": (sly / f"{NAME}.ipynb").read_bytes(),
        "..ipynb": (sly / f"{NAME}.ipynb").read_bytes(),
        ".ipynb": (sly / f"{NAME}.ipynb").read_bytes(),
        "a\x1b[2J.ipynb": (sly / f"{NAME}.ipynb").read_bytes(),
        "*.ipynb": (sly / f"{NAME}.ipynb").read_bytes(),
    }
    for name, data in planted.items():
        (sly / name).write_bytes(data)
    Path(os.fsdecode(os.fsencode(sly) + b"/\xff.ipynb")).write_bytes(b"{}")
    log = run_collect(course)
    left = [line for line in log.splitlines() if "Left out: " in line]
    assert len(left) == len(planted) + 1
    assert "\x1b" not in log
    assert set(files(course, "mallory")) == {f"{name}.ipynb" for name in course.released()}
    assert files(course, "mallory")[f"{NAME}.ipynb"] == b""
    assert not any(b"ELF" in data or b"openssl_conf" in data for data in files(course, "mallory").values())


def test_what_comes_is_written_by_us(course: Course, inbound: Path) -> None:
    """Is a notebook the same one on a line of its own, never executable, whatever the file and the caller's umask allow?"""
    sly = submit(inbound, course, "ann")
    for path in sly.iterdir():
        path.chmod(0o777)
    before = os.umask(0)
    try:
        steps.collect(course.root)
    finally:
        os.umask(before)
    for path in course.submitted("ann").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644, path
        assert path.read_bytes().count(b"\n") == 1
        if path.suffix == ".ipynb":
            assert json.loads(path.read_bytes()) == json.loads((sly / path.name).read_bytes())


def test_what_cannot_be_read_is_told_the_learner(course: Course, inbound: Path) -> None:
    """Is a notebook that is broken or too large named as one that is, and the rest of its submission read?"""
    broken, large = submit(inbound, course, "dan"), submit(inbound, course, "lea")
    (broken / f"{NAME}.ipynb").write_text('{"cells": [')
    with (large / f"{NAME}.ipynb").open("ab") as file:
        file.truncate(MAX_NOTEBOOK_BYTES + 5_000)
    steps.collect(course.root)
    for student, words in (("dan", "not a readable notebook"), ("lea", "larger than 8.0 MiB")):
        submission = read_handed(course.submitted(student), course.release).submission
        assert submission is not None
        assert f"{NAME}.ipynb is {words}" in submission.notes[0]
        assert {"modules/secrets/kms.tf", "modules/secrets/iam.tf"} & {file.path for file in submission.files} == {
            "modules/secrets/iam.tf"
        }
    assert not any(files(course, "lea")[f"{NAME}.ipynb"])


def test_no_submission_stops_the_others(course: Course, inbound: Path) -> None:
    """Does a directory that is called as none can be, or is none, leave everybody else's alone?"""
    submit(inbound, course, "ann")
    for student in ("..", ".", "", "-rf", "a*", "[ab]", "ann,ben", "\x1b[2J"):
        submit(inbound, course, student)
    for when in ("", "soon", "2026-11-20 10:00:00 ..", "9999-99-99 10:00:00"):
        (inbound / f"mallory+{ASSIGNMENT}+{when}").mkdir()
    (inbound / f"file+{ASSIGNMENT}+2026-11-20 10:00:00 UTC").write_text("{}")
    before = sorted(path.name for path in course.root.iterdir() if path.name not in ("submitted", "gradebook.db"))
    assert steps.collect(course.root).students == ("ann",)
    assert sorted(p.name for p in (course.root / "submitted").iterdir()) == ["ann"]
    assert sorted(p.name for p in course.root.iterdir() if p.name not in ("submitted", "gradebook.db")) == before


def test_notebooks_in_directories(course: Course, inbound: Path) -> None:
    """Are notebooks that lie deeper, or have names of their own, collected where they are, links and tools' own directories not?"""
    handed = submit(inbound, course, "ann")
    deeper = handed / "secrets-management" / "done"
    deeper.mkdir(parents=True)
    for path in handed.glob("*.ipynb"):
        path.rename(deeper / path.name)
    (deeper / f"{NAME}.ipynb").rename(deeper / f"{NAME} (1).ipynb")
    (deeper / "lab.py").write_text("raise SystemExit")
    (handed / "solution").symlink_to(course.root / "source" / ASSIGNMENT)
    (handed / ".ipynb_checkpoints").mkdir()
    (handed / ".ipynb_checkpoints" / "x.ipynb").write_text('{"cells": []}')
    deep = handed.joinpath(*"abcdefgh")
    deep.mkdir(parents=True)
    (deep / "x.ipynb").write_text('{"cells": []}')
    steps.collect(course.root)
    found = {
        str(path.relative_to(course.submitted("ann"))) for path in course.submitted("ann").rglob("*") if path.is_file()
    }
    names = {name if name != NAME else f"{NAME} (1)" for name in course.released()}
    assert found == {"timestamp.txt", *(f"secrets-management/done/{name}.ipynb" for name in names)}
    submission = read_handed(course.submitted("ann"), course.release).submission
    assert submission is not None
    assert len(submission.files) == 7


def test_directories_without_number(course: Course, inbound: Path) -> None:
    """Are a submission's directories looked into up to a number, and its notebooks taken up to theirs?"""
    handed = submit(inbound, course, "mallory")
    for number in range(60):
        (handed / f"d{number}").mkdir()
        for other in range(10):
            (handed / f"d{number}" / f"{other}.ipynb").write_text('{"cells": []}')
    steps.collect(course.root)
    found = list(course.submitted("mallory").rglob("*.ipynb"))
    assert len(course.released()) < len(found) <= MAX_NOTEBOOKS + len(course.released())
    assert {path.name for path in course.submitted("mallory").glob("*.ipynb")} == {
        f"{name}.ipynb" for name in course.released()
    }


def test_notebooks_without_number(course: Course, inbound: Path) -> None:
    """Are the assignment's notebooks among thousands of others collected, and of the others a bounded number?"""
    sly = submit(inbound, course, "mallory")
    for number in range(MAX_NOTEBOOKS + 50):
        (sly / f"00-{number}.ipynb").write_text('{"cells": []}')
    steps.collect(course.root)
    found = set(files(course, "mallory"))
    assert {f"{name}.ipynb" for name in course.released()} <= found
    assert len(found) <= MAX_NOTEBOOKS + len(course.released()) + 1


def run_collect(course: Course) -> str:
    """Collect, and what nbgrader logged."""
    opened = open_course(course.root)
    return run(opened.api.collect, ASSIGNMENT, update=True)


def test_the_newer_submission_takes_the_place_of_the_older(course: Course, inbound: Path) -> None:
    """Is what was handed in later collected later, with its time?"""
    submit(inbound, course, "ann")
    steps.collect(course.root)
    submit(inbound, course, "ann", "2026-11-21 10:00:00")
    steps.collect(course.root)
    assert (course.submitted("ann") / "timestamp.txt").read_text().startswith("2026-11-21")


def test_without_an_exchange_it_says_so(course: Course) -> None:
    """Is a missing exchange an error with a next step, and not a traceback?"""
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.Exchange.root = {str(course.root / 'nowhere')!r}\n")
    with pytest.raises(NbgraderError, match="directory") as told:
        steps.collect(course.root)
    assert "exchange" in (told.value.next_step or "")
