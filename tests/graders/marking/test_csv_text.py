"""A CSV file cell by cell: what it says is what Python's csv says, and what it is written with is kept."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.marking import csv_text

SIGNS = st.text(st.sampled_from(list('ab"\r\n,; é')), max_size=30)


@given(SIGNS, st.sampled_from(",;\t"))
def test_it_reads_what_python_reads(text: str, delimiter: str) -> None:
    """Does any text give the cells that Python's strict reader gives, or is it refused by both?"""
    try:
        expected = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    except csv.Error:
        with pytest.raises(csv_text.CsvTextError):
            list(csv_text.rows(text, delimiter))
        return
    rows = list(csv_text.rows(text, delimiter))
    assert [[csv_text.value(cell) for cell in row.cells] for row in rows if not row.is_empty] == expected
    assert "".join(delimiter.join(row.cells) + row.end for row in rows) == text


@given(st.text(st.characters(blacklist_categories=("Cs",))), st.sampled_from(",;\t"), st.booleans())
def test_what_is_written_is_read(text: str, delimiter: str, quoted: bool) -> None:
    """Does a cell that is written say the same when it is read, to Python's reader as well?"""
    cell = csv_text.written(text, delimiter, quoted=quoted)
    assert csv_text.value(cell) == text
    (row,) = csv.reader(io.StringIO(f"x{delimiter}{cell}\n", newline=""), delimiter=delimiter, strict=True)
    assert row == ["x", text]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [('a,b\n"c,d\n', 2, "never closed"), ('"a\nb","c"x\n', 2, "behind a closing quote")],
)
def test_what_is_no_csv(text: str, line: int, words: str) -> None:
    """Is the line named on which a text stops being CSV?"""
    with pytest.raises(csv_text.CsvTextError, match=words) as caught:
        list(csv_text.rows(text, ","))
    assert caught.value.line == line
