"""``python -m benchmarks [NAME…]``: measure, and print a table with targets."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    again,
    calls,
    corpus,
    lane,
    memory,
    nbgraded,
    newcomer,
    plain,
    stage,
    start,
    static,
    table,
    throughput,
    unchanged,
    worst,
)
from benchmarks.figures import Figure, Measurement, Settings

MEASUREMENTS: dict[str, Measurement] = {
    module.MEASUREMENT.name: module.MEASUREMENT
    for module in (
        start,
        static,
        lane,
        plain,
        calls,
        corpus,
        throughput,
        again,
        nbgraded,
        unchanged,
        newcomer,
        memory,
        worst,
    )
}


def main(arguments: Sequence[str] | None = None) -> int:
    """:return: 0, or 1 when a measurement could not be made; being slow is no failure."""
    options = _options(arguments)
    if options.list:
        width = max(map(len, MEASUREMENTS))
        print("\n".join(f"{name.ljust(width)}  {one.about}" for name, one in MEASUREMENTS.items()))
        return 0
    settings = Settings(rounds=options.rounds, cases=options.cases)
    names = options.names or list(MEASUREMENTS)
    if options.here:
        figures = [figure for name in names for figure in MEASUREMENTS[name].run(settings)]
        print(json.dumps([asdict(figure) for figure in figures]))
        return 0
    machine = stage.machine()
    found: list[Figure] = []
    failed: list[str] = []
    for name in names:
        print(f"{name}: {MEASUREMENTS[name].about} …", file=sys.stderr, flush=True)
        figures = _in_a_process(name, settings)
        found += figures
        failed += [] if figures else [name]
    show = table.markdown if options.markdown else table.plain
    print(f"{machine}\n\n{show(found)}")
    for name in failed:
        print(f"{name} could not be measured; the reason is above.", file=sys.stderr)
    return 1 if failed else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the lab against its targets.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these; `--list` shows them")
    parser.add_argument("--list", action="store_true", help="what can be measured")
    parser.add_argument("--markdown", action="store_true", help="print the README's table")
    parser.add_argument("--rounds", type=int, default=Settings.rounds, help="repetitions behind a median (%(default)s)")
    parser.add_argument("--cases", type=int, default=None, help="at most so many cases of the corpus")
    parser.add_argument("--here", action="store_true", help="measure in this process and print JSON")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in MEASUREMENTS]
    if unknown:
        parser.error(f"there is no measurement {', '.join(unknown)}; one of {', '.join(MEASUREMENTS)}")
    if options.rounds < 1 or (options.cases is not None and options.cases < 1):
        parser.error("--rounds and --cases are at least 1")
    return options


def _in_a_process(name: str, settings: Settings) -> list[Figure]:
    """One measurement's figures; none when it failed, which it has said on standard error."""
    words = [sys.executable, "-m", "benchmarks", name, "--here", "--rounds", str(settings.rounds)]
    words += [] if settings.cases is None else ["--cases", str(settings.cases)]
    done = subprocess.run(words, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        return []
    # The last line: a program that a measurement starts may have written before it.
    return [Figure(**fields) for fields in json.loads(done.stdout.splitlines()[-1])]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted: nothing was measured to its end.")
