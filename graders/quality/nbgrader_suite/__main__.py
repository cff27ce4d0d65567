"""``python -m graders.quality.nbgrader_suite [CHECKOUT]``: nbgrader's own tests on courses with our configuration, as a page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from graders.quality.nbgrader_suite.page import judged, page
from graders.quality.nbgrader_suite.suite import REPOSITORY, run_suite
from lab_env.errors import LabError
from lab_env.files import write_atomically

PAGE = REPOSITORY / "docs" / "nbgrader-suite.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code: 0 done, else the error's."""
    parser = argparse.ArgumentParser(prog="python -m graders.quality.nbgrader_suite", description=__doc__)
    parser.add_argument(
        "checkout", nargs="?", type=Path, help="of jupyter/nbgrader; left out: the installed one's tests"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes to run them in")
    parser.add_argument("--write", action="store_true", help="write docs/nbgrader-suite.md")
    options = parser.parse_args(arguments)
    try:
        text = page(run_suite(options.checkout, jobs=options.jobs), judged())
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
