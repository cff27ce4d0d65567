"""Builds the course: ``python -m notebooks.build``.

Without an option the notebooks under ``notebooks/source/`` are written, and those under ``notebooks/released/``, which a learner's
package has in their place: each whole or not at all. What is there and is not a lesson's any more is removed. The same lessons
give the same bytes, so ``--check`` only has to compare.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from graders.assignment import read_assignment
from lab_env.errors import LabError, UsageError
from notebooks.cells import Form, notebook, written
from notebooks.course import LESSONS, RELEASED, SOURCE, course
from notebooks.edition import Edition, edition_of
from notebooks.source_format import Lesson
from solutions.corpus import require_solutions


def texts(read: Sequence[Lesson], form: Form, edition: Edition = Edition()) -> dict[str, str]:
    """Make the notebooks' texts by file name."""
    return {f"{lesson.name}.ipynb": written(notebook(lesson, form, edition)) for lesson in read}


def outdated(wanted: Mapping[str, str], directory: Path) -> tuple[str, ...]:
    """Name the files that are missing, differ, or are there and should not be."""
    there = {path.name: path.read_text(encoding="utf-8") for path in directory.glob("*.ipynb")}
    return tuple(sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)))


def write(wanted: Mapping[str, str], directory: Path, *, suffix: str = ".ipynb") -> None:
    """Write these files and remove other ones with the suffix; a file that is right already is left alone.

    :raises UsageError: the directory cannot be written to.
    """
    from lab_env.files import write_output

    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Cannot write {directory}: {error.strerror}.", next_step="Name another directory.") from error
    for path in directory.glob(f"*{suffix}"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = directory / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_output(path, text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code: 0 done or current, 1 not current, 2 a lesson or the call is wrong."""
    options = _options().parse_args(arguments)
    try:
        if options.lessons == LESSONS:
            require_solutions()
        edition = edition_of(None if options.assignment is None else read_assignment(options.assignment))
        read = course(options.lessons, edition)
        if options.solved is not None:
            _refuse_foreign(options.solved, ".ipynb", {f"{lesson.name}.ipynb" for lesson in read})
            write(texts(read, "solved", edition), options.solved)
        if options.released is not None:
            ready = _released(edition)
            _refuse_foreign(options.released, ".ipynb", ready.keys())
            write(ready, options.released)
        if options.reading is not None:
            from notebooks.reading import pages

            made = pages(read)
            _refuse_foreign(options.reading, ".html", made.keys())
            write(made, options.reading, suffix=".html")
        if options.check:
            wrong = outdated(texts(read, "source", edition), options.output)
            if options.output == SOURCE and not wrong:
                wrong = outdated(_released(edition), RELEASED)
            return _told(wrong)
        if options.solved is None and options.released is None and options.reading is None:
            write(texts(read, "source", edition), options.output)
            if options.output == SOURCE:
                write(_released(edition), RELEASED)
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _released(edition: Edition) -> dict[str, str]:
    from notebooks import release

    with release.sources_of(edition) as source:
        return {f"{name}.ipynb": release.text(name, source) for name in release.names()}


def _refuse_foreign(directory: Path, suffix: str, names: Collection[str]) -> None:
    """Refuse a directory of the user's own, which may hold work of theirs: nothing in it is removed."""
    foreign = sorted(path.name for path in directory.glob(f"*{suffix}") if path.name not in names)
    if foreign:
        raise UsageError(
            f"{directory} holds {foreign[0]}, which is not of the course.", next_step="Name an empty directory."
        )


def _told(names: Sequence[str]) -> int:
    for name in names:
        print(f"{name} is not what the lessons give. Run: python -m notebooks.build", file=sys.stderr)
    return 1 if names else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m notebooks.build", description="Builds the course's notebooks.")
    parser.add_argument("--check", action="store_true", help="only say whether the notebooks are current")
    parser.add_argument("--solved", type=Path, metavar="DIR", help="write the solved notebooks there")
    parser.add_argument("--released", type=Path, metavar="DIR", help="write the notebooks as learners get them there")
    parser.add_argument("--reading", type=Path, metavar="DIR", help="write pages for reading there: content only")
    parser.add_argument("--assignment", type=Path, metavar="FILE", help="ask for what this file says")
    parser.add_argument("--lessons", type=Path, default=LESSONS, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, default=SOURCE, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
