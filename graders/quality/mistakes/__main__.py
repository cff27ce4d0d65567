"""``python -m graders.quality.mistakes [--ask] [ID …]``: ``docs/beginners-mistakes.md``, and what it is made of.

Without anything it writes the page again from what the last run heard. With ``--ask`` it makes every mistake again, or those that
are named, with Terraform and the embedded engine, and looks whether each line put right puts it right: a quarter of an hour.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from graders.quality.mistakes.page import PAGE, page
from graders.quality.mistakes.run import SAID, Bench, Heard, as_text, hear, kept, still_there
from graders.quality.mistakes.table import load
from lab_env.errors import LabError
from lab_env.files import write_atomically


def ask(ids: Sequence[str]) -> dict[str, Heard]:
    """Make the mistakes again.

    :raises LabError: a line put right leaves its error where it is.
    """
    from lab_env import engine as engines
    from lab_env.terraform import LanePool, find_toolchain

    toolchain, engine = find_toolchain(), engines.connect("embedded")
    heard: dict[str, Heard] = {}
    with engines.using(engine), LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
        bench = Bench(engine, toolchain, lane)
        for mistake in load():
            if ids and mistake.id not in ids:
                continue
            heard[mistake.id] = hear(mistake, bench)
            again = still_there(mistake, heard[mistake.id], bench)
            print(f"{mistake.id}: {heard[mistake.id].by}", flush=True)
            if again is not None:
                raise LabError(
                    f"The line put right for {mistake.id} leaves the error: {again}", next_step="Mend the rule."
                )
    return heard


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code: 0 done, else the error's."""
    parser = argparse.ArgumentParser(prog="python -m graders.quality.mistakes", description=__doc__)
    parser.add_argument("id", nargs="*", metavar="ID", help="of a mistake in table.toml; all when left out")
    parser.add_argument("--ask", action="store_true", help="make the mistakes again")
    options = parser.parse_args(arguments)
    try:
        heard = kept() if SAID.exists() else {}
        if options.ask:
            heard |= ask(options.id)
        mistakes = load()
        text = page(mistakes, heard)
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    write_atomically(SAID, as_text({mistake.id: heard[mistake.id] for mistake in mistakes}))
    write_atomically(PAGE, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
