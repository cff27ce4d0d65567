"""Read what learners handed in in a worker process: nbgrader's own only sees what was taken from it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from graders.nbgrader import kept
from graders.nbgrader.taken import Taken, TakenCell, take
from lab_env.errors import SubmissionError
from lab_env.processes import WorkerPool
from lab_env.submission.packing import pack, unpack


def notebook(name: str, data: bytes, workers: WorkerPool) -> bytes:
    """:func:`graders.nbgrader.kept.notebook`.

    :raises SubmissionError: it is no notebook, or too large, or reading it takes too much.
    :raises WorkerError: it could not be read, by no fault of its own that is known.
    """
    return workers.call(_notebook, json.dumps({"name": name}).encode() + b"\n" + data)


def read(directory: Path, id: str, wanted: Iterable[str], workers: WorkerPool) -> Taken:
    """:func:`graders.nbgrader.taken.take`; also where reading it takes too much.

    :raises WorkerError: it could not be read, by no fault of its own that is known.
    """
    place = os.fsencode(directory.absolute()).hex()
    order = json.dumps({"directory": place, "id": id, "wanted": sorted(wanted)}).encode()
    try:
        line, _, packed = workers.call(_read, order).partition(b"\n")
    except SubmissionError as error:
        return Taken(None, error)
    found = json.loads(line)
    refusal = found["refusal"]
    return Taken(
        submission=unpack(packed) if packed else None,
        refusal=None if refusal is None else SubmissionError(refusal[0], next_step=refusal[1], path=refusal[2]),
        cells=tuple(TakenCell(**cell) for cell in found["cells"]),
        notebooks=found["notebooks"],
        digest=found["digest"],
    )


def _notebook(payload: bytes) -> bytes:
    order, _, data = payload.partition(b"\n")
    return kept.notebook(json.loads(order)["name"], data)


def _read(payload: bytes) -> bytes:
    order = json.loads(payload)
    taken = take(Path(os.fsdecode(bytes.fromhex(order["directory"]))), order["id"], frozenset(order["wanted"]))
    refusal = taken.refusal
    header = {
        "refusal": None if refusal is None else [refusal.message, refusal.next_step, refusal.path],
        "cells": [asdict(cell) for cell in taken.cells],
        "notebooks": dict(taken.notebooks),
        "digest": taken.digest,
    }
    packed = pack(taken.submission) if taken.submission is not None else b""
    return json.dumps(header).encode() + b"\n" + packed
