"""Cheats: each is planted in a submission, on stock nbgrader, where it pays, and here, where it earns what there is without it."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graders.report import json_report
from lab.course import steps
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader.cheats.table import CHEATS, NAME, PAYLOAD, Cheat, Pays, Scene
from tests.graders.nbgrader.course import Course, Notebook, cell_writing, code, replace

pytestmark = pytest.mark.longest

HERE = Path(__file__).parent
HONEST, NEIGHBOUR, TWIN = "zoe", "neighbour", "twin-of-"
PAYING = [cheat for cheat in CHEATS if cheat.pays is not Pays.NOTHING]
SOME = [next(cheat for cheat in CHEATS if cheat.pays is pays) for pays in Pays if pays is not Pays.NOTHING]


def _of_its_kind(cheat: Cheat) -> tuple[pytest.MarkDecorator, ...]:
    """One of each kind and each third of the rest in `make test`: a class of all takes minutes."""
    return () if cheat in SOME or CHEATS.index(cheat) % 3 == 0 else (pytest.mark.full,)


@dataclass(frozen=True)
class Graded:
    """A class after autograding and feedback. :param scores: by student. :param read: those that `lab grade` gives."""

    course: Course
    scores: Mapping[str, float]
    canaries: Path
    read: Mapping[str, float] = field(default_factory=dict)

    def ran(self, name: str) -> bool:
        return (self.canaries / name).exists()

    def autograded_files(self, name: str) -> dict[str, str]:
        """Text by file name."""
        folder = self.course.root / "autograded" / name / ASSIGNMENT
        return {path.name: path.read_text() for path in folder.glob("*")} if folder.is_dir() else {}

    def pages(self, name: str) -> str:
        """The feedback's pages, one after the other."""
        folder = self.course.root / "feedback" / name / ASSIGNMENT
        return "\n".join(path.read_text() for path in sorted(folder.glob("*.html")))


def class_of_cheats(
    course: Course, canaries: Path, solved: Mapping[str, Notebook], cheats: Sequence[Cheat] = CHEATS
) -> None:
    """Hands in, for each cheat, a submission that holds it, and one for each that replaces something honest."""
    missed = copy.deepcopy(dict(solved))
    replace(cell_writing(missed, "modules/secrets/placeholder.tf"), "ignore_changes", "# ignore_changes")
    neighbour = course.hand_in(NEIGHBOUR, solved)
    course.hand_in(HONEST, missed)
    canaries.mkdir()
    for cheat in cheats:
        for student, plant, files in (
            (cheat.name, cheat.plant, cheat.files),
            (f"{TWIN}{cheat.name}", cheat.instead, cheat.instead_files),
        ):
            if student.startswith(TWIN) and cheat.instead is cheat.instead_files:
                continue  # nothing is replaced: the honest submission is its twin
            scene = Scene(copy.deepcopy(missed), course.submitted(student), canaries / cheat.name, neighbour)
            plant(scene)
            course.hand_in(student, scene.notebooks)
            files(scene)


def stock(released: Path, tmp_path_factory: pytest.TempPathFactory, cheats: Sequence[Cheat]) -> Graded:
    """Stock nbgrader, with the notebook that is cheated on and a check that returns a number."""
    place = tmp_path_factory.mktemp("stock")
    source = place / "course" / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    notebook = json.loads((released / "source" / ASSIGNMENT / f"{NAME}.ipynb").read_text())
    _trim(notebook)
    (source / f"{NAME}.ipynb").write_text(json.dumps(notebook))
    solved = Course(released).solved()[NAME]
    _trim(solved)
    course = Course(place / "course")
    class_of_cheats(course, place / "canaries", {NAME: solved}, cheats)
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(place),
        "IPYTHONDIR": str(place / "ipython"),
        "PYTHONPATH": str(_installed(place / "installed")),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    words = [sys.executable, str(HERE / "cheats" / "run_stock.py"), str(course.root), ASSIGNMENT]
    done = subprocess.run(words, env=environment, cwd=place, capture_output=True, text=True, check=True)
    time.sleep(2)  # what outlives a kernel has its time
    return Graded(course, json.loads(done.stdout.splitlines()[-1]), place / "canaries")


def _trim(notebook: Notebook) -> None:
    """Leaves the answer and its check, and loads the stand-in instead of the lab's own magics."""
    graded = [one for one in notebook["cells"] if {"grade", "solution"} & _roles(one)]
    notebook["cells"] = [{**code("%load_ext lab_stand_in"), "id": "load"}, *graded]


def _roles(one: Mapping[str, Any]) -> set[str]:
    return {role for role, has in one["metadata"].get("nbgrader", {}).items() if has is True}


def _installed(directory: Path) -> Path:
    """Puts the stand-in where installed packages are: behind a kernel's current directory."""
    directory.mkdir()
    (directory / "sitecustomize.py").write_text(f"import sys\nsys.path.append({str(HERE / 'cheats')!r})\n")
    return directory


def _holds_the_payload(submission: Path) -> bool:
    """Whether a page of the submission could have the script in it."""
    files = [path for path in submission.iterdir() if path.is_file()]
    return any(PAYLOAD in f"{path.name}{path.read_text()}" for path in files)


