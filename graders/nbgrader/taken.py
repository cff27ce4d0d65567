"""What a submission comes to, read as `lab grade` reads it, and the cells that are shown: in a worker process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from graders.rubric.credentials.json_text import credentials_in_json
from graders.rubric.credentials.text import credentials_in, is_prose
from lab_env.errors import SubmissionError
from lab_env.line_numbers import LineNumbers
from lab_env.submission import SourceFile, Submission
from lab_env.submission.limits import MAX_FILE_BYTES, Collector, is_notebook
from lab_env.submission.load import build, collect
from lab_env.submission.model import digest as digest_of
from lab_env.submission.notebooks import Cell, path_of, read_cells
from lab_env.text import parsed_json

MAX_CELLS = 400
"""Cells that are kept to be shown, of all notebooks together; a right hand-in has seven."""
_MAX_LEAKS = 200


@dataclass(frozen=True)
class TakenCell:
    """A cell of the learner's that is read as a file, or that stands for an answer.

    :param notebook: its notebook's path in the submission; ``index`` is its place there, from 0.
    :param kind: ``code``, ``markdown`` or ``raw``.
    :param path: the file that it writes; None when nothing of it is read.
    """

    notebook: str
    index: int
    kind: str
    grade_id: str
    path: str | None
    text: str


@dataclass(frozen=True)
class Taken:
    """One submission.

    :param submission: as the grader reads it; None when it cannot be graded, and then ``refusal`` says why.
    :param cells: in the notebooks' and their own order.
    :param notebooks: every notebook that was handed in, by path: why it could not be read, or an empty text.
    :param digest: the same for what is graded alike: outputs and prose change it only where they hold a credential.
    """

    submission: Submission | None
    refusal: SubmissionError | None
    cells: tuple[TakenCell, ...] = ()
    notebooks: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""


def take(directory: Path, id: str, wanted: frozenset[str]) -> Taken:
    """Read ``submitted/<student>/<assignment>``; a refusal is part of the answer.

    :param wanted: nbgrader's ids of the cells that the release has learners write, or gives them as files.
    """
    try:
        collected, notes = collect(directory, id=id)
    except SubmissionError as error:
        return Taken(None, error, digest=_marked(error.message, ()))
    notebooks: dict[str, str] = {}
    cells: list[TakenCell] = []
    for name in sorted(path for path in collected.files if is_notebook(path)):
        try:
            cells += _shown(name, read_cells(name, collected.files[name]), wanted)
            notebooks[name] = ""
        except SubmissionError as error:
            notebooks[name] = error.message
    notebooks |= {path: error.message for path, error in collected.oversized.items()}
    kept = tuple(cells[:MAX_CELLS])
    try:
        submission = build(collected, id, notes)
    except SubmissionError as error:
        return Taken(None, error, kept, notebooks, _marked(error.message, _everything(collected)))
    return Taken(submission, None, kept, notebooks, _graded(submission))


def _shown(name: str, cells: Iterable[Cell], wanted: frozenset[str]) -> Iterator[TakenCell]:
    for cell in cells:
        if cell.word is None and cell.grade_id not in wanted:
            continue
        try:
            path = None if cell.word is None else path_of(cell, name)
        except SubmissionError:
            path = None  # the submission is refused for it
        # A lone surrogate is legal in JSON and in no file: it becomes a question mark.
        text = cell.source[:MAX_FILE_BYTES].encode("utf-8", "replace").decode()
        yield TakenCell(name, cell.index, cell.kind, cell.grade_id if cell.grade_id in wanted else "", path, text)


def _everything(collected: Collector) -> Iterator[SourceFile]:
    yield from (SourceFile(path, data) for path, data in collected.files.items())
    yield from (SourceFile(path, error.message.encode()) for path, error in collected.oversized.items())


def _marked(message: str, files: Iterable[SourceFile]) -> str:
    """The digest of what is refused, so that the next attempt is known to be another one."""
    return digest_of([*files, SourceFile("", message.encode("utf-8", "replace"))], ())


def _graded(submission: Submission) -> str:
    files = [SourceFile(file.path, file.data) for file in submission.files]
    for file in submission.ignored:
        read = "\n".join(_leaks(file)).encode() if is_notebook(file.path) else file.data
        if read or not is_notebook(file.path):
            files.append(SourceFile(file.path, read))
    files.append(SourceFile("", str(len(submission.ignored)).encode()))  # a verdict says how many were looked through
    return digest_of(files, submission.links, dict(submission.unread))


def _leaks(file: SourceFile) -> Iterator[str]:
    """What the rubric finds in the text of a notebook's other cells and outputs, and where."""
    text = file.text
    lines = LineNumbers(text)
    for offset, what in islice(credentials_in(text, prose=is_prose(file.path), path=file.path), _MAX_LEAKS):
        words = hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()
        yield f"{lines.of(offset)} {words}"
    yield from (f"value {key}" for key in islice(credentials_in_json(parsed_json(text)), _MAX_LEAKS))
