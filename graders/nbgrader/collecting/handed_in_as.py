"""What a platform called each learner when their submission was collected: the way back for marks and feedback.

``.lab/marks/<assignment>/handed-in-as.json`` in the course directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from graders.model import Frozen
from lab_env.files import PRIVATE, write_output


class HandedInAs(Frozen):
    """One learner's name on the platform.

    :param id: Canvas's ``<name>_<user>``, Moodle's ``<full name>_<number>``.
    :param files: Canvas's own names of the files, which it knows the learner by when they come back; none from Moodle.
    """

    id: str
    files: tuple[str, ...] = ()


class _Known(Frozen):
    students: Mapping[str, HandedInAs] = Field(default_factory=dict)


def read(path: Path) -> dict[str, HandedInAs]:
    """By the course's ids; nothing where nothing is known."""
    try:
        return dict(_Known.model_validate_json(path.read_bytes()).students)
    except (OSError, ValidationError):
        return {}


def write(path: Path, students: Mapping[str, HandedInAs]) -> None:
    """Keep what is known.

    :raises UsageError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = _Known(students=dict(sorted(students.items())))
    write_output(path, known.model_dump_json(indent=1) + "\n", mode=PRIVATE)
