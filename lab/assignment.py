"""What is asked of whoever works in a directory: an ``assignment.toml`` that lies in it, with their own values where there are any.

Whose values they are is what the learner, or a hub, says; that decides texts and checks on the learner's own machine alone. Grading
takes it from the place of the submission.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lab import working_copy
from lab_env import settings
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.assignment import Assignment, Rules

_STUDENT = "student"


def read(root: Path, *, file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Assignment | None:
    """Read what is asked of the learner who works in a directory; None: the standard lesson.

    :param file: what says it; the ``assignment.toml`` in the directory when left out.
    :raises UsageError: the file is not understood, or each learner has values of their own and nobody has said whose these are.
    """
    from graders.assignment import FILE, UnlistedError, read_assignment

    own = (root / FILE).is_file()
    if file is None and not own:
        return None
    found = read_assignment(file or root / FILE)
    if found.variants is None:
        return found
    # `lab up` remembers somebody only where it finds their values.
    say_who = "Run `lab up --student ID` with" if own else f"Set {settings.STUDENT.name} to"
    student = _remembered(root) or settings.STUDENT.read(environ) or settings.HUB_USER.read(environ)
    if not student:
        raise UsageError(
            "In this course each learner has values of their own, and the lab does not know who you are.",
            next_step=f"{say_who} the id that your course knows you by.",
        )
    try:
        return found.alone(student)
    except UnlistedError:
        raise UsageError(
            f"{student} is not in this course's variants.csv.",
            next_step=f"{say_who} the id that your course knows you by, or ask your instructor.",
        ) from None


def rules(root: Path) -> Rules:
    """What the checks in a directory go by.

    :raises UsageError: see :func:`read`.
    """
    from graders.assignment import Rules

    found = read(root)
    return found.rules("") if found is not None else Rules()


def remember(root: Path, student: str) -> None:
    """Remember who works in a directory, once it is known that there are values for them.

    :raises UsageError: there are none, or it cannot be written down.
    """
    from graders.assignment import FILE
    from lab_env.files import write_output

    before = _remembered(root)
    write_output(working_copy.memory(root) / _STUDENT, f"{student}\n")
    try:
        if not (root / FILE).is_file():
            raise UsageError(
                f"There is no {FILE} in {root}, so all learners have the same values here.",
                next_step="Leave --student out, or name the directory of the released notebooks with --dir.",
            )
        read(root)
    except UsageError:
        if before:
            write_output(working_copy.memory(root) / _STUDENT, f"{before}\n")
        else:
            (working_copy.memory(root) / _STUDENT).unlink()
        raise


def _remembered(root: Path) -> str:
    try:
        return (root / working_copy.MEMORY / _STUDENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
