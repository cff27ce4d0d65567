"""Tokens that are known by their form, with the library and without it."""

from __future__ import annotations

import sys

import pytest

from graders.rubric.credentials.vendor_forms import library_forms, vendor_forms

TOKEN = "ghp_" + "WiL9dv4wtfUQ1VQ3OZRkt4aQng5VP22e2sZt"


def test_our_own_forms() -> None:
    """Is a usual token found by our own list, and none in a token drawn with one sign or in AWS's documented example?"""
    assert [what for _, what in vendor_forms(f"a\n{TOKEN}")] == ["a GitHub token"]
    assert list(vendor_forms("ghp_" + "x" * 36)) == []
    assert list(vendor_forms("AKIAIOSFODNN7EXAMPLE")) == []


def test_the_library() -> None:
    """Does the library find a token where it stands, in any line?"""
    pytest.importorskip("betterleaks")
    text = f"ä line\n  key = '{TOKEN}'\n"
    assert [offset for offset, _ in library_forms(text)] == [text.index(TOKEN)]
    assert library_forms('password = "kT9vLq2Zx81wPm"') == []


@pytest.mark.parametrize("text", ["", "\0" * 50, "a" * (3 << 20)])
def test_texts_that_are_not_asked(text: str) -> None:
    """Is nothing found, and nothing raised, in what the library is not given?"""
    assert library_forms(text) == []


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do our own forms still count where the library is not installed?"""
    monkeypatch.setitem(sys.modules, "betterleaks", None)
    assert library_forms(f"key = {TOKEN}") == []
    assert list(vendor_forms(f"key = {TOKEN}"))
