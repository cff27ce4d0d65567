"""Read learners' notebooks in a worker process: nbgrader's own only sees what was taken from them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from graders.nbgrader import kept
from graders.nbgrader.taken import Taken, take
from lab_env.processes import WorkerPool


def notebook(name: str, data: bytes, workers: WorkerPool) -> bytes:
    """:func:`graders.nbgrader.kept.notebook`.

    :raises SubmissionError: it is no notebook, or too large, or reading it takes too much.
    :raises WorkerError: it could not be read, by no fault of its own that is known.
    """
    return workers.call(_notebook, _order(name, ()) + data)


def answers(name: str, data: bytes, wanted: Iterable[str], workers: WorkerPool) -> Taken:
    """:func:`graders.nbgrader.taken.take`.

    :raises SubmissionError: it is no notebook, or reading it takes too much.
    :raises WorkerError: it could not be read, by no fault of its own that is known.
    """
    found = json.loads(workers.call(_answers, _order(name, wanted) + data))
    return Taken(found["answers"], frozenset(found["twice"]))


def _order(name: str, wanted: Iterable[str]) -> bytes:
    return json.dumps({"name": name, "wanted": sorted(wanted)}).encode() + b"\n"


def _notebook(payload: bytes) -> bytes:
    order, _, data = payload.partition(b"\n")
    return kept.notebook(json.loads(order)["name"], data)


def _answers(payload: bytes) -> bytes:
    line, _, data = payload.partition(b"\n")
    order = json.loads(line)
    found = take(order["name"], data, frozenset(order["wanted"]))
    return json.dumps({"answers": dict(found.answers), "twice": sorted(found.twice)}).encode()
