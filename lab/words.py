"""The words of a terminal for what the course says in those of a notebook: a verb for each magic, a lesson for each notebook."""

from __future__ import annotations

import re
from collections.abc import Mapping

VERBS: Mapping[str, str] = {
    "lab_check": "lab check",
    "lab_progress": "lab progress",
    "lab_reset": "lab reset",
    "lab_hint": "lab hint",
    "terraform": "lab terraform",
    "predict": "lab predict",
    "rotate": "lab rotate",
    "launch": "lab launch",
    "as_role": "lab as-role",
    "trail": "lab trail",
    "leaks": "lab leaks",
    "diagram": "lab diagram",
}
"""The verb that does what a magic does."""

_HINT = re.compile(r"%lab_check (?P<id>[a-z]+\.[a-z_]+) --hint\b")
_MAGIC = re.compile(rf"(?<![\w%])%(?P<name>{'|'.join(VERBS)})\b")
_FILE = re.compile(r"%%hcl (?P<path>[\w./-]+\.\w+)")
_NOTEBOOK = re.compile(r"\b(?P<word>[Nn])otebook 0?(?P<number>\d)\b")


def in_terminal(text: str) -> str:
    """A text of the course with each magic as the verb that does the same, and each notebook as the lesson of its number."""
    return _NOTEBOOK.sub(
        lambda found: f"{'L' if found['word'] == 'N' else 'l'}esson {found['number']}", with_verbs(text)
    )


def with_verbs(text: str) -> str:
    """Any text with each magic as the verb that does the same."""
    text = _HINT.sub(r"lab hint \g<id>", text)
    text = _MAGIC.sub(lambda found: VERBS[found["name"]], text)
    return _FILE.sub(r"\g<path>", text)
