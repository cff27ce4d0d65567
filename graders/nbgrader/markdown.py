"""Markdown that somebody else wrote, made harmless for a page that shows it without cleaning it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_TAGS = frozenset(
    {
        *(
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "div",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "ol",
            "p",
        ),
        *("pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
    }
)
_ATTRIBUTES = frozenset({"align", "class", "href", "id", "start", "style", "title"})
_WEB = re.compile(r"https?://|mailto:|#", re.IGNORECASE)
_MATHJAX = re.compile(r"\\(?:href|url|unicode|class|cssId|style|require|html)", re.IGNORECASE)
# Characters that are rendered to see what they give: an answer has a page or two, and a megabyte takes ten seconds, or hours where
# each of many formulas has no end.
_RENDERED = 20_000
_LONGEST_FENCE = re.compile(r"`{3,}")


def harmless(text: str) -> str:
    """``text`` without any HTML; one that would still give more than text and plain links, or is very long, is shown as typed.

    What counts is what nbconvert makes of it, so that is what is looked at.
    """
    escaped = text.replace("<", "&lt;")
    if len(escaped) <= _RENDERED and not _MATHJAX.search(escaped) and _plain(_rendered(escaped)):
        return escaped
    longest = max((len(run) for run in _LONGEST_FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _rendered(text: str) -> str:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    rendered: str = markdown2html_mistune(text)
    return rendered


def _plain(html: str) -> bool:
    found = _Found()
    found.feed(html)
    found.close()
    return not found.refused


class _Found(HTMLParser):
    """Whether a page has anything beyond the tags of ordinary prose, and links that lead anywhere but to the web."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            bad_link = name == "href" and not _WEB.match((value or "").strip())
            if name not in _ATTRIBUTES or bad_link:
                self.refused = True
        if tag not in _TAGS:
            self.refused = True
