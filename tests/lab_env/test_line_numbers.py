"""The line of an offset."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lab_env.line_numbers import LineNumbers


@given(st.text(alphabet="a\n\r\u2028"), st.integers(1, 9))
def test_lines_are_counted_by_line_feeds(text: str, first: int) -> None:
    """Is every offset's line what counting the line feeds before it gives, the end of the text included?"""
    lines = LineNumbers(text, first=first)
    assert [lines.of(at) for at in range(len(text) + 1)] == [
        first + text.count("\n", 0, at) for at in range(len(text) + 1)
    ]
