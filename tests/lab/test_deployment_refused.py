"""The commands of the learner's deployment: what they say before anything is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.model import SourceDiagnostic
from lab.deployment import RefusedError, _accepted, require


def test_what_the_gate_refuses_is_a_sentence_with_a_place(tmp_path: Path) -> None:
    """Is a learner whose working copy is refused told why and where, in words, and is nothing of our own types shown?"""
    (tmp_path / "main.tf").write_text('variable "environment" {}\n\nprovider "aws" {}\n')
    with pytest.raises(RefusedError) as refused:
        _accepted(tmp_path)
    (first,) = refused.value.diagnostics
    assert refused.value.message == f"The working copy is not accepted: {first.summary} (main.tf:3)"


def test_terraforms_errors_are_told_in_the_same_words() -> None:
    """Is an error of Terraform a sentence with its place, written as the gate's are?"""
    said = SourceDiagnostic(summary="Unsupported argument", detail="It is not expected here.", path="kms.tf", line=4)
    with pytest.raises(RefusedError) as refused:
        require((said,))
    assert refused.value.message == (
        "Terraform refuses the working copy: Unsupported argument (kms.tf:4): It is not expected here."
    )
