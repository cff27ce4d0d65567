"""Measures in a process of its own what scans cost: run as ``python -m tests.linear.measuring``, told by one line of JSON.

One that takes the square of its text would take hours for a megabyte, and in Python's ``re`` nothing but the end of the process
stops it: an alarm on processor time ends this one, and what was announced last is the culprit.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Sequence
from itertools import pairwise

from tests.linear.scans import SCANS

ALARM_S = 30.0
FLOOR_S = 0.008
"""Less than this is noise: two ticks of a coarse clock."""
GROWTH = 1.8
"""The power of its length that a text may cost at most: 1 is linear, 2 the square; between them is room for an unlucky measure."""

Parts = tuple[str, str, str]
"""A beginning, a fragment that repeats, an end."""


def text_of(parts: Parts, size: int) -> str:
    """A text of about ``size`` characters."""
    beginning, fragment, end = parts
    return beginning + (fragment * (size // len(fragment) + 1))[:size] + end


def cost(scan: str, text: str) -> float:
    """Seconds of processor time."""
    signal.setitimer(signal.ITIMER_PROF, ALARM_S)
    started = time.process_time()
    SCANS[scan](text)
    spent = time.process_time() - started
    signal.setitimer(signal.ITIMER_PROF, 0)
    return spent


def costs(scan: str, parts: Parts, sizes: Sequence[int], enough_s: float) -> list[float]:
    """What the growing texts cost; one that costs more than ``enough_s`` is the last: its square would have shown by then."""
    spent: list[float] = []
    for size in sizes:
        spent.append(cost(scan, text_of(parts, size)))
        if spent[-1] > enough_s:
            break
    return spent


def too_fast(sizes: Sequence[int], spent: Sequence[float]) -> bool:
    """Whether what is spent grows faster than the texts."""
    steps = pairwise(zip(sizes, spent, strict=False))
    return any(after > (large / small) ** GROWTH * max(before, FLOOR_S) for (small, before), (large, after) in steps)


def main() -> None:
    """Measures what the line on stdin asks for; announces each measure before it begins, and tells those that grow too fast."""
    order = json.loads(sys.stdin.readline())
    sizes = order["sizes"]
    for scan, parts in order["measures"]:
        print(json.dumps({"begins": [scan, parts]}), flush=True)
        spent = costs(scan, parts, sizes, order["enough_s"])
        for _ in range(2):
            # Other programs disturb a measure, so what looks bad is looked at again and the better time counts.
            if too_fast(sizes, spent):
                again = costs(scan, parts, sizes, order["enough_s"])
                spent = [min(pair) for pair in zip(spent, again, strict=False)]
        if too_fast(sizes, spent):
            print(json.dumps({"too fast": [scan, parts, [round(one, 3) for one in spent]]}), flush=True)


if __name__ == "__main__":
    main()
