"""A course directory in a test: its notebooks, and the ways in which somebody hands them in.

Cells are found by the file that they write, so that the lesson's prose may change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.nbgrader.release import Release, joined, read_release
from notebooks.course import ASSIGNMENT

Notebook = dict[str, Any]
Change = Callable[[Notebook], None]


@dataclass(frozen=True)
class Course:
    """An nbgrader course directory, released.

    :param root: where ``nbgrader_config.py`` is.
    """

    root: Path

    @property
    def release(self) -> Release:
        return read_release(self.root / "release" / ASSIGNMENT, ASSIGNMENT)

    def released(self) -> dict[str, Notebook]:
        """The notebooks as a learner gets them, by name."""
        return _read(self.root / "release" / ASSIGNMENT)

    def solved(self) -> dict[str, Notebook]:
        """The released notebooks with the reference's answers in their cells."""
        source = _read(self.root / "source" / ASSIGNMENT)
        made = self.released()
        for name, notebook in made.items():
            for cell, solution in zip(notebook["cells"], source[name]["cells"], strict=True):
                if cell["metadata"].get("nbgrader", {}).get("solution"):
                    cell["source"] = without_markers(joined(solution["source"]))
        return made

    def submitted(self, student: str) -> Path:
        """Where the student's submission is."""
        return self.root / "submitted" / student / ASSIGNMENT

    def hand_in(self, student: str, notebooks: Mapping[str, Notebook], timestamp: str | None = None) -> Path:
        """Write a submission."""
        directory = self.submitted(student)
        directory.mkdir(parents=True, exist_ok=True)
        for name, notebook in notebooks.items():
            (directory / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        if timestamp is not None:
            (directory / "timestamp.txt").write_text(f"{timestamp}\n")
        return directory

    def autograded(self, student: str, name: str) -> Notebook:
        """A notebook as autograding left it."""
        path = self.root / "autograded" / student / ASSIGNMENT / f"{name}.ipynb"
        found: Notebook = json.loads(path.read_text(encoding="utf-8"))
        return found

    def feedback(self, student: str, name: str) -> str:
        """The page that a learner gets."""
        return (self.root / "feedback" / student / ASSIGNMENT / f"{name}.html").read_text(encoding="utf-8")


def submit(inbound: Path, course: Course, student: str, when: str = "2026-11-20 10:00:00") -> Path:
    """What `nbgrader submit` leaves there."""
    directory = inbound / f"{student}+{ASSIGNMENT}+{when} UTC"
    directory.mkdir()
    for name, notebook in course.solved().items():
        (directory / f"{name}.ipynb").write_text(json.dumps(notebook))
    (directory / "timestamp.txt").write_text(f"{when} UTC")
    return directory


def cell(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    """The first cell of this id."""
    found: dict[str, Any] = next(
        one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )
    return found


def cell_writing(notebooks: Mapping[str, Notebook], path: str) -> dict[str, Any]:
    """The answer cell that writes this file."""
    magic = f"%%hcl {path}"
    found: dict[str, Any] = next(
        one
        for notebook in notebooks.values()
        for one in notebook["cells"]
        if joined(one["source"]).split("\n", 1)[0] == magic and one["metadata"]["nbgrader"]["solution"]
    )
    return found


def replace(cell: dict[str, Any], old: str, new: str) -> None:
    """Edit a cell's text; ``old`` occurs in it."""
    text = joined(cell["source"])
    assert old in text
    cell["source"] = text.replace(old, new)


def code(source: str, **metadata: Any) -> dict[str, Any]:
    """A code cell."""
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def markdown(source: str, **metadata: Any) -> dict[str, Any]:
    """A Markdown cell."""
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def without_markers(source: str) -> str:
    """A source cell's text without the lines that mark the solution."""
    return "\n".join(
        line for line in source.split("\n") if "### BEGIN SOLUTION" not in line and "### END SOLUTION" not in line
    )


def _read(directory: Path) -> dict[str, Notebook]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(directory.glob("*.ipynb"))}
