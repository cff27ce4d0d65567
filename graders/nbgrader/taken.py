"""The answers in one notebook, by the ids of their cells: a pure function of its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graders.nbgrader.kept import read_document
from graders.nbgrader.release import joined


@dataclass(frozen=True)
class Taken:
    """What was taken from one notebook.

    :param answers: text by grade id; an answer's cell that is not there has none.
    :param twice: the grade ids of answers that more than one cell claimed; the first one counts.
    """

    answers: Mapping[str, str]
    twice: frozenset[str] = frozenset()


def take(name: str, data: bytes, wanted: frozenset[str]) -> Taken:
    """:param name: the notebook's, for the message.

    :param wanted: the grade ids of the release's answers.
    :raises SubmissionError: it is no notebook.
    """
    answers: dict[str, str] = {}
    twice = set()
    for cell in read_document(name, data)["cells"]:
        if not isinstance(cell, dict):
            continue
        metadata = cell.get("metadata")
        ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        id_ = ours.get("grade_id") if isinstance(ours, dict) else None
        if not isinstance(id_, str) or id_ not in wanted:
            continue
        if id_ in answers:
            twice.add(id_)
        else:
            # A lone surrogate is legal in JSON and in no file: it becomes a question mark.
            answers[id_] = joined(cell.get("source")).encode("utf-8", "replace").decode()
    return Taken(answers, frozenset(twice))
