"""One expression, asked of Terraform and of us."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from graders.quality.hcl_agreement.expressions import CONTEXT
from graders.quality.hcl_agreement.made import Made
from lab_env.errors import SubmissionError, TerraformError
from lab_env.hcl import UNKNOWN, Call, Tuple, constant, load_tree, references, walk
from lab_env.temporary import temporary_directory
from lab_env.terraform import Toolchain
from lab_env.terraform.locate import child_environment

ERROR: Final = "!"
_AT_ONCE: Final = 250
_ANSWER_S: Final = 300


class Verdict(StrEnum):
    """How the two answers stand to each other."""

    SAME = "the same value"
    UNKNOWN = "a value there, unknown here"
    BOTH_REFUSE = "an error there, an error or unknown here"
    WRONG = "another value here than there, or a value here and an error there"
    REFUSED = "a value there, not read here"


@dataclass(frozen=True)
class Answered:
    """An expression with both answers.

    :param theirs: the value as JSON; None: an error.
    :param ours: the value, ``UNKNOWN``, or the error with which our reader refuses it.
    """

    made: Made
    theirs: str | None
    ours: object

    @property
    def verdict(self) -> Verdict:
        """The judgement: a value of ours must be Terraform's; unknown is always right."""
        if self.theirs is None:
            known = self.ours is not UNKNOWN and not isinstance(self.ours, SubmissionError)
            return Verdict.WRONG if known else Verdict.BOTH_REFUSE
        if isinstance(self.ours, SubmissionError):
            return Verdict.REFUSED
        if self.ours is UNKNOWN:
            return Verdict.UNKNOWN
        return Verdict.SAME if same(self.ours, json.loads(self.theirs, parse_float=Fraction)[0]) else Verdict.WRONG

    @property
    def functions(self) -> frozenset[str]:
        """The functions that are called in it."""
        tree = load_tree([("e.tf", _own_file(self.made.text))], ".")
        expression = tree.root.locals["e"].expression
        return frozenset(inner.name for inner in walk(expression) if isinstance(inner, Call))


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values are one, of one type all the way down; a number that is not whole is held to Python's nearest."""
    if isinstance(theirs, Fraction):
        theirs = theirs.numerator if theirs.denominator == 1 else float(theirs)
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(ours == theirs)


def ours(text: str) -> object:
    """Our value, ``UNKNOWN``, or the error."""
    try:
        tree = load_tree([("context.tf", CONTEXT), ("e.tf", _own_file(text))], ".")
        written = tree.root.locals["e"].expression
    except SubmissionError as error:
        return error
    assert isinstance(written, Tuple)  # noqa: S101 - so it is written
    return constant(tree, "", written.items[0])


def _own_file(text: str) -> str:
    return f"locals {{\n  e = [\n{text}\n]\n}}\n"


class Terraform:
    """``terraform console``, which is asked hundreds of expressions in one line: the last line is all that it answers."""

    def __init__(self, toolchain: Toolchain) -> None:
        self._words = [*toolchain.terraform, "console", "-no-color"]
        self._environment = child_environment(toolchain.cli_config)

    def values(self, texts: Sequence[str]) -> list[str | None]:
        """Of each the list with its value as JSON; None: it ends in an error, or its value is not known before an apply."""
        batches = [texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE)]
        with ThreadPoolExecutor(2) as pool:
            return [value for found in pool.map(self._batch, batches) for value in found]

    def _batch(self, texts: Sequence[str]) -> list[str | None]:
        """All at once; when that fails, since one is not even an expression, in halves."""
        found = self._asked(texts)
        if found is not None:
            return [None if value == ERROR else value for value in found]
        if len(texts) == 1:
            return [None]
        middle = len(texts) // 2
        return [*self._batch(texts[:middle]), *self._batch(texts[middle:])]

    def _asked(self, texts: Sequence[str]) -> list[str] | None:
        locals_ = "".join(
            f'  e{number} = try(nonsensitive(jsonencode([\n{text}\n])), "{ERROR}")\n'
            for number, text in enumerate(texts)
        )
        return self.of_files(
            {"main.tf": f"{CONTEXT}locals {{\n{locals_}}}\n"}, [f"local.e{number}" for number in range(len(texts))]
        )

    def of_files(self, files: Mapping[str, str], expressions: Sequence[str]) -> list[str] | None:
        """What texts a module's expressions are; None: they are not all known, or there is an error in the module."""
        line = f"base64encode(jsonencode([{', '.join(expressions)}]))\n"
        with temporary_directory("agreement") as directory:
            for name, text in files.items():
                (directory / name).write_text(text, encoding="utf-8", newline="")
            try:
                done = subprocess.run(
                    self._words,
                    cwd=directory,
                    env=self._environment,
                    input=line,
                    capture_output=True,
                    text=True,
                    timeout=_ANSWER_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise TerraformError(f"Terraform gave no answer in {_ANSWER_S} seconds.") from None
        try:
            values: list[str] = json.loads(base64.b64decode(done.stdout.strip().strip('"'), validate=True))
        except ValueError:
            return None
        return values


def ask(terraform: Terraform, expressions: Sequence[Made]) -> Iterator[Answered]:
    """Both answers to each expression."""
    theirs = terraform.values([one.text for one in expressions])
    for one, value in zip(expressions, theirs, strict=True):
        yield Answered(one, value, ours(one.text))


def _stands_alone(one: Made) -> bool:
    """Whether it names nothing that a loop around it has bound."""
    try:
        tree = load_tree([("e.tf", _own_file(one.text))], ".")
    except SubmissionError:
        return True
    return all(reference.root in ("local", "var") for reference in references(tree.root.locals["e"].expression))


def smallest(terraform: Terraform, answered: Answered) -> Answered:
    """The smallest expression with the same verdict, found by taking parts away."""
    while True:
        smaller = sorted(filter(_stands_alone, set(answered.made.smaller())), key=lambda one: (len(one.text), one.text))
        found: Iterator[Answered] = ask(terraform, smaller[:_AT_ONCE])
        less = next((one for one in found if one.verdict is answered.verdict), None)
        if less is None:
            return answered
        answered = less
