"""Lines of files, each labelled as holding a credential or none: the yardstick of `secret.no_plaintext`.

The labels were given from the rubric's words and the public rule sets' own test data, before a detector was run on them.
It imports nothing of what it measures.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Labelled:
    """One line, or a few that belong together, and what is right about them."""

    id: str
    file: str
    """The name of the file that the text stands in, which a detector may use."""
    text: str
    label: Literal["credential", "innocent"]
    kind: str
    """The family; each is in both files."""
    source: str
    """Whose rules or test data inspired it; `own` for what the lesson's learners write."""
    why: str


def develop() -> list[Labelled]:
    """The lines to work with."""
    return _read("develop.jsonl")


def held_out() -> list[Labelled]:
    """The lines that nobody looks into: they are measured once, when the work is done."""
    return _read("held-out.jsonl")


def _read(name: str) -> list[Labelled]:
    records = [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    return [Labelled(**{**record, "text": _joined(record["text"])}) for record in records]


def _joined(text: str | list[str]) -> str:
    """Tokens are stored in pieces, so that a scanner of this repository finds no token in it."""
    return text if isinstance(text, str) else "".join(text)
