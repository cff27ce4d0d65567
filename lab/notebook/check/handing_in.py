"""What would be handed in: the saved notebooks, where they are not what was checked, or hold what nobody reads.

A check looks at the files that cells have written when they were run. What is handed in is the notebooks' directory as it is saved,
and that is read here by the reader that everybody is graded by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lab_env.errors import SubmissionError
from lab_env.text import listed

if TYPE_CHECKING:
    from graders.assignment import Rules
    from graders.model import SubmissionResult
    from lab.session.place import NotebookDirectory
    from lab_env.submission import Submission

_CODE = re.compile(r"^[ \t]*[^\s#/]", re.MULTILINE)


def remarks(place: NotebookDirectory, checked: SubmissionResult, rules: Rules) -> tuple[str, ...]:
    """What a learner should know before handing in, a sentence each; nothing where no notebook is saved.

    :param checked: the verdicts on what the cells have written.
    :param rules: what was asked there.
    """
    from lab_env.submission import load_submission

    if not any(place.root.glob("*.ipynb")):
        return ()
    try:
        saved = load_submission(place.root, id=checked.id)
    except SubmissionError as error:
        return (f"As they are saved, these notebooks would not be graded: {error}",)
    return (*saved.notes, *(tuple(_differences(place, saved)) or tuple(_verdicts(saved, checked, rules))))


def _differences(place: NotebookDirectory, saved: Submission) -> Iterator[str]:
    """Where the files are not those that were checked."""
    written = {path: place.text(path) or "" for path in place.paths()}
    handed = {file.path: file.text for file in saved.files}
    if gone := sorted(path for path in written.keys() - handed.keys() if _CODE.search(written[path])):
        yield f"Not handed in, as no saved notebook writes it: {listed(gone)}. Save the notebook whose cell does."
    if other := sorted(path for path in written.keys() & handed.keys() if not _same(written[path], handed[path])):
        yield f"Handed in otherwise than it was checked: {listed(other)}. Save its notebook, and run its cell again."
    # A cell that holds no more than the comment it came with belongs to a later lesson.
    if more := sorted(path for path in handed.keys() - written.keys() if _CODE.search(handed[path])):
        yield f"Handed in, and not checked here: {listed(more)}. Run its cell, or take it out."


def _same(one: str, other: str) -> bool:
    return [line.rstrip() for line in one.rstrip().splitlines()] == [
        line.rstrip() for line in other.rstrip().splitlines()
    ]


def _verdicts(saved: Submission, checked: SubmissionResult, rules: Rules) -> Iterator[str]:
    """What is judged otherwise although the files are the same: a leak in another cell, a link beside the notebooks."""
    from graders.grade import grade
    from graders.model import Depth, Status, SubmissionStatus

    found = grade(saved, depth=Depth.STATIC, rules=rules).result
    if found.status is not SubmissionStatus.GRADED:
        if checked.status is SubmissionStatus.GRADED:
            yield f"As it is saved, it would be {found.status.value}: {found.reason}"
        return
    fine = {row.id for row in checked.requirements if row.status is not Status.FAIL}
    for row in found.requirements:
        if row.status is Status.FAIL and row.id in fine:
            yield f"As it is saved, {row.id} would fail: {row.message}"
