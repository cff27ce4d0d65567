"""What GitHub shows of a grading in a workflow's run: annotations at the learner's lines, and a summary in Markdown.

Annotations are the runner's workflow commands (GitHub documentation, "Workflow commands for GitHub Actions"). They need no
permission and no licence, unlike code scanning, which takes the SARIF log. GitHub shows ten errors and ten warnings of a step, so
what costs most comes first.

The summary is GitHub's Markdown. What a learner wrote stands in it as text: as code, or with every sign escaped, and an ``@``
calls nobody.
"""

from __future__ import annotations

import re

from graders.model import Evidence, Results, Status, SubmissionResult
from graders.report.marks import MARKS, SUBMISSION_MARKS, steps, uniform, unmet
from graders.report.platforms.outcome import line, places
from lab_env.text import counted

_ERRORS = _WARNINGS = 10
_SIGNS = re.compile(
    r"([!-/:-?\[-`{-~])"
)  # ASCII punctuation but for the @, which no backslash keeps from naming somebody
_TICKS = re.compile("`+")


def workflow_commands(submission: SubmissionResult) -> str:
    """A line a failed requirement, the dearest first: errors, then warnings, then a notice that says how many more there are."""
    failing = sorted(unmet(submission), key=lambda row: -row.points)
    lines = []
    for number, row in enumerate(failing[: _ERRORS + _WARNINGS]):
        kind = "error" if number < _ERRORS else "warning"
        seen = next((seen for seen in row.evidence if seen.path is not None and seen.cell is None), None)
        said = f"{row.message} ({counted(row.points, 'point')})"
        lines.append(_command(kind, {**_place(seen), "title": f"{row.id}: {row.title}"}, said))
    if (more := len(failing) - _ERRORS - _WARNINGS) > 0:
        lines.append(_command("notice", {}, f"{counted(more, 'more requirement')} not met: see the summary."))
    if submission.reason:
        lines.append(_command("error", {"title": SUBMISSION_MARKS[submission.status].word}, submission.reason))
    return "".join(f"{one}\n" for one in lines)


def summary(results: Results, submission: SubmissionResult) -> str:
    """One submission's marks in Markdown: the score, a table of the steps, and what to put right."""
    score = "No score" if submission.score is None else f"{submission.score:g} of {submission.max_score:g}"
    parts = [f"## Secrets Lab: {score}"]
    if submission.reason:
        parts.append(f"**{SUBMISSION_MARKS[submission.status].word}:** {prose(submission.reason)}")
    if not uniform(submission):
        parts.append("\n".join(["| Step | Points | |", "|---|---:|---|", *_steps(submission)]))
    parts += [_failing(submission)] if unmet(submission) else []
    parts += (
        ["\n".join(f"- {one.kind.capitalize()} {one.points:+g}: {prose(one.reason)}" for one in submission.adjustments)]
        if submission.adjustments
        else []
    )
    depth = f"Depth: {results.depth.value}. " if results.depth is not None else ""
    parts.append(f"{depth}Rubric: {code(results.rubric)}.")
    return "\n\n".join(parts) + "\n"


def _steps(submission: SubmissionResult) -> list[str]:
    return [
        f"| {prose(step.title)} | {step.score} | {' '.join(MARKS[row.status].symbol for row in step.rows)} |"
        for step in steps(submission)
    ]


def _failing(submission: SubmissionResult) -> str:
    lines = ["### To put right"]
    for row in unmet(submission):
        lines.append(f"\n**{prose(row.title)}** ({code(row.id)}, {counted(row.points, 'point')}): {prose(row.message)}")
        lines += [f"- Found: {code(row.observed)}"] if row.observed else []
        lines += [f"- Expected: {code(row.expected)}"] if row.expected else []
        lines += [f"- Where: {code(place)}" for place in places(row)]
        lines += [f"- Hint: {prose(row.hint)}"] if row.hint else []
    blocked = [row.id for row in submission.requirements if row.status is Status.BLOCKED]
    if blocked:
        lines.append(f"\nNot looked at before that: {', '.join(map(code, blocked))}.")
    return "\n".join(lines)


def prose(text: str) -> str:
    """A text in which no sign means anything to Markdown, and which names nobody."""
    return _SIGNS.sub(r"\\\1", line(text)).replace("@", "`@`")


def code(text: str) -> str:
    """A text as code, within a fence longer than any in it."""
    shown = line(text)
    fence = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    # A space at both ends is no part of the code (CommonMark 6.1), and keeps a fence at the text's own end apart.
    return f"{fence} {shown or '–'} {fence}" if "`" in shown else f"`{shown or '–'}`"


def _place(seen: Evidence | None) -> dict[str, str]:
    if seen is None or seen.path is None:
        return {}
    place = {"file": seen.path}
    if seen.line is not None:
        place |= {"line": str(seen.line), "endLine": str(max(seen.line, seen.end_line or seen.line))}
    return place


def _command(kind: str, properties: dict[str, str], message: str) -> str:
    """A workflow command; what ends or splits one is percent-encoded, as GitHub's own toolkit does it."""
    told = ",".join(f"{name}={_encoded(value, property_=True)}" for name, value in properties.items())
    return f"::{kind}{f' {told}' if told else ''}::{_encoded(message)}"


def _encoded(text: str, *, property_: bool = False) -> str:
    shown = line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return shown.replace(":", "%3A").replace(",", "%2C") if property_ else shown
