"""A learner's page of one notebook: marks, answers, checklists, comments. Pure: a notebook and its marks in, a page out.

nbconvert's page of the same notebook is 120 kB of style sheets, of which it uses a hundredth, and takes a tenth of a second. For a
class of 300 with six notebooks each that is a quarter of a gigabyte. So the page is ours, and small. It needs nothing but itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from graders.nbgrader.gradebook import Held
from graders.nbgrader.markdown import harmless
from graders.nbgrader.reconstruct import HEADING
from graders.nbgrader.release import joined
from graders.report import pages
from graders.report.excerpts import Colours, Piece, coloured_lines
from lab_env.submission.notebooks import written_by

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_PACKAGE = "graders.nbgrader"
_MOST_SHOWN = 100_000
"""Characters of an answer; the learner has the rest."""
_CLASSES = {"comment": "c", "string": "s", "keyword": "k", "literal": "n"}
_HEADING = re.compile(r"<(/?)h([1-6])\b")
_ANCHOR = re.compile(r'<a class="anchor-link"[^>]*>.*?</a>')
_STYLE = re.compile(r"<style>.*?</style>\s*", re.DOTALL)
_CHECKLIST = '<div class="lab-checklist'
_FIRST_HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)


@dataclass(frozen=True)
class Mark:
    """What a cell earns."""

    score: float
    most: float

    def __str__(self) -> str:
        return f"{self.score:g} of {self.most:g}"


@dataclass(frozen=True)
class Shown:
    """One cell on the page.

    :param kind: ``lesson``, ``answer``, ``check``, ``code`` or ``file``.
    :param heading: of an answer, a check.
    :param path: the file that it writes.
    :param body: what is in it, as markup.
    :param cut: characters of it that are not shown.
    """

    kind: str
    id: str
    heading: str
    path: str | None
    body: Markup
    mark: Mark | None
    comment: Markup | None
    cut: int = 0


@dataclass(frozen=True)
class View:
    """The page. :param penalty: what lateness costs."""

    name: str
    mark: Mark
    penalty: float
    cells: tuple[Shown, ...]


def page(name: str, document: Mapping[str, Any], held: Held | None, *, lesson: bool) -> str:
    """The page's text.

    :param document: the autograded notebook, as JSON.
    :param held: what the gradebook holds of the submission; None: nothing.
    :param lesson: whether the lesson's own text is shown, or its headings only.
    """
    return _template().render(style=_style(), view=_view(name, document, held, lesson=lesson))


def _view(name: str, document: Mapping[str, Any], held: Held | None, *, lesson: bool) -> View:
    grades = {row.cell: row for row in held.grades if row.notebook == name} if held else {}
    comments = {row.cell: row.text for row in held.comments if row.notebook == name} if held else {}
    penalty = dict(held.penalties).get(name) or 0.0 if held else 0.0
    score, most = sum(row.score for row in grades.values()), sum(row.most for row in grades.values())
    colours = Colours()
    cells: list[Shown] = []
    own = _first_of_their_own(document)
    for index, cell in enumerate(document["cells"]):
        if index >= own:
            cells.append(_read_as_well(cell, colours))
            continue
        id_ = str(_ours(cell).get("grade_id", ""))
        row = grades.get(id_)
        mark = Mark(row.score, row.most) if row is not None else None
        said = comments.get(id_)
        comment = _markdown(harmless(said)) if said else None
        cells.extend(_shown(cell, id_, mark, comment, colours, lesson=lesson))
    return View(name, Mark(score - penalty, most), penalty, tuple(cells))


def _shown(
    cell: Mapping[str, Any], id_: str, mark: Mark | None, comment: Markup | None, colours: Colours, *, lesson: bool
) -> Iterator[Shown]:
    ours, source = _ours(cell), joined(cell["source"])
    if ours.get("solution") or ours.get("task"):
        heading = "Task" if ours.get("task") else "Your answer"
        if cell["cell_type"] == "code":
            path, shown, cut = _file(source, colours)
        else:
            path, shown, cut = None, _markdown(source[:_MOST_SHOWN]), max(0, len(source) - _MOST_SHOWN)
        yield Shown("answer", id_, heading, path, shown, mark, comment, cut)
    elif ours.get("grade"):
        yield Shown("check", id_, "Check", None, _checklist(cell, source), mark, comment)
    elif cell["cell_type"] == "markdown":
        text = source if lesson else "\n\n".join(_FIRST_HEADING.findall(source))
        if text:
            yield Shown("lesson", "", "", None, _lesson(text), None, None)
    elif written_by(source)[0] is not None:  # it was given, and is graded as the learner left it
        path, shown, cut = _file(source, colours)
        yield Shown("file", "", "", path, shown, None, None, cut)
    elif lesson:
        yield Shown("code", "", "", None, _code((Piece("", line),) for line in source.split("\n")), None, None)


def _ours(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    return cell["metadata"].get("nbgrader") or {}


def _first_of_their_own(document: Mapping[str, Any]) -> int:
    """Where the cells begin that have no place in the release; behind the last when there are none."""
    return next(
        (
            index
            for index, cell in enumerate(document["cells"])
            if cell["cell_type"] == "markdown" and not _ours(cell) and joined(cell["source"]) == HEADING
        ),
        len(document["cells"]),
    )


def _read_as_well(cell: Mapping[str, Any], colours: Colours) -> Shown:
    """A learner's own cell or file as code, whatever is in it, or the words about it, which are ours."""
    source = joined(cell["source"])
    if cell["cell_type"] == "markdown":
        return Shown("lesson", "", "", None, _lesson(source), None, None)
    path, shown, cut = _file(source, colours)
    return Shown("file", "", "", path, shown, None, None, cut)


