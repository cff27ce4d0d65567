"""Feedback through nbgrader's exchange: an instructor and learners, each an account with a home, a cache and files of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from notebooks.course import ASSIGNMENT
from tests.conftest import missing
from tests.graders.nbgrader.course import Course, Notebook, cell_writing, replace
from tests.graders.nbgrader.exchange import accounts

pytestmark = pytest.mark.slow
COURSE = "secrets-lab"
SCORE = re.compile(r'<p class="total">([\d.]+) of ([\d.]+) points')
NAMES = (
    "00-where-secrets-leak",
    "01-kms-key",
    "02-shell-secret",
    "03-ignore-changes",
    "04-ecs-and-iam",
    "05-whole-module",
)


@dataclass(frozen=True)
class Person:
    """Somebody at this machine.

    :param home: theirs alone.
    :param before: the words by which a program is started as their account.
    :param only: how their id is told where they have no account of their own.
    """

    name: str
    home: Path
    before: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def run(self, *words: str, code: int | None = 0) -> str:
        """A program of theirs in their home, and all that it said."""
        done = subprocess.run(
            [*self.before, sys.executable, "-m", *words],
            cwd=self.home,
            env={
                "HOME": str(self.home),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(Path(__file__).parents[3]),
                "LANG": "C.UTF-8",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert code is None or done.returncode == code, said
        return said

    def nbgrader(self, *words: str, code: int | None = 0) -> str:
        """nbgrader as they call it."""
        return self.run("nbgrader", *words, code=code)

    def learns(self, *words: str) -> str:
        """nbgrader on the assignment, as a learner."""
        return self.nbgrader(*words, ASSIGNMENT, *self.only)

    def owns(self, path: Path) -> None:
        """Give them a directory and what is in it."""
        if self.before:
            for one in (path, *path.rglob("*")):
                shutil.chown(one, self.name)


@dataclass(frozen=True)
class Place:
    """An exchange, its course, and the people."""

    exchange: Path
    course: Course
    instructor: Person
    ann: Person
    ben: Person

    def lab(self, *words: str, code: int = 0) -> str:
        """``lab course`` as the instructor."""
        return self.instructor.run("lab.cli", "course", *words, code=code)


@pytest.fixture
def place() -> Iterator[Place]:
    """Real accounts of this system where the tests are run as root, else one account and ids that are told."""
    root = Path(tempfile.mkdtemp(prefix="people-"))  # pytest's own directories are closed to others
    try:
        root.chmod(0o755)
        exchange = root / "exchange"
        exchange.mkdir()
        exchange.chmod(0o777)
        yield _place(root, exchange, _people(root))
    finally:
        shutil.rmtree(root)


def _people(root: Path) -> list[Person]:
    if os.geteuid() != 0:
        return [_person(root, name, only=("--student", name)) for name in ("instructor", "ann", "ben")]
    people = []
    for account in accounts(3):
        words = ("setpriv", "--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups", "--")
        people.append(_person(root, account.pw_name, before=(*_reachable(root), *words)))
    return people


_WITH_INTERPRETER = """
mount --bind "$1" "$2" && mount -t tmpfs -o mode=755 none "$3" && mkdir -p "$1" && mount --bind "$2" "$1" || exit 1
shift 3
exec "$@"
"""


def _reachable(root: Path) -> tuple[str, ...]:
    """The words before a program by which every account can start this interpreter, where it lies in root's own home.

    In a view of the file system of their own there is nothing in that home but the interpreter.
    """
    closed = [one for one in Path(sys.base_prefix).resolve().parents if not one.stat().st_mode & stat.S_IXOTH]
    if not closed:
        return ()
    aside = root / "interpreter"
    aside.mkdir(exist_ok=True)
    base = Path(sys.base_prefix).resolve()
    words = ("unshare", "--mount", "sh", "-c", _WITH_INTERPRETER, "sh", str(base), str(aside), str(closed[-1]))
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        missing(f"no other account can start {sys.executable}, and root may not mount here")
    return words


def _person(root: Path, name: str, *, before: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> Person:
    home = root / "homes" / name
    home.mkdir(parents=True)
    person = Person(name, home, before, only)
    person.owns(home)
    home.chmod(0o700)
    return person


def _place(root: Path, exchange: Path, people: list[Person]) -> Place:
    instructor, ann, ben = people
    for learner, includes in ((ann, False), (ben, True)):
        settings = learner.home / "nbgrader_config.py"
        settings.write_text(
            "c = get_config()\n"
            f"c.CourseDirectory.course_id = {COURSE!r}\n"
            f"c.Exchange.root = {str(exchange)!r}\n"
            f"c.Exchange.path_includes_course = {includes}\n"
        )
    instructor.run("lab.cli", "course", "new", str(instructor.home / "course"))
    course = Course(instructor.home / "course")
    config = course.root / "nbgrader_config.py"
    config.write_text(
        config.read_text().replace('depth = "full"', 'depth = "static"') + f"\nc.Exchange.root = {str(exchange)!r}\n"
    )
    return Place(exchange, course, instructor, ann, ben)


def work(learner: Person, includes: bool = False) -> Path:
    """Where the learner's copy of the assignment is."""
    return learner.home / COURSE / ASSIGNMENT if includes else learner.home / ASSIGNMENT


