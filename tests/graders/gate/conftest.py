"""Both second readers, one child process a file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab_env.hcl.terraform_parser import TerraformParser
from lab_env.hcl.terraform_parser.program import READERS


@pytest.fixture(scope="module", params=READERS)
def parser(request: pytest.FixtureRequest) -> Iterator[TerraformParser]:
    parser = TerraformParser(READERS[request.param].program())
    yield parser
    parser.close()
