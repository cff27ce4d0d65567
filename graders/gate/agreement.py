"""The check beside python-hcl2: Terraform's own parser reads the same files, and both must see the same blocks.

What python-hcl2 misses is otherwise what gets through the gate: it ends a string at another place, say, and takes a
provisioner for text. Types, labels, names and the exact bytes where each block begins and ends are compared, and all calls and
the first names of all references with their places; of a template, which has no blocks, these alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate

from graders.gate.report import Findings
from lab_env.advice import Said, first_causes
from lab_env.errors import SubmissionError
from lab_env.hcl import Attribute, Body, Call, Expression, Module, Traversal, walk
from lab_env.hcl.terraform_parser import Neutral, Problem, RawBody, SecondReaderError, TerraformParser, neutralise
from lab_env.submission import Submission

_LONGER = re.compile(r"[^\x00-\x7f]")


def syntax_errors(submission: Submission, files: tuple[str, ...], parser: TerraformParser, findings: Findings) -> bool:
    """Add what Terraform says about the syntax of files as they are, each mistake once; False when it says nothing."""
    texts = {path: file.text for path in files if (file := submission.file(path))}
    problems = parser.problems(texts)
    for problem in first_problems(problems, texts):
        # What is written twice the grader has said itself, with both lines and without a path of this machine.
        if problem.summary != "Attribute redefined" or not findings.has_said(
            problem.file, " is written twice in one block"
        ):
            findings.refuse_at(f"{problem.text.rstrip('.')}.", problem.file, problem.line)
    return bool(problems)


def first_problems(problems: Sequence[Problem], texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """Those of a parser's errors that are mistakes of their own: what follows of one is not said."""
    said = [Said(problem.summary, problem.detail, problem.file, problem.line) for problem in problems]
    return tuple(problems[index] for index in first_causes(said, texts))


def check_agreement(submission: Submission, module: Module, parser: TerraformParser, findings: Findings) -> None:
    """Refuse every file of a module in which the two parsers see different blocks, or that one cannot compare."""
    texts = {path: file.text for path in module.files if (file := submission.file(path))}
    neutral: dict[str, Neutral] = {}
    try:
        for path, text in texts.items():
            neutral[path] = neutralise(path, text, module.files[path])
    except SubmissionError as error:
        findings.unread_at(str(error), error.path, error.line)
        return
    try:
        seen = parser.structure({path: n.text for path, n in neutral.items()})
    except SecondReaderError as error:
        findings.unread_at(str(error), error.path, error.line)
        return
    except SubmissionError as error:
        findings.refuse_at(str(error), error.path, error.line)
        return
    for path, text in texts.items():
        line = _difference(module.files[path], seen[path], neutral[path], _Bytes(text))
        missing = neutral[path].marks - seen[path].all_marks()
        words = _words(module.files[path], neutral[path], _Bytes(text)) ^ seen[path].all_words()
        places = [*missing, *(at for at, _ in words)]
        if line is None and places:
            line = neutral[path].text.encode()[: min(places)].count(b"\n") + 1
        if line is not None:
            findings.refuse_at(
                "Terraform and the grader read this file differently from this line on, so it is not graded; write the "
                "strings, comments and heredocs here in a plainer way.",
                path,
                line,
            )


def can_be_asked(template: str) -> bool:
    """Whether there is no carriage return alone: Terraform takes one in a file for text, and in the heredoc in which it is asked
    for an error."""
    return "\r" not in template.replace("\r\n", "")


def template_errors(submission: Submission, path: str, parser: TerraformParser, findings: Findings) -> bool:
    """Add what Terraform says about a template's syntax; False when it says nothing, or cannot be asked."""
    text = _template_text(submission, path)
    if not can_be_asked(text):
        return False
    problems = parser.template_problems({path: text})
    for problem in problems:
        findings.refuse_at(f"{problem.text.rstrip('.')}.", problem.file, problem.line)
    return bool(problems)


def check_template(
    submission: Submission, path: str, template: Expression, parser: TerraformParser, findings: Findings
) -> None:
    """Refuse a template in which Terraform sees other calls than those that were looked at, or that one cannot compare."""
    text = _template_text(submission, path)
    body = Body({"t": Attribute("t", template, template.span)}, ())
    try:
        neutral = neutralise(path, text, body)
    except SubmissionError as error:
        findings.unread_at(str(error), error.path, error.line)
        return
    try:
        seen = parser.templates({path: neutral.text})[path]
    except SecondReaderError as error:
        findings.unread_at(str(error), error.path, error.line)
        return
    except SubmissionError as error:
        findings.refuse_at(str(error), error.path, error.line)
        return
    words = _words(body, neutral, _Bytes(text)) ^ seen.all_words()
    places = [at for at, _ in words] + sorted(neutral.marks - seen.marks)
    if places:
        findings.refuse_at(
            "Terraform and the grader read this template differently from this line on, so it is not graded; write what "
            "stands in ${ } and %{ } here in a plainer way.",
            path,
            neutral.text.encode()[: min(places)].count(b"\n") + 1,
        )


def _words(body: Body, neutral: Neutral, to_bytes: _Bytes) -> frozenset[tuple[int, str]]:
    """The calls and the first names of references that we read, with their places in the rewritten text."""
    found: set[tuple[int, str]] = set()
    for root in body.expressions():
        for expr in walk(root):
            if isinstance(expr, Call | Traversal):
                name = expr.name if isinstance(expr, Call) else expr.root
                found.add((neutral.offset(to_bytes(expr.span.start)), name))
    return frozenset(found)


def _template_text(submission: Submission, path: str) -> str:
    return (submission.readable(path) or "").removeprefix("\ufeff")


class _Bytes:
    """Character offsets to byte offsets; where the longer characters stand is looked up once."""

    def __init__(self, text: str) -> None:
        longer = [(match.start(), len(match[0].encode()) - 1) for match in _LONGER.finditer(text)]
        self._places = [place for place, _ in longer]
        self._more = [0, *accumulate(more for _, more in longer)]

    def __call__(self, offset: int) -> int:
        return offset + self._more[bisect_left(self._places, offset)]


def _difference(ours: Body, theirs: RawBody, neutral: Neutral, to_bytes: _Bytes) -> int | None:
    """The first line where the two disagree."""

    def at(offset: int) -> int:
        return neutral.offset(to_bytes(offset))

    own = sorted((at(a.span.start), a.name, a.span.line) for a in (*ours.attributes.values(), *ours.duplicates))
    other = sorted(theirs.attributes)
    for index, (start, name, line) in enumerate(own):
        if index >= len(other) or other[index] != (start, name):
            return line
    blocks = sorted(ours.blocks, key=lambda b: b.span.start)
    for index, block in enumerate(blocks):
        if index >= len(theirs.blocks):
            return block.span.line
        raw = theirs.blocks[index]
        if (raw.type, raw.labels, raw.start) != (block.type, block.labels, at(block.span.start)):
            return block.span.line
        inner = _difference(block.body, raw.body, neutral, to_bytes)
        if inner is not None:
            return inner
        end = at(block.span.end)
        if raw.end != end:
            return neutral.text.encode()[: min(raw.end, end)].count(b"\n") + 1
    if len(other) > len(own) or len(theirs.blocks) > len(blocks):
        return ours.blocks[0].span.line if ours.blocks else 1
    return None
