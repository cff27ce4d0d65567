"""Ends the engine's process when its event loop has stood still.

Whatever keeps the loop's only thread (an expression that backtracks, a loop without end) keeps the interpreter's lock, too, so no
thread of Python's and no signal handler could end it: it would burn a core until the machine is turned off. faulthandler's thread
is C and needs no lock. Its last words, where every thread stood, go to the engine's log: files, lines and names of functions,
never a value.
"""

from __future__ import annotations

import asyncio
import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

STILL_S = 90.0
"""More than any turn of the loop takes on a machine that is starved, and more than a client waits for an answer (60 s)."""


@asynccontextmanager
async def watched(still_s: float) -> AsyncIterator[None]:
    """While this is open the process ends, with status 1, once the running loop has not turned for so many seconds."""
    _wind_up(still_s)  # at once, for the loop may never come to the task
    winding = asyncio.create_task(_keep_winding(still_s))
    try:
        yield
    finally:
        winding.cancel()
        faulthandler.cancel_dump_traceback_later()


async def _keep_winding(still_s: float) -> None:
    while True:
        await asyncio.sleep(still_s / 10)
        _wind_up(still_s)


def _wind_up(still_s: float) -> None:
    faulthandler.dump_traceback_later(still_s, exit=True)
