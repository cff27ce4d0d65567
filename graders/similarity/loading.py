"""The class and what it was given, from disk. What cannot be read is left out with the reason, and stops nobody else."""

from __future__ import annotations

from collections.abc import Iterable

from graders.similarity.material import Reader
from lab_env.errors import LabError
from lab_env.processes import shared_workers
from lab_env.submission import Submission, SubmissionRef, load_submission, read_submission
from lab_env.submission.packing import pack, unpack


def load_class(refs: Iterable[SubmissionRef]) -> tuple[tuple[Submission, ...], tuple[tuple[str, str], ...]]:
    """Load submissions.

    :return: those that could be read, and id and reason of the others.
    """
    loaded: list[Submission] = []
    left_out: list[tuple[str, str]] = []
    for ref in refs:
        try:
            submission = read_submission(ref, shared_workers())
            shared_workers().call(_try_material, pack(submission))
            loaded.append(submission)
        except LabError as error:
            left_out.append((ref.id, error.message))
        except OSError as error:
            left_out.append((ref.id, f"It cannot be read ({error.strerror})."))
    return tuple(loaded), tuple(left_out)


def _try_material(payload: bytes) -> bytes:
    """What comparing reads of a submission, whose outcome does not matter here: it comes to an end within a worker's bounds."""
    Reader().read(unpack(payload))
    return b""


def course_files(further: Iterable[Submission] = ()) -> tuple[Submission, ...]:
    """The lesson's starter and reference, and whatever else the class was given.

    :raises UsageError: a learner's installation has no reference.
    """
    from solutions.corpus import HERE, require_solutions

    require_solutions()
    lesson = tuple(load_submission(HERE / name, id=f"the {name}") for name in ("starter", "reference"))
    return (*lesson, *further)
