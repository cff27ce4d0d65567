"""How a lesson is written: one Markdown file, ``lessons/NN-name.md``, becomes one notebook.

Everything is Markdown but fenced blocks whose info string is one of ours; they become code cells::

    ```hcl given path=modules/secrets/variables.tf id=variables-given solution=modules/secrets/variables.tf
    ```

    ```hcl answer path=modules/secrets/kms.tf id=kms-answer solution=modules/secrets/kms.tf
    # Lines here are given to the learner; the reference's text follows them, between nbgrader's markers.
    ```

    ```check ids="kms.key kms.rotation" id=kms-check
    ```

    ```run id=first-plan expect="3 to add"
    %terraform plan
    ```

``hcl given``
    A locked cell ``%%hcl PATH``: the block's lines, then the file that ``solution`` names.
``hcl answer``
    The learner's cell ``%%hcl PATH``. ``solution`` names a file of ``solutions/reference/``; ``blocks`` (addresses, such as
    ``"aws_secretsmanager_secret.database"``) takes only those blocks of it, each with the comment above it.
``check``
    A locked cell ``%lab_check IDS`` that carries the points of these requirements. What ``also`` names is checked with them, and
    its points are another cell's: a rule that holds for every file is asked for wherever one is written.
``run``
    A locked cell with the block's lines. ``expect`` (any number of them) is a regular expression that the cell's outputs
    must match when the solved course is run: what the text says one will see, as something a test can assert.

Any other fenced block (``text``, ``json``, plain ``hcl`` …) stays Markdown. A stretch of Markdown is one cell; each heading of
the first or second level begins a new one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lab_env.errors import LabError
from lab_env.lesson import MARKS, marks
from notebooks.edition import Edition

Kind = Literal["text", "given", "answer", "check", "run"]

_NAME = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MARKER = re.compile(r"(BEGIN|END) SOLUTION")
_OURS = frozenset({"check", "run"})
_ATTRIBUTES: Mapping[Kind, tuple[frozenset[str], frozenset[str]]] = {
    "given": (frozenset({"id", "path"}), frozenset({"solution", "blocks"})),
    "answer": (frozenset({"id", "path", "solution"}), frozenset({"blocks"})),
    "check": (frozenset({"id", "ids"}), frozenset({"also"})),
    "run": (frozenset({"id"}), frozenset({"expect"})),
}
"""Of each kind: the attributes it must have, and those it may have."""


class LessonError(LabError):
    """A lesson's source is wrong: says what, with file and line."""

    exit_code = 2

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path.name}, line {line}: {message}", next_step="Correct the lesson and build again.")
        self.path = path
        self.line = line


@dataclass(frozen=True)
class Cell:
    """One cell as it is written.

    :param id: unique in the lesson; of a text cell made from its heading.
    :param line: 1-based, in the lesson's file.
    :param source: of a text its Markdown, of the others the block's lines.
    :param path: the file that a ``given`` or ``answer`` cell writes.
    :param solution: a file of the reference, with ``blocks`` only these blocks of it.
    :param requirements: the ids that a ``check`` cell holds.
    :param also: ids that it asks for besides, whose points it does not hold.
    :param expect: regular expressions that a ``run`` cell's outputs must match.
    """

    kind: Kind
    id: str
    line: int
    source: str
    path: str | None = None
    solution: str | None = None
    blocks: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    expect: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """One lesson's file, read. ``name`` is ``NN-name``, ``title`` its one first-level heading."""

    name: str
    path: Path
    title: str
    cells: tuple[Cell, ...]


