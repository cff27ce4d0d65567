"""The drills' own fixtures: the magics are tested on the same deployment."""

from __future__ import annotations

from tests.lab.drills.conftest import make_bench, reference  # noqa: F401 - fixtures of the tests here
