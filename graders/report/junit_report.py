"""JUnit XML, for CI servers: a test suite a submission, a test case a requirement.

``fail`` and ``ungradable`` are failures (the learner's side), ``error`` is an error (ours), ``blocked`` and ``not_run`` are
skipped.
"""

from __future__ import annotations

import re
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from graders.model import Evidence, RequirementResult, Results, Status, SubmissionResult
from lab_env.files import PRIVATE, write_output
from lab_env.text import visible

# What XML 1.0 cannot hold even as a reference (section 2.2) and text.visible leaves: non-characters have no category there.
_NO_XML = re.compile("[\ufffe\uffff]")
_KINDS = {
    Status.FAIL: Failure,
    Status.UNGRADABLE: Failure,
    Status.ERROR: Error,
    Status.BLOCKED: Skipped,
    Status.NOT_RUN: Skipped,
}


def dumps(results: Results) -> str:
    """The XML text, the same for the same results."""
    document = JUnitXml(_text(results.rubric))
    for submission in results.submissions:
        document.add_testsuite(_suite(submission, results))
    document.update_statistics()  # type: ignore[no-untyped-call]
    text: str = document.tostring().decode("utf-8")  # type: ignore[no-untyped-call]
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def write(results: Results, path: Path) -> None:
    """Writes the XML to ``path``, whole or not at all."""
    write_output(path, dumps(results), mode=PRIVATE)


def _suite(submission: SubmissionResult, results: Results) -> TestSuite:
    suite = TestSuite(_text(submission.id))
    suite.timestamp = _text(results.created)
    properties = {
        "status": submission.status.value,
        # No score is no zero: the property is not there then.
        **({} if submission.score is None else {"score": str(submission.score)}),
        "max_score": str(submission.max_score),
        **({} if submission.reason is None else {"reason": submission.reason}),
        **{f"note.{number}": note for number, note in enumerate(submission.notes, start=1)},
        **{
            f"{adjustment.kind}.{number}": f"{adjustment.points:+g}: {adjustment.reason}"
            for number, adjustment in enumerate(submission.adjustments, start=1)
        },
        **{
            f"policy.{number}": line
            for number, line in enumerate(results.policy.lines if results.policy else (), start=1)
        },
    }
    for name, value in properties.items():
        suite.add_property(name, _text(value))
    suite.add_testcases([_case(row, submission) for row in submission.requirements])
    return suite


def _case(row: RequirementResult, submission: SubmissionResult) -> TestCase:
    # CI servers know a test by class and name, so the class is the submission and the name the requirement's id.
    case = TestCase(_text(row.id), _text(submission.id), row.duration_ms / 1000)
    kind = _KINDS.get(row.status)
    if kind is not None:
        outcome = kind(_text(row.message), row.status.value)
        if kind is not Skipped:
            outcome.text = _text("\n".join(_details(row)))
        case.result = [outcome]
    return case


def _details(row: RequirementResult) -> list[str]:
    lines = [f"{row.title} ({row.points} points)", f"Found: {row.observed}", f"Expected: {row.expected}"]
    if row.advice is not None:
        lines.append(f"What this usually means: {row.advice.means}")
        lines += [f"Put right: {row.advice.line}"] if row.advice.line else []
    if row.hint:
        lines.append(f"Hint: {row.hint}")
    return lines + [_seen(seen) for seen in row.evidence]


def _seen(seen: Evidence) -> str:
    place = seen.path or seen.address or seen.kind
    return f"{place}{f':{seen.line}' if seen.line is not None else ''}: {seen.detail}"


def _text(text: str) -> str:
    return _NO_XML.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", visible(text))
