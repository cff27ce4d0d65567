"""What a report quotes of one text: the lines that were asked for, read once, coloured where that is quick."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.model import Evidence, Status
from graders.report import excerpts
from graders.report.excerpts import Colours, Excerpt, ExcerptLine, Piece, Quote, quote
from graders.report.sources import quotes
from lab_env.text import visible
from tests.graders.report import samples

MIB = 1 << 20


def texts(found: Quote | None) -> list[str]:
    assert found is not None
    return ["".join(piece.text for piece in line.pieces) for line in found.excerpt.lines]


def kinds(found: Quote | None) -> set[str]:
    assert found is not None
    return {piece.kind for line in found.excerpt.lines for piece in line.pieces}


def test_many_ranges_of_one_text() -> None:
    """Is each range answered, in the order they were asked in, and one that is not there by None?"""
    found = quote("a = 1\nb = 2\nc = 3\n", [(3, 3), (1, 2), (4, 4), (0, 2)])
    assert [one and [line.number for line in one.excerpt.lines if line.hit] for one in found] == [
        [3],
        [1, 2],
        None,
        None,
    ]


def test_a_text_is_read_once_whatever_cites_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a file cleaned and coloured once for all the evidence of all requirements that cite it?"""
    read: list[str] = []
    monkeypatch.setattr(excerpts, "_coloured", lambda text: read.append(text))
    rows = [
        samples.row(
            f"kms.{number}",
            Status.FAIL,
            points=1,
            evidence=tuple(Evidence(kind="hcl", path="a.tf", line=line, detail="d") for line in range(1, 20)),
        )
        for number in range(25)
    ]
    found = quotes(rows, {"a.tf": samples.KMS_TF, "b.tf": "not cited"})
    assert read == [samples.KMS_TF]
    assert len(found.by_place) == samples.KMS_TF.count("\n")


def test_windows_line_ends_and_the_end_of_the_text() -> None:
    """Are the lines the same with Windows line ends, coloured or not, and is a last line without an end one?"""
    for text in ("a = 1\r\nb = 2\r\nc = 3", "a = 1\nb = 2\nc = 3"):
        for whole in (text, "\n".join([text, *["x"] * 150_000])):
            assert texts(quote(whole, [(1, 3)])[0])[:3] == ["a = 1", "b = 2", "c = 3"]
    assert quote("", [(1, 1), (2, 2)])[1] is None
    assert texts(quote("x" * MIB, [(1, 1)])[0]) == ["x" * 300 + "…"]


def test_what_would_take_long_is_in_one_colour() -> None:
    """Is an ordinary text coloured, and one that the lexer reads again and again shown all the same, in one colour?"""
    assert kinds(quote(samples.KMS_TF * 180, [(3, 3)])[0]) >= {"name", "literal"}
    for bad in ("a" * 90_000, ("a" + " " * 1_000) * 90, "<<E\n" * 20_000):
        (found,) = quote(f"x = 1\n{bad}", [(1, 1)])
        assert kinds(found) == {""}
        assert texts(found)[0] == "x = 1"


def test_many_texts_share_what_may_be_coloured() -> None:
    """Does colouring end when a submission's texts have used up what there is for all of them?"""
    colours = Colours()
    found = [quote(samples.KMS_TF * 180, [(3, 3)], colours)[0] for _ in range(40)]
    coloured = [len(kinds(one)) > 1 for one in found]
    assert coloured == sorted(coloured, reverse=True)
    assert 2 <= sum(coloured) < 10


def test_a_heredoc_without_an_end_keeps_the_lines_numbers() -> None:
    """Are the lines behind an unfinished heredoc those of the file, though the lexer gives some of them twice?"""
    text = "a = <<EOT\nfirst\nsecond\nthird\nfourth\n"
    (found,) = quote(text, [(5, 5)])
    assert texts(found) == ["second", "third", "fourth"]
    assert quote(text, [(6, 6)]) == (None,)


def test_a_quote_is_plain_data() -> None:
    """Can a quote be written down and made again from what was written?"""
    (found,) = quote(samples.KMS_TF, [(2, 4)])
    assert found is not None
    data = asdict(found)
    lines = [
        ExcerptLine(line["number"], tuple(Piece(**piece) for piece in line["pieces"]), line["hit"])
        for line in data["excerpt"]["lines"]
    ]
    assert Quote(Excerpt(tuple(lines), data["excerpt"]["hidden"]), data["plain"]) == found


@given(st.text(alphabet=st.one_of(st.sampled_from("\r\n\t\x1b\u202e\u2028é a\x00\x85\ud800"), st.characters())))
def test_visible_marks_what_steers_and_nothing_else(text: str) -> None:
    """Is every character that steers marked by its number, and every other one as it was?"""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert visible(text) == "".join(
        f"⟨U+{ord(one):04X}⟩" if unicodedata.category(one) in hidden and one not in "\n\t" else one
        for one in text.replace("\r\n", "\n")
    )
