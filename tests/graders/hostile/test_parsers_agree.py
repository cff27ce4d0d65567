"""Two parsers, one reading: of whatever Terraform accepts, the gate has seen the same blocks, labels and attributes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from graders.gate import check
from lab_env.errors import SubmissionError
from lab_env.hcl import Body, parse
from lab_env.hcl.terraform_parser import RawBody, TerraformParser, neutralise
from lab_env.hcl.terraform_parser.program import READERS
from lab_env.submission import SourceFile, Submission
from tests.graders.hostile import hcl_texts

pytestmark = pytest.mark.slow

ENVIRONMENT = b'variable "environment" {\n  type = string\n}\n'
LIMIT_S = 2.0
ACCEPTED = 0.3
"""Of the texts, those that Terraform must accept: else the fuzz only proves that nonsense is refused."""

Shape = tuple[Any, ...]


@pytest.fixture(scope="module", params=READERS)
def parser(request: pytest.FixtureRequest) -> Iterator[TerraformParser]:
    parser = TerraformParser(READERS[request.param].program())
    yield parser
    parser.close()


def ours(body: Body) -> Shape:
    """Names of attributes and blocks with their labels, all the way down."""
    names = sorted([*body.attributes, *(a.name for a in body.duplicates)])
    return (tuple(names), tuple((b.type, b.labels, ours(b.body)) for b in body.blocks))


def theirs(body: RawBody) -> Shape:
    """The same of what Terraform read."""
    names = sorted(name for _, name in body.attributes)
    return (tuple(names), tuple((b.type, b.labels, theirs(b.body)) for b in body.blocks))


def terraforms(parser: TerraformParser, text: str, body: Body) -> Shape:
    """What Terraform reads: of the text itself where its parser can say so (there is no operator in it), else of the
    text without operators."""
    try:
        return theirs(parser.structure({"main.tf": text})["main.tf"])
    except SubmissionError:
        return theirs(parser.structure({"main.tf": neutralise("main.tf", text, body).text})["main.tf"])


def agree(parser: TerraformParser, text: str, seen: Counter[str]) -> None:
    """Ask both, through the gate and beside it."""
    data = text.encode()
    files = (SourceFile("main.tf", data), SourceFile("variables.tf", ENVIRONMENT))
    started = time.process_time()
    try:
        accepted = check(Submission("s", "", files, "."), parser=parser).accepted
    except SubmissionError:
        accepted = False
    assert time.process_time() - started < LIMIT_S
    seen["texts"] += 1
    plain = text.removeprefix("\ufeff")  # a mark that begins a file is none of it; Terraform says so of files only
    try:
        right = not parser.problems({"main.tf": plain})
    except SubmissionError:  # a brace too many closed the wrapper that it is asked in, which no right file does
        right = False
    seen["accepted by Terraform"] += right
    seen["accepted by the gate"] += accepted
    assert right or not accepted, "the gate accepts what Terraform does not"
    if not right:
        return
    try:
        body = parse("main.tf", text)
    except SubmissionError:
        assert not accepted
        seen["not read by the grader"] += 1
        return
    try:
        truth = terraforms(parser, plain, body)
    except SubmissionError:
        assert not accepted
        return
    assert ours(body) == truth


@pytest.mark.parametrize("count", [250, pytest.param(10_000, marks=pytest.mark.full)])
def test_what_terraform_accepts_was_read_as_it_is(parser: TerraformParser, count: int) -> None:
    """Does the gate survive any text, in two seconds, and see what Terraform sees in those that it accepts?"""
    agree(parser, "locals {}\n", Counter())  # both parsers are warm
    seen: Counter[str] = Counter()

    @settings(
        max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(hcl_texts.files)
    def run(text: str) -> None:
        agree(parser, text, seen)

    run()
    print(dict(seen))
    assert seen["texts"] >= count
    assert seen["accepted by Terraform"] >= ACCEPTED * seen["texts"]
