"""The HTML report: one page that needs nothing but itself: no request, readable on a phone, on paper, and without script.

Only the page of a class has a script, which adds search and sorting to what is there without it; the page's policy allows no other.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from graders.model import Results
from graders.report import cards, pages
from graders.report.depths import shallow
from graders.report.sources import Quotes, Sources
from lab_env.files import PRIVATE, write_output


def render(results: Results, sources: Sources | None = None, *, links: Sequence[str] | None = None) -> str:
    """The page's text: one submission's cards, or a class with everybody's.

    :param sources: the learners' lines that the evidence names. A class page quotes them for what does not pass; all else
        would be most of its size. A large class has everybody's losses alone, for a browser has to carry the page.
    :param links: for a class, an address a submission of the page that holds its cards, which are left out here then.
    :raises ValueError: there are not as many links as submissions.
    """
    quotes = sources or {}
    if len(results.submissions) < 2:
        sections = [
            cards.section(1, one, quotes.get(one.id, Quotes()), depth=shallow(results)) for one in results.submissions
        ]
        return pages.fill("learner.html.j2", styles=("page.css",), results=results, sections=sections, instructor=True)

    from graders.report.class_page import NAMED, class_view
    from graders.report.items import ENOUGH

    if links is not None and len(links) != len(results.submissions):
        raise ValueError("a link for each submission")
    view = class_view(results, quotes, links)
    sections = [
        cards.section(number, one, quotes.get(one.id, Quotes()), quote_passed=False, depth=shallow(results))
        for number, one in enumerate(results.submissions, start=1)
        if links is None and not view.briefs
    ]
    script = pages.file_of("class.js")
    return pages.fill(
        "class.html.j2",
        styles=("page.css", "class.css"),
        results=results,
        sections=sections,
        view=view,
        histogram=pages.drawing(view.histogram),
        losses_chart=pages.drawing(view.losses_chart),
        instructor=True,
        enough=ENOUGH,
        named=NAMED,
        script=script,
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def write(results: Results, path: Path, sources: Sources | None = None, *, feedback: Sequence[Path] = ()) -> None:
    """Writes the page to ``path``, whole or not at all.

    :param feedback: what :func:`graders.report.feedback_pages.write_feedback` wrote: a class page links there instead
        of showing everybody's cards.
    :raises UsageError: the directory is missing or may not be written to.
    """
    write_output(
        path, render(results, sources, links=[_relative(page, path) for page in feedback] or None), mode=PRIVATE
    )


def _relative(page: Path, start: Path) -> str:
    """The address of ``page`` from the page ``start``, with forward slashes and nothing that could be a scheme."""
    relative = Path(os.path.relpath(page.absolute(), start.absolute().parent)).as_posix()
    return quote(relative, errors="surrogateescape")
