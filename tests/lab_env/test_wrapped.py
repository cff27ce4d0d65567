"""Lines for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_env.text import columns, wrapped

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:dev-database-credentials-AbCdEf:password::"


def test_no_word_is_parted() -> None:
    """Does each line end between two words, and does what is set in stay set in?"""
    said = wrapped("one two three four five", 11, indent=1, hanging=3)
    assert said == [" one two", "   three", "   four", "   five"]


def test_a_word_wider_than_a_line_is_parted_where_it_has_joints() -> None:
    """Is an ARN parted after a colon or a hyphen, and a path after a slash?"""
    said = wrapped(f"Read {ARN} now", 60)
    assert max(map(len, said)) <= 60
    assert "".join(said).replace(" ", "") == f"Read{ARN}now"
    assert all(line[-1] in ":-/" for line in said[1:-1])
    assert wrapped("/one/two/three", 9) == ["/one/two/", "three"]


@pytest.mark.parametrize(("text", "width"), [("漢字", 4), ("e\u0301", 1), ("a", 1), ("", 0)])
def test_columns_are_a_terminals(text: str, width: int) -> None:
    """Does a wide character count twice and a combining one not at all?"""
    assert columns(text) == width


@given(st.text(max_size=200), st.integers(1, 90), st.integers(0, 8), st.integers(0, 8))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: int, indent: int, hanging: int) -> None:
    """Whatever the text, are all its characters there, in order, on lines that fit?"""
    said = wrapped(text, width, indent=indent, hanging=hanging)
    assert "".join("".join(line.split()) for line in said) == "".join(text.split())
    room = width - max(indent, hanging)
    if room >= 2:  # narrower than a wide character nothing fits
        assert all(columns(line) <= width for line in said)
