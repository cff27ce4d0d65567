"""The learner's own lines for the report: which files to read, and what is quoted of them for each piece of evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graders.model import Evidence, RequirementResult, SubmissionResult
from graders.report.excerpts import Colours, Excerpt, Quote, Range, quote

Texts = Mapping[str, str]
"""By path: the file's text."""
Citation = tuple[str, Range]
"""Path and lines."""


@dataclass(frozen=True)
class Quotes:
    """What a report quotes of one submission, by path and lines: made once from its files, which are then not needed any more."""

    by_place: Mapping[Citation, Quote] = field(default_factory=dict)

    def excerpt(self, evidence: Evidence) -> Excerpt | None:
        """The cited lines with two lines around them, or None when there is no such file or line."""
        found = self._of(evidence)
        return found.excerpt if found else None

    def plain_line(self, evidence: Evidence) -> str | None:
        """The first cited line, comparable between learners (:class:`Quote`), or None when there is no such line."""
        found = self._of(evidence)
        return found.plain if found else None

    def _of(self, evidence: Evidence) -> Quote | None:
        place = _place(evidence)
        return self.by_place.get(place) if place else None


Sources = Mapping[str, Quotes]
"""By submission id."""


def quotes(rows: Iterable[RequirementResult], texts: Texts) -> Quotes:
    """What the rows' evidence cites.

    :param texts: the learner's files; those that nothing cites are not looked at.
    """
    return quotes_at(places(rows), texts)


def places(rows: Iterable[RequirementResult]) -> tuple[Citation, ...]:
    """What the rows' evidence cites, each place once."""
    return tuple(dict.fromkeys(place for row in rows for seen in row.evidence if (place := _place(seen))))


def quotes_at(cited: Iterable[Citation], texts: Texts) -> Quotes:
    """What these places say, each text read once."""
    wanted: dict[str, list[Range]] = {}
    for path, lines in cited:
        wanted.setdefault(path, []).append(lines)
    colours = Colours()
    found: dict[Citation, Quote] = {}
    for path, ranges in wanted.items():
        if (text := texts.get(path)) is None:
            continue
        for lines, one in zip(ranges, quote(text, ranges, colours), strict=True):
            if one is not None:
                found[path, lines] = one
    return Quotes(found)


def quoted(submissions: Iterable[SubmissionResult], texts: Mapping[str, Texts]) -> dict[str, Quotes]:
    """The quotes of several submissions.

    :param texts: by submission id.
    """
    return {one.id: quotes(one.requirements, texts[one.id]) for one in submissions if one.id in texts}


def _place(evidence: Evidence) -> Citation | None:
    if evidence.path is None or evidence.line is None:
        return None
    return evidence.path, (evidence.line, max(evidence.line, evidence.end_line or evidence.line))
