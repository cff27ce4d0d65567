"""How far a run went, in words: what is not looked at has no points, so marks of another depth are other marks."""

from __future__ import annotations

from graders.model import Depth, Points, Results
from lab_env.text import counted

_SEEN = {
    Depth.STATIC: "only the files were read, nothing was planned or deployed",
    Depth.PLAN: "the module was planned and not deployed",
}


def shallow(results: Results) -> str:
    """``static`` or ``plan``; nothing for a full run, and for one that did not write it down."""
    return "" if results.depth in (None, Depth.FULL) else str(results.depth)


def one_maximum(results: Results) -> Points | None:
    """What all marks are out of; None where they differ, as in results of an older grader, and where there are none."""
    found = {one.max_score for one in results.submissions}
    return found.pop() if len(found) == 1 else None


def depth_line(results: Results) -> str | None:
    """``Depth static: …``, for the head of every report; None for a full run."""
    seen = _SEEN.get(results.depth) if results.depth is not None else None
    if seen is None:
        return None
    return f"Depth {results.depth}: {seen}. {_out_of(results)}"


def _out_of(results: Results) -> str:
    most, whole = one_maximum(results), _whole(results)
    if most is None:
        return f"Marks are not out of all {counted(whole, 'point')}." if results.submissions else "There are no marks."
    return f"Marks are out of {counted(most, 'point')}, not {whole}."


def _whole(results: Results) -> Points:
    """The points of all requirements, those that were not asked for too."""
    return max((sum(row.points for row in one.requirements) for one in results.submissions), default=0)
