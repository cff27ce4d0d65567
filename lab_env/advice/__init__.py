"""Errors explained: what a diagnostic of Terraform, the gate or AWS usually means, and the learner's own line put right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lab_env.advice.causes import first_causes
from lab_env.advice.model import Advice, Edit, Said
from lab_env.text import visible

_LONGEST = 1_500
"""Characters of what was said that are read, and no line break counts."""
_LONGEST_FILE = 50_000
_LONGEST_MODULE = 150_000
"""Characters of a file, and of all of them, that are looked into; the lesson's module has 4,000."""


def explain(said: Said, files: Mapping[str, str], *, name_line: Callable[[int], str] | None = None) -> Advice | None:
    """What an error usually means, and the line put right where it can be told.

    Never raises for what a file or an error holds, and takes time in proportion to their length.

    :param files: the texts of the submission's files, by path; they need not be HCL.
    :param name_line: what a line of the file is called where the advice is read, such as ``line 4 of this cell``.
    :return: None: nobody has written down what it usually means.

    >>> said = Said("Unexpected comma after argument", "Argument definitions must be …", "kms.tf", 1)
    >>> explain(said, {"kms.tf": "deletion_window_in_days = 7,"}).line
    'deletion_window_in_days = 7'
    """
    from lab_env.advice.case import Case, plain_line
    from lab_env.advice.rules import RULES

    text = " ".join(f"{said.summary[:_LONGEST].rstrip('.')}: {said.detail[:_LONGEST]}".split()) if said.detail else ""
    text = text or " ".join(said.summary[:_LONGEST].split())
    read = _readable(said.path, files)
    for rule in RULES:
        found = rule.said.match(text)
        if found is None:
            continue
        case = Case(said, found, read, name_line or plain_line)
        for one in rule.explain:
            advice = one(case)
            if advice is not None:
                return _shown(advice)
    return None


def silent(path: str, first: int, last: int, files: Mapping[str, str]) -> str | None:
    """A sentence on what is in some lines and nobody says anything to: a reference in quotes, JSON that is none, ``$${``.

    Terraform takes such a text, and AWS often does; the line is the learner's to write.
    """
    from lab_env.advice import values_of_aws
    from lab_env.advice.case import Case

    said = Said("", path=path, line=first)
    found = re.match("", "")
    assert found is not None  # noqa: S101 - the empty pattern matches
    return values_of_aws.unnoticed(Case(said, found, _readable(path, files)), first, last)


def _readable(path: str | None, files: Mapping[str, str]) -> dict[str, str]:
    """The files that are looked into: the error's own first, and no more than that helps."""
    room, found = _LONGEST_MODULE, {}
    for name in sorted(files, key=lambda name: (name != path, name)):
        if len(files[name]) <= min(room, _LONGEST_FILE):
            found[name] = files[name]
            room -= len(files[name])
    return found


def _shown(advice: Advice) -> Advice:
    """Without lines that hold what cannot be seen: nobody could write them from what is shown."""
    if any(visible(edit.text) != edit.text for edit in advice.edits):
        return Advice(advice.means)
    return advice


__all__ = ["Advice", "Edit", "Said", "explain", "first_causes", "silent"]
