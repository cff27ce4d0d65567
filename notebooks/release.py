"""What a learner gets: the course's notebooks without their solutions, made by nbgrader's own steps in this process.

It is what ``nbgrader generate_assignment`` writes (a test compares), without a course directory and without a gradebook:
the steps come from the converter, as configured in ``nbgrader_config.py``, and only the one that fills the gradebook is
left out. ``python -m notebooks.release DIR`` puts the notebooks that are missing into a directory.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab_env.errors import LabError, UsageError
from notebooks.course import HERE, RELEASED, SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbformat import NotebookNode

_CONFIG = "nbgrader_config.py"


def names() -> tuple[str, ...]:
    """List the course's notebooks in the order of the lesson, without ``.ipynb``.

    :raises UsageError: this installation has none.
    """
    found = tuple(sorted({path.stem for place in (SOURCE, RELEASED) for path in place.glob("*.ipynb")}))
    if not found:
        raise UsageError(
            "This installation holds no notebooks.",
            next_step="Put the released notebooks that your instructor gave you into the working copy.",
        )
    return found


def released(name: str) -> NotebookNode:
    """Make the notebook as a learner gets it: no solutions, no outputs, locked cells locked, checksums written.

    :param name: without ``.ipynb``.
    :raises UsageError: there is no such notebook.
    """
    import nbformat

    path = SOURCE / f"{name}.ipynb"
    if not path.is_file() and (ready := RELEASED / path.name).is_file():
        found: NotebookNode = nbformat.read(ready, as_version=nbformat.current_nbformat)
        return found
    if not path.is_file():
        raise UsageError(f"The course has no notebook {name!r}.", next_step=f"Take one of {', '.join(names())}.")
    made: NotebookNode = nbformat.read(path, as_version=nbformat.current_nbformat)
    resources: dict[str, Any] = {"unique_key": name, "metadata": {"path": str(SOURCE)}}
    for step in _steps():
        made, resources = step(made, resources)
    return made


def text(name: str) -> str:
    """Find the file of a released notebook.

    :raises UsageError: there is no such notebook.
    """
    import nbformat

    return str(nbformat.writes(released(name))).rstrip("\n") + "\n"


def put(directory: Path) -> tuple[str, ...]:
    """Write the released notebooks that are not in ``directory`` yet; what is there is the learner's and is not touched.

    A learners' installation holds no sources but the released notebooks, or its instructor has put those there.

    :return: the names of those that were written.
    :raises UsageError: the directory cannot be written to, or there are no notebooks, neither there nor in the installation.
    """
    held = any(True for place in (SOURCE, RELEASED) for _ in place.glob("*.ipynb"))
    if not held and any(directory.glob("*.ipynb")):
        return ()
    written = []
    for name in names():
        path = directory / f"{name}.ipynb"
        if path.exists() or path.is_symlink():
            continue
        try:
            if _write_new(path, text(name)):
                written.append(name)
        except OSError as error:
            raise UsageError(
                f"Cannot write {path}: {error.strerror}.", next_step="Work in a directory that you may write to."
            ) from error
    return tuple(written)


def _write_new(path: Path, text: str) -> bool:
    """Write a file that is not there, whole or not at all; False: it is there, so somebody else's stays."""
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(text)
    except BaseException:  # an interrupt too: half a notebook would pass for the learner's own from now on
        path.unlink(missing_ok=True)
        raise
    return True


def _steps() -> list[Any]:
    """Make nbgrader's preprocessors of a release, ready to be called."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import SaveCells
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader(_CONFIG, path=str(HERE)).load_config()
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    return [step(parent=converter) for step in converter.preprocessors if step is not SaveCells]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m notebooks.release",
        description="Put the notebooks that learners get into DIR; none is overwritten.",
    )
    parser.add_argument("directory", type=Path, metavar="DIR")
    try:
        put(parser.parse_args(arguments).directory)
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
