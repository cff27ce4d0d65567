"""A child process that grades at static depth: ``python -m graders.crew.reader``.

A JSON line with ``id`` and ``path`` in, the result as a JSON line out, until stdin ends.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from graders.grade import grade
from graders.model import Depth
from lab_env.submission import SubmissionRef


def main() -> None:
    # Whatever a library prints must not end up among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin.buffer:
        order = json.loads(line)
        result = grade(SubmissionRef(order["id"], Path(order["path"])), depth=Depth.STATIC)
        answers.write(result.model_dump_json().encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
