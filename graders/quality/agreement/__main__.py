"""``python -m graders.quality.agreement SUITE=CHECKOUT …``: our IAM evaluator beside public suites, as a page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from graders.quality.agreement import SUITES, Suite, ask
from graders.quality.agreement.checkout import checkout
from graders.quality.agreement.page import Held, known_differences, page
from lab_env.errors import LabError
from lab_env.files import write_atomically

PAGE = Path(__file__).resolve().parents[3] / "docs" / "iam-agreement.md"


def held(suite: Suite, folder: Path) -> Held:
    """A suite's cases, asked of ours.

    :raises LabError: the folder is no checkout of it.
    """
    of = checkout(folder)
    return Held(suite, of.commit, tuple(ask(case) for case in suite.cases(of)))


def _named(arguments: Sequence[str]) -> list[tuple[Suite, Path]]:
    by_name = {suite.name: suite for suite in SUITES}
    found = {}
    for argument in arguments:
        name, _, folder = argument.partition("=")
        if name not in by_name or not folder:
            raise LabError(
                f"{argument!r} names no suite and its checkout.",
                next_step=f"Write SUITE=CHECKOUT; the suites are {', '.join(by_name)}.",
            )
        found[name] = Path(folder)
    return [(suite, found[suite.name]) for suite in SUITES if suite.name in found]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code: 0 done, else the error's."""
    parser = argparse.ArgumentParser(prog="python -m graders.quality.agreement", description=__doc__)
    parser.add_argument("suite", nargs="+", metavar="SUITE=CHECKOUT", help=", ".join(suite.name for suite in SUITES))
    parser.add_argument("--write", action="store_true", help="write docs/iam-agreement.md (all suites must be named)")
    options = parser.parse_args(arguments)
    try:
        named = _named(options.suite)
        if options.write and len(named) < len(SUITES):
            raise LabError(
                "The page is about all suites, and not all are named.",
                next_step=f"Name {', '.join(suite.name for suite in SUITES)}, or leave --write out.",
            )
        text = page([held(suite, folder) for suite, folder in named], known_differences())
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.write:
        write_atomically(PAGE, text)
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
