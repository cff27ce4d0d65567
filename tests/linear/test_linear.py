"""What reads a learner's text takes time in proportion to it: one file must not hold the grader for good.

Processor time is compared between texts that grow, never with a clock on the wall: linear and square are far enough apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

import pytest

from tests.linear.measuring import ALARM_S, Parts, too_fast
from tests.linear.scans import BEGINNINGS, ENDS, FRAGMENTS, SCANS, pairs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
KIB = 1 << 10
GROWING = [16 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB]
"""Each twice doubled, up to all that a file may have."""
MANY_PATTERNS = ["credentials in prose", "what varies", "plain words", "Terraform's words"]
"""Where one pattern may let run what another one reads; of the others each fragment is enough."""
# Before they were mended, each of these took minutes to hours for a megabyte.
ONCE_SQUARE: list[tuple[str, Parts]] = [
    ("credentials in data", ("", "a.", "")),
    ("credentials in data", ("", "a=", "")),
    ("credentials in data", ("", "eyJ-", "")),
    ("credentials in prose", ("password is", " ", ",")),
    ("a spelt-out environment", ("", "a", "!")),
    ("a policy's variables", ("", "${", "")),
    ("Terraform's words", ("", "operation error read tcp ", "")),
    ("format", ("%", "0", "")),
    ("a notebook", ("%%hcl a", " ", "b")),
    ("an excerpt", ("", "a", "")),
    ("an excerpt", ("", "<<E\n", "")),
    ("Markdown", ("", "\\begin{a}", "")),
    ("two environments", ("", "dev", "")),
    ("lines", ("", "\n", "")),
    ("bytes", ("", "é", "")),
]


def test_each_fragment_over_and_over() -> None:
    """Does every reader take eight times as long for eight times as much, whatever it is that repeats?"""
    assert measured(product(SCANS, _repeated(FRAGMENTS)), sizes=[4 * KIB, 32 * KIB]) == []


def test_what_took_the_square_takes_a_megabyte() -> None:
    """Do the texts that once held the grader grow up to the largest file there may be?"""
    assert measured(ONCE_SQUARE, sizes=GROWING, enough_s=ALARM_S) == []


@pytest.mark.full
@pytest.mark.parametrize("scan", SCANS)
def test_every_fragment_up_to_a_megabyte(scan: str) -> None:
    """Is the same true up to the largest file, as long as a text costs little enough that its square could still hide in it?"""
    assert measured(((scan, parts) for parts in _repeated(FRAGMENTS)), sizes=GROWING, enough_s=0.3) == []


@pytest.mark.full
@pytest.mark.parametrize("scan", MANY_PATTERNS)
def test_every_pair_of_fragments(scan: str) -> None:
    """Is no pair of fragments in turns worse than each of them?"""
    assert measured(((scan, parts) for parts in _repeated(pairs())), sizes=[4 * KIB, 32 * KIB]) == []


@pytest.mark.full
@pytest.mark.parametrize("scan", MANY_PATTERNS)
def test_every_fragment_between_others(scan: str) -> None:
    """Is no run worse for what it stands behind, or for what takes the match away at its end?"""
    measures = ((scan, parts) for parts in product(BEGINNINGS, FRAGMENTS, ENDS) if parts[0] or parts[2])
    assert measured(measures, sizes=[4 * KIB, 32 * KIB]) == []


@pytest.mark.parametrize(("power", "told"), [(1.0, False), (1.3, False), (2.0, True), (3.0, True)])
def test_the_measure_knows_a_square(power: float, told: bool) -> None:
    """Is a cost that grows with the square told from one that grows with the text, on both scales that are used here?"""
    for sizes in (GROWING, [4 * KIB, 32 * KIB]):
        assert too_fast(sizes, [0.01 * (size / sizes[0]) ** power for size in sizes]) is told


def _repeated(fragments: Iterable[str]) -> list[Parts]:
    return [("", fragment, "") for fragment in fragments]


def measured(measures: Iterable[tuple[str, Parts]], *, sizes: Sequence[int], enough_s: float = 5.0) -> list[object]:
    """What grows too fast, by a process of its own that a reader without an end cannot keep."""
    order = {"measures": list(measures), "sizes": sizes, "enough_s": enough_s}
    done = subprocess.run(
        [sys.executable, "-m", "tests.linear.measuring"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        input=json.dumps(order) + "\n",
        capture_output=True,
        text=True,
        timeout=3_000,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    # Killed by its own alarm, or by what it measured: the last one that it announced.
    assert done.returncode == 0, f"{told[-1] if told else 'nothing began'}: ended by {done.returncode}\n{done.stderr}"
    assert told
    return [one["too fast"] for one in told if "too fast" in one]
