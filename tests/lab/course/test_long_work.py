"""`lab course autograde` and `feedback` as long work: what shows, what an interrupt leaves, what is not done again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders.nbgrader import gradebook
from lab.course import steps
from lab.course.nbgraders import ASSIGNMENT, open_course
from lab_env.lesson import Lesson, fill
from tests.graders.nbgrader.conftest import course as course
from tests.graders.nbgrader.conftest import released as released
from tests.graders.nbgrader.course import Course, cell_writing, replace
from tests.nested import nested

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
STUDENTS = ("ann", "ben", "cleo", "dan")
PATIENCE_S = 240


@pytest.fixture
def handed_in(course: Course) -> Course:
    """Four who handed in, no two alike."""
    for student in STUDENTS:
        notebooks = course.solved()
        answer = cell_writing(notebooks, "modules/secrets/kms.tf")
        answer["source"] += f"\n# {student}\n"
        course.hand_in(student, notebooks, "2026-11-20 10:00:00 UTC")
    return course


class Running:
    """A verb in a process of its own, and what it says."""

    def __init__(self, *words: object, said: Path) -> None:
        self.said = said
        with said.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lab.cli", *map(str, words)], stdout=subprocess.DEVNULL, stderr=stream
            )

    def text(self) -> str:
        return self.said.read_text()

    def wait_for(self, words: str) -> None:
        """Wait until it has said so."""
        deadline = time.monotonic() + PATIENCE_S
        while words not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.01)

    def interrupted(self, number: signal.Signals) -> str:
        """Its last line after this signal."""
        self.process.send_signal(number)
        assert self.process.wait(PATIENCE_S) == 130, self.text()
        return self.text().splitlines()[-1]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start a verb."""
    running: list[Running] = []

    def started(*words: object) -> Running:
        running.append(Running(*words, said=tmp_path / f"said-{len(running)}"))
        return running[-1]

    yield started
    for one in running:
        one.process.kill()
        one.process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_autograding_goes_on(
    handed_in: Course, start: Callable[..., Running], number: signal.Signals
) -> None:
    """Does an interrupt in nbgrader's part keep who is done and say so, and does the same command do the others alone?"""
    words = ("course", "autograde", "--depth", "static", "--dir", handed_in.root)
    run = start(*words)
    run.wait_for("in the gradebook (")
    line = run.interrupted(number)
    assert "Traceback" not in run.text()
    done = run.text().count("in the gradebook (")
    assert done < len(STUDENTS)
    assert line == (
        f"interrupted: of 4 submissions 4 are graded and {done} in the gradebook, and stay so; "
        "run the same command to go on from there."
    )
    assert {path.name for path in (handed_in.root / "autograded").iterdir() if any(path.iterdir())} <= set(STUDENTS)
    rest = steps.autograde(handed_in.root, depth="static")
    assert rest.unchanged == done
    assert len({row.mark for row in rest.rows}) == 1
    shutil.rmtree(handed_in.root / ".lab")
    assert steps.autograde(handed_in.root, depth="static").rows == rest.rows


