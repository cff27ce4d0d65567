"""``python -m graders.quality.conformance``: looks on every engine of ours and writes ``docs/engines.md``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from graders.quality.conformance import BEHAVIOURS, look
from graders.quality.conformance.page import Look, effects, page
from lab_env.engine.model import Engine
from lab_env.errors import LabError

PAGE = Path(__file__).resolve().parents[3] / "docs" / "engines.md"


def looked(engine: Engine) -> Look:
    """All behaviours on a running engine."""
    return Look(engine.name, engine.version, tuple(look(one, engine) for one in BEHAVIOURS))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code: 0 written or current, 1 not current, 3 an engine is missing or differs unheard of."""
    parser = argparse.ArgumentParser(prog="python -m graders.quality.conformance", description="Write docs/engines.md.")
    parser.add_argument("--check", action="store_true", help="only say whether the page is current")
    options = parser.parse_args(arguments)
    from lab_env.engine import localstack, localstack_home, private_engine

    try:
        localstack_home.prepare(lambda line: print(line, file=sys.stderr))
        with private_engine() as embedded, localstack.private_localstack() as other:
            text = page([looked(embedded), looked(other)], effects())
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.check:
        if PAGE.read_text(encoding="utf-8") == text:
            return 0
        print("docs/engines.md is not what the engines do. Run: python -m graders.quality.conformance", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
