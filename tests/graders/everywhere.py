"""One class graded in different ways, and its results as they have to be the same.

The whole corpus is graded once for a run of tests, in lanes; every other road grades a part of it, another one each day: the plain
path alone would take hours. ``make test-full CORPUS_PART=1/1`` gives them all of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Results
from graders.report import json_report
from lab_env.submission import SubmissionRef
from solutions.corpus import load_corpus, materialise
from tests.graders.disturbed import without_times
from tests.shared import once

SAMPLE = ("reference", "nested-modules", "ignore-changes-missing", "valuefrom-one-colon-short", "gate-provider-block")


def corpus_refs(directory: Path, names: tuple[str, ...] = ()) -> tuple[SubmissionRef, ...]:
    """These cases, or the whole corpus, as submissions."""
    cases = [case for case in load_corpus() if not names or case.name in names]
    return tuple(SubmissionRef(case.name, materialise(case, directory)) for case in cases)


def todays_part() -> tuple[str, ...]:
    """The cases that ``CORPUS_PART`` names; of ``2/6`` every sixth, from the second on (set in ``tests/conftest.py``)."""
    which, parts = (int(number) for number in os.environ["CORPUS_PART"].split("/"))
    assert 1 <= which <= parts, f"CORPUS_PART={which}/{parts} is no part: 1/{parts} to {parts}/{parts}"
    names = tuple(case.name for case in load_corpus())[which - 1 :: parts]
    assert names, f"CORPUS_PART={which}/{parts} names no case"
    return names


def whole_corpus(factory: pytest.TempPathFactory) -> Results:
    """The whole corpus in eight warm lanes on the embedded engine, graded by whichever worker asks first."""

    def make(directory: Path) -> None:
        json_report.write(grade_many(corpus_refs(directory / "class"), RunConfig(jobs=8)), directory / "results.json")

    return json_report.load(once(factory, "whole-corpus", make) / "results.json")


def part(results: Results, names: tuple[str, ...]) -> Results:
    """The results of these submissions, in this order."""
    by_name = {one.id: one for one in results.submissions}
    return results.model_copy(update={"submissions": tuple(by_name[name] for name in names)})


def timeless(results: Results) -> dict[str, Any]:
    """The result JSON as it is written, but for ``created`` and ``duration_ms``."""
    return without_times(json.loads(json_report.dumps(results)))


def assert_same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Fail with the lines that differ, each with its submission, which pytest would not show of documents this long."""
    pairs = [(found, wanted), *zip(found["submissions"], wanted["submissions"], strict=True)]
    different = [line for one, other in pairs for line in _differences(one, other)]
    if different:
        pytest.fail("\n".join(different[:40]))


def _differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """What is not the same in one submission, or in the circumstances, which have no id."""
    name = one.get("id", "the circumstances")
    rows = zip(one.get("requirements", ()), other.get("requirements", ()), strict=True)
    for row, counterpart in rows:
        yield from (f"{name}, {row['id']}: {row[k]} is not {counterpart[k]}" for k in row if row[k] != counterpart[k])
    for key in one.keys() | other.keys():
        if key not in ("requirements", "submissions") and one.get(key) != other.get(key):
            yield f"{name}, {key}: {one.get(key)} is not {other.get(key)}"