def test_interrupted_while_the_class_is_graded(
    handed_in: Course, start: Callable[..., Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Are verdicts that were told before Ctrl-C read back by the next run, though nothing was in the gradebook?"""
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path / "state"))
    words = ("course", "autograde", "--depth", "static", "--dir", handed_in.root)
    run = start(*words)
    run.wait_for(": graded, ")
    line = run.interrupted(signal.SIGINT)
    told = [one.split(":")[0] for one in run.text().splitlines() if ": graded, " in one]
    assert told
    assert line.startswith("interrupted: of 4 submissions "), run.text()
    assert int(line.split()[4]) >= len(told)
    assert "are graded and 0 in the gradebook" in line
    again = start(*words)
    assert again.process.wait(PATIENCE_S) == 0
    unchanged = [one.split(":")[0] for one in again.text().splitlines() if "(unchanged, " in one]
    assert set(told) <= set(unchanged)


def test_interrupted_feedback_goes_on(handed_in: Course, start: Callable[..., Running]) -> None:
    """Does Ctrl-C keep the pages that are made, say how many, and does the same command make only the others?"""
    steps.autograde(handed_in.root, depth="static")
    run = start("course", "feedback", "--dir", handed_in.root)
    run.wait_for("pages made (")
    line = run.interrupted(signal.SIGINT)
    done = run.text().count("pages made (")
    assert line == (
        f"interrupted: the pages of {done} of 4 learners are made, and stay; run the same command to make the others."
    )
    rest = steps.feedback(handed_in.root)
    assert (rest.students, rest.unchanged) == (STUDENTS, done)


def _files(root: Path, *places: str) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, path.read_bytes())
        for place in places
        for path in sorted((root / place).rglob("*"))
        if path.is_file()
    }


def _marked_by_hand(course: Course) -> None:
    with gradebook.opened(open_course(course.root).coursedir) as book:
        grade = book.find_submission(ASSIGNMENT, "ben").notebooks[1].grades[0]
        grade.manual_score, grade.needs_manual_grade = 1.0, False
        book.db.commit()


def _auto_mark_edited(course: Course) -> None:
    with gradebook.opened(open_course(course.root).coursedir) as book:
        book.find_submission(ASSIGNMENT, "ben").notebooks[1].grades[0].auto_score = 99.0
        book.db.commit()


def _autograded_edited(course: Course) -> None:
    path = course.root / "autograded" / "ben" / ASSIGNMENT / "01-kms-key.ipynb"
    path.chmod(0o644)
    path.write_text(path.read_text() + " ")


def _autograded_gone(course: Course) -> None:
    (course.root / "autograded" / "ben" / ASSIGNMENT / "05-whole-module.ipynb").unlink()


def _handed_in_again(course: Course) -> None:
    notebooks = course.solved()
    replace(cell_writing(notebooks, "modules/secrets/kms.tf"), "deletion_window_in_days", "deletion_window_in_day")
    course.hand_in("ben", notebooks, "2026-11-21 10:00:00 UTC")


def _prose_of_the_learner(course: Course) -> None:
    """What no verdict depends on is handed in all the same."""
    path = course.submitted("ben") / "01-kms-key.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"]["mine"] = "1"
    path.write_text(json.dumps(notebook))


def _due_date(course: Course) -> None:
    with gradebook.opened(open_course(course.root).coursedir) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-19 10:00:00 UTC")


def _assignment_rules(course: Course) -> None:
    """Another name for the secret is asked for."""
    (course.root / "source" / ASSIGNMENT / "assignment.toml").write_text('[names]\nsecret = "orders-login"\n')


def _late_plugin(course: Course) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")


@pytest.mark.parametrize(
    ("change", "done_again"),
    [
        (_marked_by_hand, 1),
        (_auto_mark_edited, 1),
        (_autograded_edited, 1),
        (_autograded_gone, 1),
        (_handed_in_again, 1),
        (_prose_of_the_learner, 1),
        (_due_date, 4),
        (_late_plugin, 4),
        (_assignment_rules, 4),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_what_has_changed_is_done_again(
    autograded: Path, tmp_path: Path, change: Callable[[Course], None], done_again: int
) -> None:
    """Is nobody converted again without a reason, and with each reason whoever it is about, to what a course from nothing says?"""
    mine = Course(Path(shutil.copytree(autograded, tmp_path / "course")))
    steps.autograde(mine.root, depth="static")  # in its new place
    before = _files(mine.root, "autograded")
    unchanged = steps.autograde(mine.root, depth="static")
    assert unchanged.unchanged == len(STUDENTS)
    assert _files(mine.root, "autograded") == before
    change(mine)
    after = steps.autograde(mine.root, depth="static")
    assert after.unchanged == len(STUDENTS) - done_again
    shutil.rmtree(mine.root / ".lab" / "marks" / ASSIGNMENT / "settled")
    whole = steps.autograde(mine.root, depth="static")
    assert whole.unchanged == 0
    assert after.rows == whole.rows


PACKAGE = """
from graders.model import Layer
from graders.rubric.requirement import failed, passed, requirement


@requirement("house.rule", points=10, layer=Layer.HCL, hints=("a", "b", "c"))
def rule(facts):
    \"\"\"It holds.\"\"\"
    return passed("seen", "expected", "because", [facts.whole_module("seen")])
"""


def test_an_edited_package_judges_again(tmp_path: Path) -> None:
    """Is nobody unchanged when a check of the instructor's own package was edited, under the same version?"""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    packages = venv / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    ours = [str(ROOT), *(one for one in sys.path if one.endswith("-packages"))]
    (packages / "ours.pth").write_text("\n".join(ours) + "\n")
    metadata = packages / "house_rules-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[secrets_lab.requirements]\nrules = house_rules\n")
    (packages / "house_rules.py").write_text(PACKAGE)
    asked = tmp_path / "assignment.toml"
    asked.write_text('[[requirements]]\npackage = "house-rules"\nversion = "1.0"\n')
    mine = Course(tmp_path / "course")

    def lab(*words: object) -> str:
        line = [venv / "bin" / "python", "-m", "lab.cli", "course", *map(str, words)]
        return subprocess.run(line, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    lab("new", mine.root, "--assignment", asked)
    lab("release", "--dir", mine.root)
    mine.hand_in("ann", json.loads(fill(json.dumps(mine.solved()), Lesson())))
    autograde = ("autograde", "--depth", "static", "--dir", mine.root)
    (first, *_) = lab(*autograde).splitlines()
    assert "1 submission unchanged" in lab(*autograde)
    (packages / "house_rules.py").write_text(PACKAGE.replace("passed(", "failed("))
    after, *others = lab(*autograde).splitlines()
    assert not any("unchanged" in line for line in others)
    assert after != first


@pytest.fixture(scope="module")
def autograded(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four, autograded."""
    mine = Course(Path(shutil.copytree(released, tmp_path_factory.mktemp("autograded") / "course")))
    for student in STUDENTS:
        notebooks = mine.solved()
        cell_writing(notebooks, "modules/secrets/kms.tf")["source"] += f"\n# {student}\n"
        mine.hand_in(student, notebooks, "2026-11-20 10:00:00 UTC")
    steps.autograde(mine.root, depth="static")
    return mine.root


def test_pages_are_made_again_only_for_a_reason(autograded: Path, tmp_path: Path) -> None:
    """Are pages left alone while mark, comment and notebook are the same, and made again when somebody comments?"""
    mine = Course(Path(shutil.copytree(autograded, tmp_path / "course")))
    assert steps.feedback(mine.root).unchanged == 0
    before = _files(mine.root, "feedback")
    (mine.root / "feedback" / "ann" / ASSIGNMENT / "mine.html").write_text("somebody else's")
    assert steps.feedback(mine.root).unchanged == len(STUDENTS)
    after = _files(mine.root, "feedback")
    assert {path for path, was in before.items() if after[path] != was} <= {
        f"feedback/{student}/{ASSIGNMENT}/index.html" for student in STUDENTS
    }
    with gradebook.opened(open_course(mine.root).coursedir) as book:
        comment = book.find_submission(ASSIGNMENT, "ben").notebooks[1].comments[0]
        comment.manual_comment = "Good: <script>alert(1)</script> *rotation* is on."
        book.db.commit()
    assert steps.feedback(mine.root).unchanged == len(STUDENTS) - 1
    page = mine.feedback("ben", "01-kms-key")
    assert "<em>rotation</em> is on" in page
    assert "<script" not in page
    (mine.root / "feedback" / "cleo" / ASSIGNMENT / "01-kms-key.html").write_text("edited")
    assert steps.feedback(mine.root).unchanged == len(STUDENTS) - 1
    assert mine.feedback("cleo", "01-kms-key") != "edited"
    (mine.root / "feedback" / "dan" / ASSIGNMENT / "timestamp.txt").unlink()
    assert steps.feedback(mine.root).unchanged == len(STUDENTS) - 1
    assert (mine.root / "feedback" / "dan" / ASSIGNMENT / "timestamp.txt").is_file()


def test_notebooks_where_nbgrader_does_not_look(autograded: Path, tmp_path: Path) -> None:
    """Are notebooks a directory deeper, and none at all, graded, in the gradebook, given a page, and unchanged the next time?"""
    mine = Course(Path(shutil.copytree(autograded, tmp_path / "course")))
    whole = {row.student: row.mark for row in steps.autograde(mine.root, depth="static").rows}
    deeper = mine.submitted("ann") / "my work"
    deeper.mkdir()
    for path in mine.submitted("ann").glob("*.ipynb"):
        path.rename(deeper / path.name)
    for path in mine.submitted("ben").glob("*.ipynb"):
        path.unlink()
    done = steps.autograde(mine.root, depth="static")
    assert done.unchanged == 2
    marks = {row.student: row.mark for row in done.rows}
    assert marks["ann"] == whole["ann"]
    assert marks["ben"] is not None
    assert marks["ben"].score == 0
    assert steps.autograde(mine.root, depth="static").unchanged == len(STUDENTS)
    pages = steps.feedback(mine.root)
    assert (pages.students, pages.unchanged, pages.without) == (STUDENTS, 0, ())
    assert steps.feedback(mine.root).unchanged == len(STUDENTS)


def test_a_hostile_directory_has_an_end(autograded: Path, tmp_path: Path) -> None:
    """Is a submission with a pipe, links and thousands of files graded, and never taken for unchanged where it cannot be known?
    Does one that is nested without an end cost nobody else a thing?"""
    mine = Course(Path(shutil.copytree(autograded, tmp_path / "course")))
    handed = mine.submitted("ann")
    os.mkfifo(handed / "pipe")
    (handed / "link").symlink_to("/etc/passwd")
    many = handed / "many"
    many.mkdir()
    for number in range(2_100):
        (many / str(number)).touch()
    with nested(mine.submitted("ben")):
        steps.autograde(mine.root, depth="static")
        again = steps.autograde(mine.root, depth="static")
    assert (len(again.rows), again.unchanged) == (4, 2)
    assert {row.student: row.status.value for row in again.rows} == {
        "ann": "rejected",
        "ben": "waiting",
        "cleo": "graded",
        "dan": "graded",
    }
    (told,) = again.left_out
    assert told.startswith("ben: autograding did not end well")
