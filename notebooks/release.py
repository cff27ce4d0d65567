"""What a learner gets: the course's notebooks without their solutions, made by nbgrader's own steps in this process.

It is what ``nbgrader generate_assignment`` writes (a test compares), without a course directory and without a gradebook:
the steps come from the converter, as configured in ``nbgrader_config.py``, and only the one that fills the gradebook is
left out. ``python -m notebooks.release DIR`` puts the notebooks that are missing into a directory.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab_env import settings
from lab_env.errors import LabError, UsageError
from notebooks.course import HERE, LESSONS, RELEASED, SOURCE
from notebooks.edition import Edition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


def released(name: str, source: Path = SOURCE) -> NotebookNode:
    """Make the notebook as a learner gets it: no solutions, no outputs, locked cells locked, checksums written.

    :param name: without ``.ipynb``.
    :param source: where the source notebooks are.
    :raises UsageError: there is no such notebook.
    """
    import nbformat

    path, ready = source / f"{name}.ipynb", RELEASED / f"{name}.ipynb"
    if not path.is_file() and ready.is_file() and Path(name).name == name:
        found: NotebookNode = nbformat.read(ready, as_version=nbformat.current_nbformat)
        return found
    if not path.is_file():
        raise UsageError(f"The course has no notebook {name!r}.", next_step=f"Take one of {', '.join(names())}.")
    made: NotebookNode = nbformat.read(path, as_version=nbformat.current_nbformat)
    resources: dict[str, Any] = {"unique_key": name, "metadata": {"path": str(source)}}
    for step in _steps():
        made, resources = step(made, resources)
    return made


def text(name: str, source: Path = SOURCE) -> str:
    """Find the file of a released notebook.

    :param source: where the source notebooks are.
    :raises UsageError: there is no such notebook.
    """
    import nbformat

    return str(nbformat.writes(released(name, source))).rstrip("\n") + "\n"


@contextmanager
def sources_of(edition: Edition) -> Iterator[Path]:
    """Make the source notebooks of an edition, in a directory that is gone afterwards; the standard one's are there already."""
    from notebooks.build import texts, write
    from notebooks.course import course

    if edition == Edition() or not any(LESSONS.glob("*.md")):
        yield SOURCE
        return
    with tempfile.TemporaryDirectory(prefix="secrets-lab-sources-") as directory:
        write(texts(course(edition=edition), "source", edition), Path(directory))
        yield Path(directory)


def put(directory: Path, edition: Edition = Edition()) -> tuple[str, ...]:
    """Write the released notebooks that are not in ``directory`` yet; what is there is the learner's and is not touched.

    :param edition: what they ask for.
    A learners' installation holds no sources but the released notebooks, or its instructor has put those there.

    :return: the names of those that were written.
    :raises UsageError: the directory cannot be written to, or there are no notebooks, neither there nor in the installation.
    """
    held = any(True for place in (SOURCE, RELEASED) for _ in place.glob("*.ipynb"))
    if not held and any(directory.glob("*.ipynb")):
        return ()
    paths = {name: directory / f"{name}.ipynb" for name in names()}
    missing = {name: path for name, path in paths.items() if not (path.exists() or path.is_symlink())}
    written = []
    with sources_of(edition) if missing else nullcontext(SOURCE) as source:
        for name, path in missing.items():
            try:
                if _write_new(path, text(name, source)):
                    written.append(name)
            except OSError as error:
                raise UsageError(
                    f"Cannot write {path}: {error.strerror}.", next_step="Work in a directory that you may write to."
                ) from error
    return tuple(written)


def put_for(directory: Path, file: Path, student: str | None) -> tuple[str, ...]:
    """Put the notebooks that an instructor's file asks for into a directory, with the file; where learners have own values, theirs.

    :param student: whose; the hub's user when left out.
    :raises UsageError: the file is not understood, or there are no values for the student.
    """
    from graders.assignment import FILE, read_assignment, variants
    from lab_env.files import write_output
    from notebooks.edition import edition_of
    from notebooks.filling import fill_notebooks

    asked = read_assignment(file)
    written = put(directory, edition_of(asked))
    write_output(directory / FILE, file.read_text(encoding="utf-8-sig"))
    if asked.variants is not None:
        write_output(directory / variants.FILE, file.with_name(variants.FILE).read_text(encoding="utf-8-sig"))
        who = student or settings.STUDENT.read() or settings.HUB_USER.read()
        if not who:
            raise UsageError(
                f"{file} gives each learner values of their own.", next_step="Say whose with --student ID."
            )
        fill_notebooks(directory, asked.alone(who).lesson)
    return written


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
    parser.add_argument(
        "--assignment", type=Path, metavar="FILE", help="ask for what this file says; it is put there, too"
    )
    parser.add_argument(
        "--student", metavar="ID", help="whose values go into the notebooks; the hub's user when left out"
    )
    options = parser.parse_args(arguments)
    try:
        if options.assignment is None:
            put(options.directory)
        else:
            put_for(options.directory, options.assignment, options.student)
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
