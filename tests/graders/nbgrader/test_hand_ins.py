"""One hand-in, one mark: by nbgrader, by `lab grade` and, before it is handed in, by the notebook's own check."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from graders.model import Status, SubmissionResult, SubmissionStatus
from graders.nbgrader.class_run import ClassRun
from graders.nbgrader.export import Row
from graders.nbgrader.marks import Marks, Standing
from graders.report import json_report
from lab.course import steps
from lab.course.nbgraders import open_course
from lab_env.errors import SubmissionError
from lab_env.submission import load_submission
from lab_env.submission.notebooks import read_cells
from notebooks.course import ASSIGNMENT
from tests.graders.nbgrader import hand_ins
from tests.graders.nbgrader.course import Course, joined
from tests.graders.nbgrader.hand_ins import HAND_INS, IGNORED, LEAK, HandIn
from tests.lab.notebook.conftest import Notebook
from tests.lab.notebook.conftest import notebook as notebook  # a learner's shell

# One of each kind; graded three times each, the whole table takes minutes.
SAMPLE = frozenset(
    (
        "solved", "released", "own-cell", "edited-given", "leak-in-given", "retyped", "pasted-twice", "split", "moved",
        "copied-check", "stripped", "downloaded-twice", "deeper", "as-markdown", "without-first-line", "provider",
        "empty-notebook", "oversized", "picture", "nothing", "leak-in-an-output", "notes", "foreign-notebook", "one-as-file",
        "linked-notebook",
    )
)  # fmt: skip
"""The hand-ins of `make test`; `make test-full` has all."""
ROWS = [pytest.param(one, id=one.name, marks=() if one.name in SAMPLE else pytest.mark.full) for one in HAND_INS]
DEPLOYED = ("solved", "own-cell", "split", "deeper", "stripped", "empty-notebook")
ALIKE = ("notes", "picture", "solved", "deeper", "stripped")
"""Graded as the same files."""
UNLIKE = ("leak-in-prose", "edited-given", "as-raw")
WORDS = "module kms secret rotation ecs iam runtime"


@dataclass(frozen=True)
class Graded:
    """The class after both graders.

    :param rows: nbgrader's line of each student; ``standings``: what it keeps; ``results``: `lab grade`'s.
    """

    course: Course
    rows: Mapping[str, Row]
    standings: Mapping[str, Standing]
    results: Mapping[str, SubmissionResult]


def graded(course: Course, names: tuple[str, ...], depth: str) -> Graded:
    """Have the hand-ins of these names graded, by nbgrader and by `lab grade`."""
    for name in names:
        one = hand_ins.scene(course)
        hand_ins.by_name()[name].make(one)
        one.write(course.submitted(name))
    out = course.root / "results.json"
    words = [sys.executable, "-m", "lab.cli", "grade", str(course.root / "submitted"), "--depth", depth, "--no-cache"]
    done = subprocess.run([*words, "--json", str(out)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = steps.autograde(course.root, depth=depth).rows
    marks = Marks(course.root, ASSIGNMENT)
    standings = {name: standing for name in names if (standing := marks.standing(name)) is not None}
    results = {one.id: one for one in json_report.load(out).submissions}
    return Graded(course, {row.student: row for row in rows}, standings, results)


@pytest.fixture(scope="module")
def static(request: pytest.FixtureRequest, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Everybody of the table whom a test of this run asks for, at static depth, and those that are compared with each other."""
    tests = [
        item for item in request.session.items if isinstance(item, pytest.Function) and item.path == Path(__file__)
    ]
    asked = {test.callspec.params["one"].name for test in tests if hasattr(test, "callspec")}
    course = Course(Path(shutil.copytree(released, tmp_path_factory.mktemp("hand-ins") / "course")))
    return graded(course, tuple(one.name for one in HAND_INS if one.name in {*asked, *ALIKE, *UNLIKE}), "static")


def test_the_table_is_long_enough() -> None:
    """Are there at least 40 hand-ins, no two of one name, and each with what was done?"""
    assert len(hand_ins.by_name()) == len(HAND_INS) >= 40
    assert all(one.does for one in HAND_INS)


@pytest.mark.parametrize("one", ROWS)
def test_lab_grade(static: Graded, one: HandIn) -> None:
    """Does `lab grade` come to what was decided before, and say why it is not everything?"""
    result = static.results[one.name]
    assert (result.status, float(result.score or 0)) == (one.status, float(one.score)), result.reason
    if one.status is SubmissionStatus.GRADED:
        rows = {row.id: row for row in result.requirements}
        assert {id_ for id_ in (LEAK, IGNORED) if rows[id_].status is not Status.PASS} == one.lost
        submission = load_submission(static.course.submitted(one.name))
        wanted = (_module(static) - one.gone) | one.more
        assert {file.path for file in submission.files} == wanted
    said = " ".join([result.reason or "", *result.notes, *(f"{row.id} {row.message}" for row in result.requirements)])
    for words in one.told:
        assert words in said


def _module(static: Graded) -> frozenset[str]:
    submission = load_submission(static.course.submitted("solved"))
    return frozenset(file.path for file in submission.files)