@pytest.fixture(scope="module")
def ours(request: pytest.FixtureRequest, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The cheats that a test of this run asks for, in the whole course, under its configuration."""
    tests = [
        item for item in request.session.items if isinstance(item, pytest.Function) and item.path == Path(__file__)
    ]
    asked = {test.callspec.params["cheat"].name for test in tests if hasattr(test, "callspec")}
    cheats = [cheat for cheat in CHEATS if cheat.name in asked]
    place = tmp_path_factory.mktemp("ours")
    course = Course(Path(shutil.copytree(released, place / "course")))
    class_of_cheats(course, place / "canaries", course.solved(), cheats)
    done = steps.autograde(course.root, depth="static")
    for cheat in cheats:
        if _holds_the_payload(
            course.submitted(cheat.name)
        ):  # a page takes as long as a mark, and can show nothing else
            steps.feedback(course.root, student=cheat.name)
    time.sleep(2)
    out = place / "results.json"
    words = [
        sys.executable,
        "-m",
        "lab.cli",
        "grade",
        str(course.root / "submitted"),
        "--depth",
        "static",
        "--json",
        str(out),
    ]
    subprocess.run(words, check=True, capture_output=True)
    read = {one.id: float(one.score or 0) for one in json_report.load(out).submissions}
    return Graded(course, {row.student: row.mark.score for row in done.rows if row.mark}, place / "canaries", read)


def test_the_table_is_long_enough_and_says_what_each_does() -> None:
    """Are there at least 20 cheats, no two of one name, and most of them paying on stock nbgrader?"""
    assert len({cheat.name for cheat in CHEATS}) == len(CHEATS) >= 20
    assert len(PAYING) >= 15
    assert all(cheat.does for cheat in CHEATS)


@pytest.fixture(scope="module")
def some_on_stock(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """One cheat of each kind, graded by stock nbgrader: a kernel for each takes its seconds."""
    return stock(released, tmp_path_factory, SOME)


@pytest.fixture(scope="module")
def all_on_stock(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Every cheat, graded by stock nbgrader."""
    return stock(released, tmp_path_factory, CHEATS)


@pytest.mark.parametrize("cheat", SOME, ids=lambda cheat: cheat.name)
def test_one_of_each_kind_pays_on_stock_nbgrader(some_on_stock: Graded, cheat: Cheat) -> None:
    """Is a cheat of each kind a real one: does it get what it is after where learners' cells are run?"""
    _pays(some_on_stock, cheat)


@pytest.mark.full
@pytest.mark.parametrize("cheat", PAYING, ids=lambda cheat: cheat.name)
def test_pays_on_stock_nbgrader(all_on_stock: Graded, cheat: Cheat) -> None:
    """Is each cheat that we say pays a real one?"""
    _pays(all_on_stock, cheat)


def _pays(stock: Graded, cheat: Cheat) -> None:
    """Fail unless it got what it is after."""
    assert stock.scores[HONEST] == 0
    assert stock.scores[NEIGHBOUR] == 19
    if cheat.pays is Pays.MARK:
        assert stock.scores[cheat.name] > stock.scores.get(f"{TWIN}{cheat.name}", stock.scores[HONEST])
    elif cheat.pays is Pays.RUNS:
        assert stock.ran(cheat.name)
    elif cheat.pays is Pays.SHOWS:
        assert PAYLOAD in stock.pages(cheat.name)
    elif cheat.pays is Pays.LEAKS:
        assert "ignore_changes = [" in stock.autograded_files(cheat.name)["notes.txt"]
    else:
        assert f"{NAME}.ipynb" not in stock.autograded_files(cheat.name)


@pytest.mark.parametrize(
    "cheat", [pytest.param(one, marks=_of_its_kind(one)) for one in CHEATS], ids=lambda one: one.name
)
def test_earns_no_more_than_there_is_without_it(ours: Graded, cheat: Cheat) -> None:
    """Does the notebook with the cheat earn what `lab grade` reads in it, no more than without it, and does nothing run or show?"""
    twin = f"{TWIN}{cheat.name}"
    honest = ours.scores[twin if twin in ours.scores else HONEST]
    assert ours.scores[cheat.name] == ours.read[cheat.name] == (0 if cheat.refused else honest)
    assert not ours.ran(cheat.name)
    assert list(ours.canaries.iterdir()) == []
    files = ours.autograded_files(cheat.name)
    assert set(files) == {path.name for path in (ours.course.root / "release" / ASSIGNMENT).glob("*.ipynb")}
    if _holds_the_payload(ours.course.submitted(cheat.name)):
        assert ours.pages(cheat.name)
        assert PAYLOAD not in ours.pages(cheat.name)
    assert all(PAYLOAD not in text for text in files.values())


def test_the_honest_marks_are_the_graders(ours: Graded) -> None:
    """Are the marks that nothing is to be gained from between nothing and everything, so that gain and loss would show?"""
    assert 0 < ours.scores[HONEST] < ours.scores[NEIGHBOUR]
