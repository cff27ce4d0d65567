"""A new course directory: the package's source notebooks and nbgrader's configuration for them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from lab.course.nbgraders import ASSIGNMENT, CONFIG
from lab_env.errors import UsageError

_IGNORED = "# What nbgrader makes, and the marks: not for a repository that learners can see.\n"


def new(directory: Path) -> tuple[Path, ...]:
    """Write a course into a directory that is empty or not there.

    :return: what was written.
    :raises UsageError: something is there, it cannot be written, or this installation has no notebooks.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} is not empty.", next_step="Name a directory that is not there yet.")
    package = files("notebooks")
    sources = sorted(_notebooks(package.joinpath("source", ASSIGNMENT)), key=lambda one: one.name)
    if not sources:
        raise UsageError("This installation holds no notebooks.", next_step="Run `python -m notebooks.build`.")
    target = directory / "source" / ASSIGNMENT
    written = []
    try:
        target.mkdir(parents=True)
        for source in sources:
            written.append(_write(target / source.name, source.read_bytes()))
        written.append(_write(directory / CONFIG, package.joinpath(CONFIG).read_bytes()))
        kept_out = ("autograded/", "feedback/", "release/", "submitted/", "gradebook.db*", ".lab/", ".nbgrader.log")
        ignored = _IGNORED + "".join(f"/{name}\n" for name in kept_out)
        written.append(_write(directory / ".gitignore", ignored.encode()))
    except OSError as error:
        raise UsageError(f"Cannot write {directory}: {error.strerror}.", next_step="Name another directory.") from error
    return tuple(written)


def _notebooks(directory: Traversable) -> Iterable[Traversable]:
    return [one for one in directory.iterdir() if one.name.endswith(".ipynb")] if directory.is_dir() else []


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
