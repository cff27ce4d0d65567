"""``python -m benchmarks.performance``: measures how grading scales with lanes and writes docs/performance.md and its plot.

Takes about a quarter of an hour on two cores.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks import again, stage, table, throughput
from benchmarks.figures import Settings
from benchmarks.throughput import Speed
from lab_env.engine import private_engine

DOCS = Path(__file__).parents[1] / "docs"
_TEXT = """# Performance

Measured by `python -m benchmarks.performance`, which writes this page and its plot; `make bench` prints the README's table.
The machines that this ran on are shared and noisy: trust the ratios more than the seconds.

{machine}

![Submissions a second by lanes](performance.svg)

A class of right submissions ({designs} designs), in full: every plan, drill and proof, IAM enforced, trail on. CPU seconds are
those of grader, Terraform, provider and proxy.

{speeds}

{figures}
## Where the time goes

A lane waits for the provider's own pauses most of the time (five one-second reads each for a key's rotation and its tags), so up to
ten lanes share a core; past that the cores are full and more lanes only wait for each other. One grading is six Terraform calls:
init, one plan of every environment, show, apply, and the rotation drill's plan and apply.

Lanes share the provider's program in memory; a lane that is alone carries all of it, so its own memory (PSS) is the largest.
"""


def main() -> int:
    machine = stage.machine()
    speeds: dict[str, Speed] = {}
    with stage.at_most_cores(throughput.CORES), private_engine() as engine:
        _say("plain, one after the other")
        speeds["plain, serial"] = throughput.graded(engine, 2, jobs=1, plain=True)
        _say("plain, one a core")
        speeds["plain, parallel"] = throughput.graded(
            engine, throughput.PLAIN_SUBMISSIONS, jobs=stage.cores(), plain=True
        )
        for lanes in throughput.LANES:
            _say(f"{lanes} lanes")
            count = min(throughput.SUBMISSIONS, max(6, 6 * lanes))
            speeds[f"{lanes} lane{'s' if lanes > 1 else ''}"] = throughput.graded(engine, count, jobs=lanes)
    _say("unchanged and static")
    figures = again.run(Settings())
    (DOCS / "performance.svg").write_text(plot(speeds))
    (DOCS / "performance.md").write_text(
        _TEXT.format(machine=machine, designs=designs(), speeds=rows(speeds), figures=table.markdown(figures) + "\n")
    )
    return 0


def designs() -> int:
    from solutions.corpus import load_corpus

    return min(throughput.SUBMISSIONS, 1 + len(load_corpus().of_kind("alternative")))


def rows(speeds: Mapping[str, Speed]) -> str:
    """The table of ways to grade, with what each is of the plain parallel path."""
    base = speeds["plain, parallel"].rate
    lines = [
        "| way | submissions | a second | × plain parallel | CPU s each | latency, median s | own memory a lane, MB |"
    ]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    for name, one in speeds.items():
        memory = f"{one.lane_memory / stage.MEGABYTE:.0f}" if one.lane_memory else ""
        lines.append(
            f"| {name} | {one.count} | {one.rate:.3f} | {one.rate / base:.1f} | {one.cpu:.2f} | {one.latency:.1f} | {memory} |"
        )
    return "\n".join(lines)


def plot(speeds: Mapping[str, Speed]) -> str:
    """Submissions a second over lanes, with the plain path as a line to compare with; an SVG text."""
    import io

    import matplotlib as mpl
    from matplotlib.figure import Figure as Drawing

    lanes = [(int(name.split()[0]), one) for name, one in speeds.items() if name[0].isdigit()]
    with mpl.rc_context({"svg.hashsalt": "secrets-lab", "svg.fonttype": "none", "font.family": "sans-serif"}):
        drawing = Drawing(figsize=(7, 3.6), layout="constrained")
        axes = drawing.subplots()
        axes.plot(
            [n for n, _ in lanes], [one.rate for _, one in lanes], marker="o", color="#4659d0", label="warm lanes"
        )
        axes.axhline(speeds["plain, parallel"].rate, color="#a11d2a", linestyle="--", label="plain path, one a core")
        axes.set_xlabel("lanes")
        axes.set_ylabel("submissions a second")
        axes.set_ylim(0, 1.12 * max(one.rate for _, one in lanes))  # room for the numbers above the points
        axes.set_xticks([n for n, _ in lanes])
        axes.grid(alpha=0.3)
        axes.legend(loc="upper left")
        for n, one in lanes:
            axes.annotate(f"{one.rate:.2f}", (n, one.rate), textcoords="offset points", xytext=(0, 7), ha="center")
        text = io.StringIO()
        drawing.savefig(text, format="svg", metadata={"Date": None, "Title": "Submissions a second by lanes"})
    return text.getvalue()


def _say(text: str) -> None:
    print(f"{text} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
