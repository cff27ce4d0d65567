"""Read a submission in a worker process, where it can cost its own bounded time and memory only.

Whoever reads more than one submission, or somebody else's, does it this way; :func:`~lab_env.submission.load.load_submission`
is what the worker does.
"""

from __future__ import annotations

import json
from pathlib import Path

from lab_env.processes import WorkerPool
from lab_env.submission.load import load_submission
from lab_env.submission.model import Submission, SubmissionRef
from lab_env.submission.packing import pack, unpack


def read_submission(ref: SubmissionRef, workers: WorkerPool) -> Submission:
    """The submission that was found.

    :raises UsageError: the path does not exist or is of another kind.
    :raises SubmissionError: its contents stop the grader, or reading them takes too much; the submission is ``ungradable``.
    :raises WorkerError: it could not be read, by no fault of its own that is known.
    """
    # In ASCII: a name that is not UTF-8 comes out as it went in.
    order = json.dumps({"id": ref.id, "path": str(ref.path.absolute())}).encode()
    return unpack(workers.call(_load, order))


def _load(payload: bytes) -> bytes:
    order = json.loads(payload)
    return pack(load_submission(Path(order["path"]), id=order["id"]))
