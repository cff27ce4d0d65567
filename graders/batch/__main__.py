"""``python -m graders.batch``: one run in a process of its own, as nbgrader's autograding starts it.

An :class:`Order` comes on standard input as JSON, and the results go to the file that it names; standard output tells how it goes
(:mod:`graders.batch.telling`). Exit code 0: they are there, also when some are an ``error``; else that of the error, whose
sentences are on standard error.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from graders.assignment import Rules
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.batch.telling import teller
from graders.model import Frozen
from lab_env.errors import LabError
from lab_env.files import write_output
from lab_env.submission import SubmissionRef
from lab_env.text import one_line


class Place(Frozen):
    """Where a submission is: an id for its result, and its path."""

    id: str
    path: str


class Order(Frozen):
    """What to grade, how, and where the results go.

    :param rules: what each of them is graded by, by its id; where it is not named, as ``config`` says.
    """

    config: RunConfig
    submissions: tuple[Place, ...]
    results: Path
    rules: Mapping[str, Rules] = {}

    def rules_of(self, name: str) -> Rules:
        """What the submission of this name is graded by."""
        return self.rules[name] if name in self.rules else self.config.rules(name)


def main() -> int:
    """Grade what is ordered; the exit code."""
    # A polite kill is an interrupt: what we have started is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    order = Order.model_validate_json(sys.stdin.buffer.read())
    try:
        refs = [SubmissionRef(place.id, Path(place.path)) for place in order.submissions]
        results = grade_many(refs, order.config, rules=order.rules_of, on_event=teller())
        write_output(order.results, results.model_dump_json())
    except LabError as error:
        for line in (error.message, error.next_step and f"Next: {error.next_step}"):
            if line:
                print(one_line(line), file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