def read_lesson(path: Path, edition: Edition = Edition()) -> Lesson:
    """Read a lesson.

    :param edition: for whom; its values go into the places of the marks.
    :raises LessonError: it is not written as this module says.
    """
    if _NAME.fullmatch(path.stem) is None:
        raise LessonError(path, 1, "a lesson is named NN-name.md, in small letters and with hyphens.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(path, 1, f"it cannot be read ({error}).") from None
    for number, line in enumerate(text.split("\n"), start=1):
        for name in marks(line):
            if name not in MARKS:
                known = ", ".join(MARKS)
                raise LessonError(path, number, f"{{{{lesson.{name}}}}} stands for nothing; there are {known}.")
    return _Reader(path, edition.text(text.replace("\r\n", "\n"))).lesson()


@dataclass
class _Reader:
    path: Path
    text: str
    cells: list[Cell] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)
    heading: str = ""

    def lesson(self) -> Lesson:
        from markdown_it import MarkdownIt

        lines = self.text.split("\n")
        tokens = MarkdownIt("commonmark").parse(self.text)
        title = ""
        begin = 0
        for position, token in enumerate(tokens):
            if token.level != 0 or token.map is None:
                continue
            first, end = token.map
            if token.type == "heading_open" and token.tag in ("h1", "h2"):
                self._text(lines, begin, first)
                begin = first
                self.heading = tokens[position + 1].content
                if token.tag == "h1":
                    if title:
                        raise LessonError(
                            self.path, first + 1, "a lesson has one first-level heading, this is another."
                        )
                    title = self.heading
            elif token.type == "fence":
                words = self._words(token.info, first + 1)
                kind = _kind(words)
                if kind is None:
                    continue
                if not lines[end - 1].strip().startswith(token.markup) or end - 1 == first:
                    raise LessonError(self.path, first + 1, "this block has no end.")
                self._text(lines, begin, first)
                begin = end
                self.cells.append(self._block(kind, words, token.content.rstrip("\n"), first + 1))
        self._text(lines, begin, len(lines))
        if not title:
            raise LessonError(self.path, 1, "a lesson begins with a first-level heading, its title.")
        return Lesson(self.path.stem, self.path, title, tuple(self.cells))

    def _words(self, info: str, line: int) -> list[str]:
        start = info.split(maxsplit=2)
        if not start or (start[0] not in _OURS and start[:2] not in (["hcl", "given"], ["hcl", "answer"])):
            if start[:1] == ["hcl"] and "=" in info:
                raise LessonError(self.path, line, f"{info!r} is neither an `hcl given` nor an `hcl answer` block.")
            return []
        try:
            return shlex.split(info)
        except ValueError as error:
            raise LessonError(self.path, line, f"the words after the fence cannot be read ({error}).") from None

    def _text(self, lines: Sequence[str], begin: int, end: int) -> None:
        while begin < end and not lines[begin].strip():
            begin += 1
        text = "\n".join(lines[begin:end]).rstrip()
        if not text:
            return
        self._refuse_markers(text, begin + 1)
        self.cells.append(Cell("text", self._text_id(), begin + 1, text))

    def _text_id(self) -> str:
        """Take the id from the heading it stands under, so that an edit elsewhere in the lesson does not move it."""
        words = re.sub(r"[^a-z0-9]+", "-", self.heading.lower()).strip("-") or "text"
        stem = f"{self.path.stem[:2]}-{words[:40].strip('-')}"
        self.used[stem] = self.used.get(stem, 0) + 1
        return stem if self.used[stem] == 1 else f"{stem}-part-{self.used[stem]}"

    def _block(self, kind: Kind, words: Sequence[str], source: str, line: int) -> Cell:
        found = self._attributes(kind, words, line)
        self._refuse_markers(source, line)
        ids = tuple(found.get("ids", [""])[0].split())
        if kind == "check" and (not ids or source):
            raise LessonError(self.path, line, "a check block names requirements in ids and has no lines of its own.")
        if kind == "run" and not source.strip():
            raise LessonError(self.path, line, "a run block has no lines to run.")
        if kind == "given" and not source.strip() and "solution" not in found:
            raise LessonError(self.path, line, "an `hcl given` block has neither lines nor a solution.")
        for expression in found.get("expect", []):
            try:
                re.compile(expression)
            except re.error as error:
                raise LessonError(
                    self.path, line, f"expect={expression!r} is no regular expression ({error})."
                ) from None
        return Cell(
            kind,
            found["id"][0],
            line,
            source,
            path=found.get("path", [None])[0],
            solution=found.get("solution", [None])[0],
            blocks=tuple(found.get("blocks", [""])[0].split()),
            requirements=ids,
            also=tuple(found.get("also", [""])[0].split()),
            expect=tuple(found.get("expect", [])),
        )

    def _attributes(self, kind: Kind, words: Sequence[str], line: int) -> dict[str, list[str]]:
        required, optional = _ATTRIBUTES[kind]
        found: dict[str, list[str]] = {}
        for word in words[2 if kind in ("given", "answer") else 1 :]:
            name, equals, value = word.partition("=")
            if not equals or not value:
                raise LessonError(self.path, line, f"{word!r} is not of the form name=value.")
            if name not in required | optional:
                known = ", ".join(sorted(required | optional))
                raise LessonError(self.path, line, f"a {kind} block has no attribute {name!r}; it knows {known}.")
            if name in found and name != "expect":
                raise LessonError(self.path, line, f"{name} is given twice.")
            found.setdefault(name, []).append(value)
        for name in sorted(required - found.keys()):
            raise LessonError(self.path, line, f"a {kind} block needs {name}=….")
        id_ = found["id"][0]
        if _ID.fullmatch(id_) is None or len(id_) > 60:
            raise LessonError(self.path, line, f"the id {id_!r} is not in small letters, digits and hyphens.")
        if any(cell.id == id_ for cell in self.cells):
            raise LessonError(self.path, line, f"the id {id_} is used twice.")
        return found

    def _refuse_markers(self, text: str, line: int) -> None:
        for number, content in enumerate(text.split("\n")):
            if _MARKER.search(content):
                raise LessonError(
                    self.path, line + number, "nbgrader's solution markers are written by the build alone."
                )


def _kind(words: Sequence[str]) -> Kind | None:
    match list(words[:2]):
        case ["hcl", "given"]:
            return "given"
        case ["hcl", "answer"]:
            return "answer"
        case ["check", *_]:
            return "check"
        case ["run", *_]:
            return "run"
    return None


def lessons(directory: Path, edition: Edition = Edition()) -> Iterator[Lesson]:
    """Read the lessons of a directory, in the order of their numbers.

    :raises LessonError: one of them is not well written.
    """
    for path in sorted(directory.glob("*.md")):
        yield read_lesson(path, edition)
