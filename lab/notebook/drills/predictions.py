"""The answers that a learner gave to the questions, kept beside the progress in a file of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FILE = "predictions.json"
_SCHEMA = 1


@dataclass(frozen=True)
class Prediction:
    """The answers to one question.

    :param first: the letter that was answered first: the prediction.
    :param last: the letter that was answered last; ``right``: whether it is the right one.
    """

    first: str
    last: str
    right: bool


def load(root: Path) -> Mapping[str, Prediction]:
    """Answers by question id; nothing when there is no file, or one that somebody broke."""
    from lab.working_copy import MEMORY

    try:
        document = json.loads((root / MEMORY / _FILE).read_text(encoding="utf-8"))
        if document["schema"] != _SCHEMA:
            return {}
        return {
            str(id): Prediction(str(one["first"]), str(one["last"]), one["right"] is True)
            for id, one in document["answers"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def remember(root: Path, id: str, letter: str, *, right: bool) -> Prediction:
    """Keep an answer; the first one to a question stays known.

    :raises UsageError: the directory cannot be written to.
    """
    from lab.working_copy import memory
    from lab_env.files import write_output

    known = dict(load(root))
    before = known.get(id)
    known[id] = Prediction(before.first if before else letter, letter, right)
    answers = {key: {"first": p.first, "last": p.last, "right": p.right} for key, p in sorted(known.items())}
    write_output(memory(root) / _FILE, json.dumps({"schema": _SCHEMA, "answers": answers}, indent=2) + "\n")
    return known[id]