def write(learner: Person, directory: Path, notebooks: dict[str, Notebook]) -> None:
    """Save notebooks, as the learner."""
    for name, notebook in notebooks.items():
        (directory / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    learner.owns(directory)


def pages(directory: Path) -> dict[str, dict[str, str]]:
    """What a learner has fetched: by the time of the submission, by notebook."""
    return {
        one.name: {path.stem: path.read_text(encoding="utf-8") for path in one.glob("*.html")}
        for one in sorted((directory / "feedback").iterdir())
    }


def points(found: dict[str, str]) -> float:
    """The sum of the scores that the pages show."""
    return sum(float(match[1]) for page in found.values() if (match := SCORE.search(page)))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_feedback_comes_back(place: Place) -> None:
    """Fetched, submitted, collected, graded, released, fetched: has each learner the pages of each of their submissions?"""
    ann, ben, course = place.ann, place.ben, place.course
    place.lab("release", "--dir", "course", "--exchange")
    due = "2020-01-01 00:00:00 UTC"
    place.instructor.nbgrader("db", "assignment", "add", ASSIGNMENT, "--duedate", due, "--CourseDirectory.root=course")
    for learner in (ann, ben):
        learner.learns("fetch_assignment")
    solved = course.solved()
    write(ann, work(ann), solved)
    write(ben, work(ben, True), course.released())
    for learner in (ann, ben):
        learner.learns("submit")
    place.lab("collect", "--dir", "course")
    place.lab("autograde", "--dir", "course")
    said = place.lab("feedback", "--dir", "course", "--exchange")
    assert "There is feedback for 2 students." in said
    assert "In the exchange: that of 2 students." in said
    assert "(feedback ready to be fetched)" in ann.learns("list", "--cached")
    for learner in (ann, ben):
        learner.learns("fetch_feedback")
    (first,) = pages(work(ann)).values()
    (bens,) = pages(work(ben, True)).values()
    assert set(first) == set(bens) == set(NAMES)
    assert first == {name: course.feedback(ann.name, name) for name in NAMES}
    assert bens == {name: course.feedback(ben.name, name) for name in NAMES}
    assert points(first) > points(bens) == 0
    feedback = place.exchange / COURSE / "feedback"
    assert mode(feedback) == 0o711
    assert {mode(path) for path in feedback.iterdir()} == {0o644}
    assert len(list(feedback.iterdir())) == 2 * len([*NAMES, "index"])

    # Handed in again and worse; plain nbgrader this time. What was given for the first one stays.
    replace(cell_writing(solved, "modules/secrets/placeholder.tf"), "ignore_changes", "# ignore_changes")
    write(ann, work(ann), {name: notebook for name, notebook in solved.items() if name != "05-whole-module"})
    (work(ann) / "05-whole-module.ipynb").unlink()
    ann.learns("submit")
    for step in (("collect", "--update"), ("autograde",), ("generate_feedback",), ("release_feedback",)):
        place.instructor.nbgrader(
            step[0], ASSIGNMENT, *step[1:], "--CourseDirectory.root=course", "--config=course/nbgrader_config.py"
        )
    ann.learns("fetch_feedback")
    ben.learns("fetch_feedback")
    earlier, later = pages(work(ann)).values()
    assert earlier == first
    assert set(later) == set(NAMES) - {"05-whole-module"}
    assert points(later) < points(first)
    (again,) = pages(work(ben, True)).values()
    assert points(again) == 0
