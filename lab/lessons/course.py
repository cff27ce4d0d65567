"""The lessons as the released notebooks have them: prose, files to write, checks, questions, commands and experiments.

An installation of a learner's has the released notebooks and no other form of the lessons, so they are what is read, everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lab.words import in_terminal
from lab_env.errors import LabError, UsageError
from lab_env.lesson import STANDARD
from lab_env.lesson import Lesson as Values

if TYPE_CHECKING:
    from lab.working_copy import Progress

_SILENT = ("%load_ext", "%lab_progress")
_STUB = "# YOUR ANSWER"


@dataclass(frozen=True)
class Prose:
    """:param markdown: in the words of a terminal."""

    form: ClassVar = "prose"
    markdown: str


@dataclass(frozen=True)
class File:
    """A file of the module.

    :param given: the starter has it; else the learner writes it.
    :param lines: of a given one its text, else what is said about it.
    """

    form: ClassVar = "file"
    path: str
    given: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """:param words: the steps and ids to be checked, as few as say it."""

    form: ClassVar = "check"
    words: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Ask:
    """A question of the course, by its id."""

    form: ClassVar = "ask"
    id: str


@dataclass(frozen=True)
class Run:
    """:param command: what to type."""

    form: ClassVar = "run"
    command: str


@dataclass(frozen=True)
class Experiment:
    """What a notebook shows by a few lines of Python.

    :param id: of its cell; ``lab try ID`` runs it.
    """

    form: ClassVar = "experiment"
    id: str
    source: str


Part = Prose | File | Check | Ask | Run | Experiment


@dataclass(frozen=True)
class Lesson:
    """One lesson; ``number`` is the one in its name, ``NN-name``."""

    number: int
    name: str
    title: str
    parts: tuple[Part, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The requirements that its checks ask for."""
        return tuple(dict.fromkeys(id_ for part in self.parts if isinstance(part, Check) for id_ in part.ids))


def load(values: Values = STANDARD, *, directory: Path | None = None) -> tuple[Lesson, ...]:
    """Read all lessons in their order.

    :param values: what is asked of this learner.
    :param directory: where the notebooks are; the installation's own when left out.
    :raises LabError: they are not there.
    """
    from notebooks.course import RELEASED

    place = directory or RELEASED
    found = tuple(_lesson(path, values) for path in sorted(place.glob("*.ipynb")))
    if not found:
        raise LabError(f"There are no lessons in {place}.", next_step="Install the package secrets-lab again.")
    return found


def one(lessons: Sequence[Lesson], number: int) -> Lesson:
    """Find the lesson of a number.

    :raises UsageError: there is none.
    """
    for lesson in lessons:
        if lesson.number == number:
            return lesson
    raise UsageError(
        f"There is no lesson {number}.",
        next_step=f"The lessons are {lessons[0].number} to {lessons[-1].number}: lab lesson lists them.",
    )


def passed(lesson: Lesson, known: Progress) -> int:
    """Count the lesson's requirements whose last verdict is a pass."""
    return sum(id_ in known.verdicts and known.verdicts[id_].status == "pass" for id_ in lesson.ids)


def where_to_go_on(lessons: Sequence[Lesson], known: Progress) -> Lesson | None:
    """Find the first lesson in which something is left to pass; the first one before the first check, None at the end."""
    if not known.checked:
        return lessons[0]
    return next((lesson for lesson in lessons if passed(lesson, known) < len(lesson.ids)), None)


def _lesson(path: Path, values: Values) -> Lesson:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in document["cells"] if isinstance(cell, dict)]
        parts = tuple(part for cell in cells for part in _parts(cell, values))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabError(
            f"The lesson {path.name} cannot be read ({type(error).__name__}).",
            next_step="Install the package secrets-lab again.",
        ) from None
    title = next(
        (part.markdown.partition("\n")[0].removeprefix("# ") for part in parts if isinstance(part, Prose)), path.stem
    )
    return Lesson(int(path.name[:2]), path.stem, title, parts)


def _parts(cell: Mapping[str, Any], values: Values) -> Iterator[Part]:
    from solutions.wording import in_words_of

    source = cell["source"]
    text = in_words_of(source if isinstance(source, str) else "".join(source), values).strip()
    if cell["cell_type"] == "markdown":
        yield Prose(without_cells(in_terminal(text)))
        return
    lines = text.split("\n")
    first = lines[0]
    if first.startswith("%%hcl "):
        own = cell["metadata"].get("nbgrader", {}).get("solution") is True
        said = tuple(in_terminal(line) for line in lines[1:] if _STUB not in line)
        yield File(first.removeprefix("%%hcl ").strip(), not own, said)
    elif not first.startswith("%"):
        yield Experiment(str(cell["id"]), text)
    else:
        for line in lines:
            if line.strip() and not line.startswith(_SILENT):
                yield _magic(line)


def _magic(line: str) -> Part:
    name, *words = line.split()
    if name == "%lab_check":
        return _check(words)
    if name == "%predict" and words:
        return Ask(words[0])
    return Run(in_terminal(line))


def _check(words: Sequence[str]) -> Check:
    """Say the step where all its requirements are asked for."""
    from graders.assignment import Rules
    from graders.rubric import registry
    from lab.checking import asked_ids

    wanted = tuple(word for word in words if not word.startswith("-"))
    ids = asked_ids(wanted)
    short: list[str] = []
    for id_ in ids:
        step = id_.partition(".")[0]
        whole = {one.id for one in registry(Rules()).requirements if one.step == step} <= set(ids)
        short.append(step if whole else id_)
    return Check(tuple(dict.fromkeys(short)), ids)


_OF_A_NOTEBOOK = (
    (re.compile(r"\ba notebook keeps what its cells print\b"), "a terminal and a log keep what is printed"),
    (re.compile(r"\bRunning its cell writes it into\b"), "The starter has it in"),
    (re.compile(r"\bcells(?= of (?:that|the|this) table\b)"), "entries"),
    (
        re.compile(r"(?<!notebook )\b([Cc])ell(s?)\b"),
        lambda found: f"{'C' if found[1] == 'C' else 'c'}ommand{found[2]}",
    ),
    (re.compile(r"\b([Tt]his|[Ee]ach|[Ee]very|[Nn]ext|[Ll]ast) notebook\b(?! cell)"), r"\1 lesson"),
    (re.compile(r"\ball six notebooks\b"), "your module"),
    (re.compile(r"\b(five|six|other|of the) notebooks\b(?! and)"), r"\1 lessons"),
    (re.compile(r"\b([Nn])otebooks (?=\d)"), lambda found: f"{'L' if found[1] == 'N' else 'l'}essons "),
    (re.compile(r"\| notebook \|"), "| lesson |"),
    # A sentence that has somebody type Python.
    (re.compile(r"(?:^|(?<=[.!?]\s))[^.!?`]*`demos\.[^`]*`[^.!?`]*[.!?]", re.MULTILINE), ""),
    (re.compile(r"\bthis kernel\b"), "the lab"),
)
"""What prose says of notebooks, and what a terminal has in its place."""


def without_cells(markdown: str) -> str:
    """Prose that speaks of commands where a notebook has cells."""
    for pattern, replacement in _OF_A_NOTEBOOK:
        markdown = pattern.sub(replacement, markdown)
    return markdown
