"""``%%hcl PATH``: a cell that is a file of the workspace, and what is wrong with it at the cell's own line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lab.output.problem import Problem
from lab.output.view import View
from lab_env.advice import Advice, Said, explain
from lab_env.errors import LabError
from lab_env.text import counted, one_line, visible

if TYPE_CHECKING:
    from lab.session.cells import Assembled, Cells
    from lab.session.place import NotebookDirectory

_SHOWN = 5


class HclCellError(LabError):
    """What the cell holds cannot be used; it was written all the same, as the cell is what is handed in."""

    exit_code = 1


@dataclass(frozen=True)
class ProblemsView(View):
    """The problems of a file, each with its line and a caret below the place; the first of them in full."""

    template: ClassVar = "hcl_problems.html.j2"
    path: str
    problems: tuple[Problem, ...]

    @property
    def shown(self) -> tuple[Problem, ...]:
        return self.problems[:_SHOWN]

    @property
    def hidden(self) -> int:
        """How many more there are."""
        return len(self.problems) - len(self.shown)

    def lines(self) -> Iterator[str]:
        """Give the text form, line by line."""
        for problem in self.shown:
            yield one_line(f"✗ {problem.where} ({self.path}): {problem.text}")
            if problem.number is not None:
                yield f"{problem.number:>5} | {problem.quoted}"
                if problem.pointer:
                    yield f"      | {problem.pointer}"
            yield from problem.explained()
        if self.hidden:
            yield f"… and {counted(self.hidden, 'more problem')}."


def write(
    place: NotebookDirectory, cells: Cells, word: str, body: str, cell_id: str | None
) -> tuple[str, tuple[Problem, ...]]:
    """Write the file that a cell is part of.

    :param word: the path as the cell's first line has it.
    :param body: what follows the first line.
    :return: what was done, in a sentence or two, and what is wrong with the file.
    :raises UsageError: the path is none that a cell may write, or it cannot be written.
    """
    from lab.session.place import inside
    from lab_env.submission.notebooks import body_lines

    path = inside(word)
    made = cells.assemble(path, body_lines(body), cell_id)
    place.write(path, made.text)
    cells.remember(path, made)
    return _told(path, made), tuple(_problems(place, path, made))


def refused(path: str, problems: tuple[Problem, ...]) -> HclCellError:
    """Make the error that tells the first problem in one line."""
    first = problems[0]
    more = f" ({counted(len(problems) - 1, 'more problem')})" if len(problems) > 1 else ""
    return HclCellError(f"{first.where[:1].upper()}{first.where[1:]} ({path}): {one_line(first.text)}{more}")


def _told(path: str, made: Assembled) -> str:
    lines = sum(len(part) for part in made.parts)
    of = f", from {len(made.parts)} cells of {made.notebook}" if len(made.parts) > 1 else ""
    told = f"Written: {path}, {counted(lines, 'line')}{of}."
    if made.replaced:
        told += (
            " It replaces what another cell had written to this path. If both are to count, save the notebook and run this "
            "cell again."
        )
    return told


def _problems(place: NotebookDirectory, path: str, made: Assembled) -> Iterator[Problem]:
    """Find Terraform's own words on the syntax; when it has none, what the gate does not allow in this file."""
    from graders.gate.agreement import first_problems
    from lab_env.hcl.terraform_parser import shared_parser

    # Of a template the gate says what is wrong as soon as the module reads it.
    syntax = shared_parser().problems({path: made.text}) if path.endswith(".tf") else ()
    for found in first_problems(syntax, {path: made.text}):
        advice = _advice(made, Said(found.summary, found.detail, path, found.line), {path: made.text})
        yield _at(made, found.line, f"{found.text.rstrip('.')}.", found.column, advice)
    if not syntax:
        texts = {one: place.text(one) or "" for one in place.paths()}
        for line, message in _not_allowed(place, path):
            yield _at(made, line, message, advice=_advice(made, Said(message, path=path, line=line), texts))


def _advice(made: Assembled, said: Said, texts: Mapping[str, str]) -> Advice | None:
    """Explain an error in the words of the cell: its lines are not those of the file."""
    return explain(said, texts, name_line=lambda line: _name(made, line) or f"line {line} of the file")


def _name(made: Assembled, line: int) -> str | None:
    place = made.cell_line(line)
    if place is None:
        return None
    mine = place.part == made.mine + 1
    return f"line {place.line} of {'this cell' if mine else f'another cell of {place.notebook}'}"


def _not_allowed(place: NotebookDirectory, path: str) -> Iterator[tuple[int | None, str]]:
    from graders import gate
    from lab_env.errors import SubmissionError
    from lab_env.submission import load_submission

    try:
        report = gate.check(load_submission(place.files))
    except SubmissionError as error:
        if error.path in (None, path):
            yield error.line, str(error)
        return
    for found in report.violations:
        # What is wrong with the module as a whole, which may be half written yet, is said by %lab_check.
        if found.path == path and (found.line is not None or path in found.summary):
            yield found.line, found.summary


def _at(
    made: Assembled, line: int | None, text: str, column: int | None = None, advice: Advice | None = None
) -> Problem:
    place = None if line is None else made.cell_line(line)
    where = None if line is None else _name(made, line)
    if place is None or line is None or where is None:
        return Problem("this cell", text, advice=advice)
    lines = made.text.split("\n")
    raw = lines[line - 1] if line <= len(lines) else ""
    quoted = visible(raw)
    # Where a character had to be made visible, columns are not what they were.
    caret = None if column is None or quoted != raw else min(column - 1, len(quoted))
    return Problem(where, text, place.line, quoted, caret, advice)
