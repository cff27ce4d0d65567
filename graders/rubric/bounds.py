"""How much a row of the result may hold, whatever a submission makes a check find: evidence by number, texts by length.

A result is read by people, kept in ledgers and sent to gradebooks. What is left out is counted and said, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence

from graders.model import Evidence, Outcome

MAX_EVIDENCE = 20
"""Pieces a requirement carries, the remark on what is left out included."""
MAX_TEXT = 2_000
"""Characters of what was observed, expected, said to the learner or the instructor, and of a submission's reason."""
MAX_DETAIL = 1_000
"""Characters of one piece of evidence, of an address, and of a note."""


def short(text: str, most: int = MAX_TEXT) -> str:
    """The text, or its beginning and an ellipsis: ``most`` characters at the most."""
    return text if len(text) <= most else text[: most - 1] + "…"


def listed(outcome: Outcome) -> tuple[Evidence, ...]:
    """The evidence that a row carries; its last piece says how much more there is."""
    more = outcome.unlisted.places
    if len(outcome.evidence) <= MAX_EVIDENCE and not more and outcome.unlisted.searched_to is None:
        return outcome.evidence
    shown = outcome.evidence[: MAX_EVIDENCE - 1]
    more += len(outcome.evidence) - len(shown)
    remark = Evidence(kind=shown[-1].kind, detail=_remark(more, outcome.unlisted.searched_to))
    return (*shown, remark)


def listed_notes(notes: Sequence[str]) -> tuple[str, ...]:
    """The remarks on a submission that its result carries, with what is left out counted in the last one."""
    shown = [short(note, MAX_DETAIL) for note in notes]
    if len(shown) <= MAX_EVIDENCE:
        return tuple(shown)
    left = len(shown) - MAX_EVIDENCE + 1
    return (*shown[: MAX_EVIDENCE - 1], f"{left:,} more remarks like these are not listed.")


def _remark(more: int, searched_to: int | None) -> str:
    counted = "1 more place like these is" if more == 1 else f"{more:,} more places like these are"
    if searched_to is None:
        return f"{counted} not listed."
    found = f"The search ended after {searched_to:,} findings, so there may be others."
    return f"{counted} not listed. {found}" if more else found
