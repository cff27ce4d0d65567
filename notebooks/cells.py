"""A lesson's cells as notebook cells: nbgrader's metadata (schema 3), stable ids, and the two forms of a notebook.

``source``
    What nbgrader releases from: the reference between the solution markers.
``solved``
    The same without the markers, to be run or graded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from graders.assignment import Rules
from graders.model import Points
from notebooks.edition import Edition
from notebooks.reference import solution_text
from notebooks.source_format import Cell, Lesson

Form = Literal["source", "solved"]
Notebook = dict[str, Any]
"""A notebook in the file format's own terms (nbformat 4.5)."""

NBGRADER_SCHEMA = 3
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def notebook(lesson: Lesson, form: Form, edition: Edition = Edition()) -> Notebook:
    """Make the notebook of a lesson, the same for the same lesson, reference and rubric.

    :param edition: for whom the lesson was read.
    :raises RubricError: it names a text of the reference that does not exist.
    """
    return {
        "cells": [_cell(cell, form, edition) for cell in lesson.cells],
        "metadata": {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
            "secrets_lab": {"lesson": lesson.name},
            "title": lesson.title,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def written(made: Notebook) -> str:
    """Write a notebook as the file's text, as Jupyter writes it."""
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def points(requirements: Iterable[str], rules: Rules = Rules()) -> Points:
    """Add up what these requirements are worth, as the rubric has it."""
    from graders.rubric import registry

    return sum(registry(rules).get(id_).points for id_ in requirements)


def _cell(cell: Cell, form: Form, edition: Edition) -> dict[str, Any]:
    source = cell.source if cell.kind == "text" else _code(cell, form, edition)
    common = {"id": cell.id, "metadata": _metadata(cell, edition.rules), "source": source.splitlines(keepends=True)}
    if cell.kind == "text":
        return {"cell_type": "markdown", **common}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **common}


def _code(cell: Cell, form: Form, edition: Edition) -> str:
    if cell.kind == "run":
        return cell.source
    if cell.kind == "check":
        return f"%lab_check {' '.join((*cell.requirements, *cell.also))}"
    lines = [f"%%hcl {cell.path}"]
    if cell.source:
        lines.append(cell.source)
    if cell.solution is not None:
        text = edition.solution(solution_text(cell.solution, cell.blocks))
        marked = cell.kind == "answer" and form == "source"
        lines += [BEGIN, text, END] if marked else [text]
    return "\n".join(lines)


def _metadata(cell: Cell, rules: Rules) -> dict[str, Any]:
    answer, check = cell.kind == "answer", cell.kind == "check"
    nbgrader: dict[str, Any] = {
        "grade": check,
        "grade_id": cell.id,
        "locked": not answer,
        "schema_version": NBGRADER_SCHEMA,
        "solution": answer,
        "task": False,
    }
    ours: dict[str, Any] = {}
    if check:
        nbgrader["points"] = points(cell.requirements, rules)
        ours["requirements"] = list(cell.requirements)
    return {"nbgrader": nbgrader, **({"secrets_lab": ours} if ours else {})}
