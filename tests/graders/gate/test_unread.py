"""What Terraform reads and the grader does not: the grader's limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.grade import grade
from graders.model import Depth

ENVIRONMENT = 'variable "environment" {}\n'


@pytest.mark.parametrize(
    "text", ["locals {\n  a = [1 == <<E\nx\nE\n  ]\n}\n", "locals {\n  a = <<E\n${ <<E\nx\nE\n}\nE\n}\n"]
)
def test_it_is_an_error_and_no_mark(tmp_path: Path, text: str) -> None:
    """Is a file that only Terraform reads an error with its place, never 0 points, and a refusal beside a provider block?"""
    (tmp_path / "main.tf").write_text(ENVIRONMENT + text)
    result = grade(tmp_path, depth=Depth.STATIC).result
    assert (result.status.value, result.score) == ("error", None)
    assert "main.tf line" in str(result.reason)


def test_a_refusal_stays_one(tmp_path: Path) -> None:
    """Does a place that is not read hide nothing that is refused?"""
    (tmp_path / "main.tf").write_text(ENVIRONMENT + 'locals {\n  a = [1 == <<E\nx\nE\n  ]\n}\nprovider "aws" {}\n')
    result = grade(tmp_path, depth=Depth.STATIC).result
    assert (result.status.value, result.score) == ("rejected", 0)
