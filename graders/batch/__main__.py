"""``python -m graders.batch``: one run in a process of its own, as nbgrader's autograding starts it.

An :class:`Order` comes on standard input as JSON, and the results go to the file that it names; standard output tells how it goes
(:mod:`graders.batch.telling`). Exit code 0: they are there, also
when some are an ``error``; else that of the error, whose sentences are on standard error.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.batch.telling import teller
from graders.model import Frozen
from lab_env.errors import LabError
from lab_env.files import write_output
from lab_env.submission import find_submissions
from lab_env.text import one_line


class Order(Frozen):
    """What to grade, how, and where the results go.

    :param submissions: a directory with a submission in each of its own.
    """

    config: RunConfig
    submissions: Path
    results: Path


def main() -> int:
    """Grade what is ordered; the exit code."""
    # A polite kill is an interrupt: what we have started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    order = Order.model_validate_json(sys.stdin.buffer.read())
    try:
        results = grade_many(find_submissions(order.submissions), order.config, on_event=teller())
        write_output(order.results, results.model_dump_json())
    except LabError as error:
        for line in (error.message, error.next_step and f"Next: {error.next_step}"):
            if line:
                print(one_line(line), file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
