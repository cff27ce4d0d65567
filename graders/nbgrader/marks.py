"""What is known of an assignment's marks, kept in the course directory: ``.lab/marks/<assignment>/``.

``verdicts/``
    The batch grader's results (a :class:`graders.batch.cache.Cache`), by the digest of what is graded of a submission and of who
    graded it.
``students/<student>.json``
    Which result stands for a student, and for which submission: what the export believes.
``settled/<student>.json`` and ``pages/<student>.json``
    What nbgrader's step for the student followed from and what it wrote, as digests: while both are so, it is not done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from graders.assignment import Rules
from graders.batch.cache import Cache
from graders.batch.identity import Identity
from graders.batch.run_config import RunConfig
from graders.model import Depth, Frozen, Points, SubmissionStatus, Versions

if TYPE_CHECKING:
    from filelock import BaseFileLock

M = TypeVar("M", bound=Frozen)

MEMORY = ".lab"
_LONGEST_NAME = 120


def identity_of(config: RunConfig, rules: Rules = Rules()) -> Identity:
    """What a mark rests on: the grader, the rubric, the depth and the engine.

    :param rules: what is asked of the class.

    Terraform and the provider are left out: the batch grader looks for them itself, and an upgrade of this machine in the
    middle of a term moves nobody's mark. An upgrade of the grader or the rubric does.
    """
    from graders.rubric import registry

    versions = Versions(grader=version("secrets-lab"), terraform="", provider="")
    return Identity(depth=config.depth, engine=config.engine, versions=versions, rubric=registry(rules))


class Standing(Frozen):
    """What stands for a student.

    :param digest: of the submission that it is about.
    :param score: None for an ``error``.
    :param points: by check cell, what was written there; empty for an ``error``.
    :param remarks: how many cells or notebooks were not as they should be.
    :param rules: digest of what was asked of the student; None: the standard lesson.
    :param notes: what is not read of the submission, or is missing in it, a sentence each.
    :param seen: digest of the whole directory as it was read, and of who read it: while it is the same, so is ``digest``. None: not
        known.
    """

    student: str
    digest: str
    status: SubmissionStatus
    reason: str | None
    depth: Depth
    score: Points | None
    max_score: Points
    points: Mapping[str, Points]
    remarks: int = 0
    rules: str | None = None
    notes: tuple[str, ...] = ()
    seen: str | None = None


class Settled(Frozen):
    """The proof that a student's step of nbgrader need not be done again (:mod:`graders.nbgrader.settled`).

    :param inputs: a digest of what it follows from.
    :param outputs: of what it wrote.
    """

    student: str
    inputs: str
    outputs: str


class Marks:
    """The marks of one assignment.

    :param root: the course directory.
    :ivar verdicts: what the batch grader said; an ``error`` is not kept, so the next run tries again.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self._directory = place_of(root, assignment)
        self.verdicts = Cache(self._directory / "verdicts")

    def standing(self, student: str) -> Standing | None:
        """What stands for a student; None when nothing does."""
        found = _read(Standing, self._student(student))
        return found if found is not None and found.student == student else None

    def stand(self, standing: Standing) -> None:
        """From now on this stands for the student."""
        _write(standing, self._student(standing.student))

    def settled(self, student: str, step: str = "settled") -> Settled | None:
        """What is kept of the student's last step that ended well; None when nothing is.

        :param step: ``settled``, autograding; or ``pages``, the making of pages.
        """
        found = _read(Settled, self._student(student, step))
        return found if found is not None and found.student == student else None

    def settle(self, settled: Settled, step: str = "settled") -> None:
        """Keep it."""
        _write(settled, self._student(settled.student, step))

    def lock(self) -> BaseFileLock:
        """Held while a class is graded, so that two who autograde at once do not do it twice."""
        from filelock import FileLock

        self._directory.mkdir(parents=True, exist_ok=True)
        return FileLock(self._directory / "lock")

    def _student(self, student: str, kind: str = "students") -> Path:
        return self._directory / kind / f"{_file_name(student)}.json"


def are_kept(root: Path, assignment: str) -> bool:
    """Whether there are any of this assignment."""
    return (place_of(root, assignment) / "students").is_dir()


def place_of(root: Path, assignment: str) -> Path:
    """The directory of what is known of an assignment. :param root: the course directory."""
    return root / MEMORY / "marks" / _file_name(assignment)


def _file_name(name: str) -> str:
    """A plain file name for any id; a long one is cut and keeps a digest, so that no two share a file."""
    plain = quote(name, safe=" @+,=").replace(".", "%2E")
    if len(plain) <= _LONGEST_NAME:
        return plain
    return f"{plain[:_LONGEST_NAME]}-{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def _read(model: type[M], path: Path) -> M | None:
    try:
        return model.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _write(value: Frozen, path: Path) -> None:
    from lab_env.files import PRIVATE, write_output

    path.parent.mkdir(parents=True, exist_ok=True)
    write_output(path, value.model_dump_json(indent=1) + "\n", mode=PRIVATE)
