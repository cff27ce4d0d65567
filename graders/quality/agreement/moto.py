"""moto's policy documents with AWS's answers to them: lists of literals in a Python test (github.com/getmoto/moto, Apache-2.0)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.quality.agreement.checkout import Checkout
from graders.quality.agreement.model import Case, Taken

_FOLDER, _FILE = "tests/test_iam", "test_iam_policies.py"
_REFUSED, _TAKEN = "invalid_policy_document_test_cases", "valid_policy_documents"


def cases(suite: Checkout) -> Iterator[Case]:
    """The refused ones, then the others, each by its number and, when refused, by AWS's sentence."""
    for name, text in suite.files(_FOLDER, _FILE):
        for node in ast.parse(text).body:
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            listed = node.targets[0].id
            if listed == _REFUSED:
                for number, case in enumerate(ast.literal_eval(node.value), start=1):
                    yield Case(f"{name}: refused {number}: {case['error_message']}", False, Taken(case["document"]))
            elif listed == _TAKEN:
                for number, document in enumerate(ast.literal_eval(node.value), start=1):
                    yield Case(f"{name}: taken {number}", True, Taken(document))
