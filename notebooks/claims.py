"""What the lessons state, and what each statement stands on: ``python -m notebooks.claims`` lists those that stand on nothing.

A *claim* is a sentence, or a row of a table, that names something of AWS's, of Terraform's or of the provider's
(:data:`SUBJECTS`) and asks nothing. It stands on one of two things:

- a link to documentation (:data:`HOSTS`) in the same text cell, or
- a demonstration whose output a test asserts (``expect`` in the lesson): the ``run`` cell right before or right after the text,
  under the same heading. A question between them, and the text that leads from it to its outcome, are passed over.

A link that leads anywhere else is told as well. A question (``%predict``) stands on the next code cell, which has to be such a
demonstration, and on the documentation that the question bank names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from notebooks.source_format import Cell, Lesson

HOSTS = (
    "docs.aws.amazon.com",
    "aws.amazon.com",
    "developer.hashicorp.com",
    "registry.terraform.io",
    "github.com/hashicorp",
)
"""Who knows: AWS and HashiCorp, and the provider's own repository."""

SUBJECTS = re.compile(
    r"AWS|Amazon|Terraform|\bprovider|\bKMS\b|Secrets Manager|\bIAM\b|\bECS\b|\bECR\b|Fargate|CloudTrail|EventBridge|Lambda"
    r"|\bRDS\b|\bS3\b|Parameter Store|Access Analyzer|\bARNs?\b|\balias|key policy|key material|data key|customer-managed"
    r"|default key|execution role|task role|task definition|trust policy|staging label|AWSCURRENT|AWSPREVIOUS|\brotat"
    r"|recovery window|write-only"
    r"|\bstate\b|\bplans?\b|\bapply\b|\bdestroy\b|\bbackend\b|\bsensitive\b|ignore_changes|secret_string|valueFrom|\baws_"
    r"|kms:|secretsmanager:"
)
_LINK = re.compile(r"https?://[^\s)>\]]+")
_SENTENCE = re.compile(r"(?<=[.!?])[*_)”\"]*\s+(?=[A-Z`*_\[(“\"])")
_QUESTION = "%predict "


@dataclass(frozen=True)
class Unsupported:
    """A claim that stands on nothing, a link that leads elsewhere, or a question without its outcome.

    :param line: of the text cell, 1-based, in the lesson's file.
    """

    lesson: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.lesson}.md, line {self.line}: {self.text}"


def unsupported(read: Iterable[Lesson]) -> tuple[Unsupported, ...]:
    """List what stands on nothing, lesson by lesson, from top to bottom."""
    return tuple(found for lesson in read for found in _of_lesson(lesson))


def claims(markdown: str) -> tuple[str, ...]:
    """List the claims of a text."""
    return tuple(sentence for sentence in _sentences(markdown) if SUBJECTS.search(sentence) and not _asks(sentence))


def is_documentation(link: str) -> bool:
    """Tell whether a link leads to one of :data:`HOSTS`."""
    parts = urlsplit(link)
    place = f"{parts.hostname or ''}{parts.path}/"
    return parts.scheme == "https" and any(place.startswith(f"{host}/") for host in HOSTS)


def _of_lesson(lesson: Lesson) -> Iterator[Unsupported]:
    for position, cell in enumerate(lesson.cells):
        if cell.kind == "text":
            links = _LINK.findall(cell.source)
            for link in links:
                if not is_documentation(link):
                    yield Unsupported(lesson.name, cell.line, f"{link} is no documentation of AWS or HashiCorp.")
            if not any(map(is_documentation, links)) and not _shown_beside(lesson.cells, position):
                for claim in claims(cell.source):
                    yield Unsupported(lesson.name, cell.line, f"no source and no asserted output: {claim}")
        elif _is_question(cell) and not _answered(lesson.cells[position + 1 :]):
            yield Unsupported(
                lesson.name, cell.line, f"{cell.source} is not followed by the cell that shows its outcome."
            )


def _shown_beside(cells: Sequence[Cell], position: int) -> bool:
    """Tell whether a demonstration stands next to this text, with no heading between them."""
    after = cells[position + 1 :]
    if after and _is_question(after[0]):
        return _answered(after[1:])
    if after and _shows(after[0]):
        return True
    return position > 0 and not _has_heading(cells[position]) and _shows(cells[position - 1])


def _answered(after: Sequence[Cell]) -> bool:
    """Tell whether the next code cell under the same heading is the demonstration that a question needs."""
    for cell in after:
        if cell.kind != "text":
            return _shows(cell)
        if _has_heading(cell):
            return False
    return False


def _shows(cell: Cell) -> bool:
    return cell.kind == "run" and bool(cell.expect) and not _is_question(cell)


def _is_question(cell: Cell) -> bool:
    return cell.kind == "run" and cell.source.startswith(_QUESTION)


def _has_heading(cell: Cell) -> bool:
    return cell.source.startswith(("# ", "## "))


def _asks(sentence: str) -> bool:
    return sentence.rstrip('*_`)”"').endswith("?")


def _sentences(markdown: str) -> Iterator[str]:
    """Split a text into its sentences and its tables' rows. What has no full stop heads something, or is an item of a list."""
    from markdown_it import MarkdownIt

    row: list[str] | None = None
    heading = False
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield " | ".join(row)
            row = None
        elif token.type in ("heading_open", "heading_close", "thead_open", "thead_close"):
            heading = token.type.endswith("open")
        elif token.type == "inline" and not heading:
            text = " ".join(token.content.split())
            if row is not None:
                row.append(text)
            else:
                yield from (one for one in _SENTENCE.split(text) if re.search(r"[.!?:][*_`)”\"]*$", one))


def main() -> int:
    """List what stands on nothing; 1 when there is something."""
    from notebooks.course import course

    found = unsupported(course())
    for one in found:
        print(one, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