def _file(source: str, colours: Colours) -> tuple[str | None, Markup, int]:
    """A cell that writes a file, or such a file: its path where the cell names one, its text, what of it is not shown."""
    body, cut = source[:_MOST_SHOWN], max(0, len(source) - _MOST_SHOWN)
    path, text = written_by(body)
    return path, _code(coloured_lines(body if path is None else text, colours)), cut


def _checklist(cell: Mapping[str, Any], source: str) -> Markup:
    """The checklist that autograding wrote into the cell; of any other output, and where there is none, the cell's text."""
    for output in cell.get("outputs", ()):
        html = joined(output.get("data", {}).get("text/html", ""))
        if html.startswith(_CHECKLIST):
            # The page has the style once, and knows the dark, too.
            return pages.trusted(_STYLE.sub("", html))
    return _code((Piece("", line),) for line in source.split("\n"))


def _code(lines: Iterator[tuple[Piece, ...]] | Sequence[tuple[Piece, ...]] | Any) -> Markup:
    from markupsafe import escape

    # Of a page of code half would be its spans: blanks need none, and what has the text's own colour neither.
    made = "\n".join(
        "".join(
            f"<span class={found}>{escape(piece.text)}</span>"
            if (found := _CLASSES.get(piece.kind))
            else escape(piece.text)
            for piece in line
        )
        for line in lines
    )
    return pages.trusted(f"<pre>{made}</pre>")


@lru_cache(maxsize=512)
def _lesson(text: str) -> Markup:
    """The lesson's own text: the same for everybody. Its headings come below the page's own."""
    html = _ANCHOR.sub("", _rendered(text))
    return pages.trusted(_HEADING.sub(lambda found: f"<{found[1]}h{min(6, int(found[2]) + 1)}", html))


def _markdown(text: str) -> Markup:
    """What a person wrote, made harmless before."""
    return pages.trusted(_ANCHOR.sub("", _rendered(text)))


def _rendered(text: str) -> str:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return str(markdown2html_mistune(text))


@cache
def _template() -> Template:
    return pages.templates((_PACKAGE, "graders.report")).get_template("feedback.html.j2")


@cache
def _style() -> Markup:
    return pages.style_of(pages.templates((_PACKAGE, "graders.report")), ("feedback.css",))
