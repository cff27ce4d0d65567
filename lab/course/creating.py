"""A new course directory: the package's source notebooks and nbgrader's configuration for them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from lab.course.drawing import SEED
from lab.course.nbgraders import ASSIGNMENT, CONFIG
from lab_env.errors import UsageError
from lab_env.files import PRIVATE_DIRECTORY

_IGNORED = "# What nbgrader makes, and the marks: not for a repository that learners can see.\n"


def new(directory: Path, assignment: Path | None = None) -> tuple[Path, ...]:
    """Write a course into a directory that is empty or not there.

    :param assignment: an instructor's file on what is asked for; its values go into the release, not into the source.
    :return: what was written.
    :raises UsageError: something is there, it cannot be written, or this installation has no notebooks.
    """
    from solutions.corpus import require_solutions

    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} is not empty.", next_step="Name a directory that is not there yet.")
    require_solutions()
    package = files("notebooks")
    sources = {one.name: one.read_bytes() for one in _notebooks(package.joinpath("source", ASSIGNMENT))}
    if assignment is not None:
        sources = _of_assignment(assignment)
    if not sources:
        raise UsageError("This installation holds no notebooks.", next_step="Run `python -m notebooks.build`.")
    target = directory / "source" / ASSIGNMENT
    written = []
    try:
        directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        target.mkdir(parents=True)
        for name, data in sorted(sources.items()):
            written.append(_write(target / name, data))
        written.append(_write(directory / CONFIG, package.joinpath(CONFIG).read_bytes()))
        kept_out = (
            "autograded/",
            "feedback/",
            "release/",
            "submitted/",
            "gradebook.db*",
            ".lab/",
            ".nbgrader.log",
            SEED,
        )
        ignored = _IGNORED + "".join(f"/{name}\n" for name in kept_out)
        written.append(_write(directory / ".gitignore", ignored.encode()))
    except OSError as error:
        raise UsageError(f"Cannot write {directory}: {error.strerror}.", next_step="Name another directory.") from error
    return tuple(written)


def _of_assignment(assignment: Path) -> dict[str, bytes]:
    """The source notebooks with marks in the places of all values, and the file itself: nbgrader releases it with them."""
    from graders.assignment import FILE, OwnPackage, Rules
    from graders.assignment.reading import read_table
    from notebooks.build import texts
    from notebooks.course import course
    from notebooks.edition import Edition

    table = read_table(assignment)
    packages = tuple(OwnPackage(package=own.package, version=own.version) for own in table.requirements)
    edition = Edition(Rules(packages=packages), filled=False)
    made = texts(course(edition=edition), "source", edition)
    return {name: text.encode() for name, text in made.items()} | {FILE: assignment.read_bytes()}


def _notebooks(directory: Traversable) -> Iterable[Traversable]:
    return [one for one in directory.iterdir() if one.name.endswith(".ipynb")] if directory.is_dir() else []


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
