"""One class graded in different ways, and its results as they have to be the same."""

from __future__ import annotations

from pathlib import Path

from graders.model import Results
from lab_env.submission import SubmissionRef
from solutions.corpus import load_corpus, materialise

SAMPLE = ("reference", "nested-modules", "ignore-changes-missing", "valuefrom-one-colon-short", "gate-provider-block")


def corpus_refs(directory: Path, names: tuple[str, ...] = ()) -> tuple[SubmissionRef, ...]:
    """These cases, or the whole corpus, as submissions."""
    cases = [case for case in load_corpus() if not names or case.name in names]
    return tuple(SubmissionRef(case.name, materialise(case, directory)) for case in cases)


def timeless(results: Results) -> list[dict[str, object]]:
    """The circumstances, then each submission as the result JSON has it, but for times."""
    document = results.model_dump(mode="json", by_alias=True, exclude={"created"})
    for one in document["submissions"]:
        for row in one["requirements"]:
            del row["duration_ms"]
    submissions: list[dict[str, object]] = document.pop("submissions")
    return [document, *submissions]


def assert_same(found: list[dict[str, object]], wanted: list[dict[str, object]]) -> None:
    """One submission at a time, so that a difference can be read."""
    for one, other in zip(found, wanted, strict=True):
        assert one == other
