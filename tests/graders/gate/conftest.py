"""Terraform's own parser, one child process a file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab_env.hcl.terraform_parser import TerraformParser


@pytest.fixture(scope="module")
def parser() -> Iterator[TerraformParser]:
    parser = TerraformParser()
    yield parser
    parser.close()