@pytest.mark.parametrize("one", ROWS)
def test_nbgrader(static: Graded, one: HandIn) -> None:
    """Does nbgrader give `lab grade`'s mark, check cell by check cell, with the reason in the line and in formgrader?"""
    _the_same(static, one.name)
    row = static.rows[one.name]
    pages = "\n".join(
        "".join(output["data"].get("text/html", ""))
        for name in hand_ins.NAMES
        for cell in static.course.autograded(one.name, name)["cells"]
        for output in cell.get("outputs", ())
    )
    for words in one.told:
        assert words in row.reason or words in pages
    for words in one.graders_only:
        assert words in row.reason
    if one.status is not SubmissionStatus.GRADED:
        assert row.reason


def _the_same(graded: Graded, name: str) -> None:
    """Fail unless nbgrader's mark is `lab grade`'s."""
    result, row, standing = graded.results[name], graded.rows[name], graded.standings[name]
    assert row.mark is not None
    assert (row.status.value, row.mark.score) == (result.status.value, float(result.score or 0)), row.reason
    earned = {one.id: one.earned or 0 for one in result.requirements}
    assert standing.points == {
        check.id: sum(earned[id_] for id_ in check.requirements) for check in graded.course.release.checks
    }
    if result.status is not SubmissionStatus.GRADED:
        assert (result.reason or "") in row.reason


@pytest.mark.parametrize("one", ROWS)
def test_what_was_graded_is_shown(static: Graded, one: HandIn) -> None:
    """Is every line that was graded in the notebooks that the instructor sees, with the check cells where they were released?"""
    shown = {name: static.course.autograded(one.name, name)["cells"] for name in hand_ins.NAMES}
    texts = "\n".join(joined(cell["source"]) for cells in shown.values() for cell in cells)
    try:
        submission = load_submission(static.course.submitted(one.name))
    except SubmissionError:
        submission = None
    for file in submission.files if submission is not None else ():
        for line in file.text.splitlines():
            assert line.strip() in texts, file.path
    for released in static.course.release.notebooks:
        cells = shown[released.name]
        before = released.document["cells"]
        slots = {slot.index for slot in released.slots}
        for index, cell in enumerate(before):
            assert cells[index]["cell_type"] == cell["cell_type"]
            if index not in slots:
                assert joined(cells[index]["source"]) == joined(cell["source"])
        assert all(not cell["metadata"] for cell in cells[len(before) :])
        assert len({cell["id"] for cell in cells}) == len(cells)


@pytest.mark.parametrize("one", ROWS)
def test_the_notebook(released: Path, notebook: Notebook, one: HandIn) -> None:
    """Does the learner's own check say the same before it is handed in, or say what would be handed in instead?"""
    course = Course(released)
    made = hand_ins.scene(course)
    one.make(made)
    made.write(notebook.place.root)
    _run_cells(notebook, course)
    ran = notebook.run(f"%lab_check {WORDS} --depth static")
    said = f"{ran.out} {ran.error}"
    print(said)  # shown when this fails
    found = re.search(r"pass, (\d+) of \d+ points", ran.out)
    points = int(found[1]) if found else 0
    if not one.differs:
        assert points == one.score
    for words in one.told if one.learner is None else one.learner:
        assert words in said


def _run_cells(notebook: Notebook, course: Course) -> None:
    """Run what the learner wrote, as IPython takes it; the lesson's own demonstrations are left out."""
    lesson = {
        joined(cell["source"])
        for released in course.released().values()
        for cell in released["cells"]
        if not joined(cell["source"]).startswith("%%hcl")
    }
    begins = TransformerManager()
    for file in sorted(notebook.place.root.rglob("*.ipynb")):
        if ".ipynb_checkpoints" in file.parts or file.is_symlink():
            continue
        try:
            cells = read_cells(file.name, file.read_bytes())
        except SubmissionError:
            continue  # nobody could open it, either
        for cell in cells:
            if cell.kind == "code" and cell.source not in lesson and "'hcl'" in begins.transform_cell(cell.source):
                notebook.run(cell.source, cell_id=cell.id or f"{file.name}-{cell.index}")


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.longest
@pytest.mark.full
def test_in_full(released: Path, tmp_path: Path, engine: object, toolchain: object) -> None:
    """Do those whose marks hang on the deployment have one mark too, everything where everything was solved?"""
    course = Course(Path(shutil.copytree(released, tmp_path / "course")))
    made = graded(course, DEPLOYED, "full")
    for name in DEPLOYED:
        _the_same(made, name)
    assert {name: float(made.results[name].score or 0) for name in DEPLOYED[:-1]} == dict.fromkeys(DEPLOYED[:-1], 100.0)
    assert 0 < float(made.results["empty-notebook"].score or 0) < 100


def test_a_class_graded_twice_is_looked_up(static: Graded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is what only differs in outputs and prose not graded again, and what differs in one graded line is?"""
    run = ClassRun(open_course(static.course.root).coursedir, ASSIGNMENT)
    alike = {run.reconstruction(name).digest for name in ALIKE}
    assert len(alike) == 1
    assert len(alike | {run.reconstruction(name).digest for name in UNLIKE}) == 1 + len(UNLIKE)
