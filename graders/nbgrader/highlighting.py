"""How learners' cells look in formgrader, and on nbconvert's pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nbconvert.filters import Highlight2HTML
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TerraformLexer
from pygments.token import Comment, Error, Text

_MAGIC = "%%hcl"


class _HclCell(TerraformLexer):  # type: ignore[misc]
    """The text of a ``%%hcl`` cell: its first line is no HCL. What the lexer does not know is text, not an error in red."""

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """The tokens, each with its place."""
        end = text.find("\n") + 1 or len(text)
        yield 0, Comment.Preproc, text[:end]
        for index, kind, value in super().get_tokens_unprocessed(text[end:]):
            yield index + end, Text if kind is Error else kind, value


def highlight_code(source: str, language: str | None = None, metadata: Mapping[str, Any] | None = None) -> str:
    """A code cell in colours, as HTML: nbconvert's own, but for cells that are files."""
    if not source.lstrip().startswith(_MAGIC):
        plain: str = Highlight2HTML()(source, language=language, metadata=metadata)  # type: ignore[no-untyped-call]
        return plain
    coloured: str = highlight(source.lstrip(), _HclCell(), HtmlFormatter(cssclass=" highlight hl-terraform"))
    return coloured
