"""One file, read by Terraform and by us."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from graders.quality.hcl_agreement.asking import ERROR, Terraform, same
from graders.quality.hcl_agreement.expressions import CONTEXT
from graders.quality.hcl_agreement.files import MadeFile
from lab_env.errors import SubmissionError, TerraformError
from lab_env.hcl import UNKNOWN, Body, Call, Expression, Tuple, constant, load_tree, parse
from lab_env.hcl.terraform_parser import RawBody, TerraformParser, neutralise
from lab_env.temporary import temporary_directory
from lab_env.terraform import Toolchain
from lab_env.terraform.locate import child_environment

_AT_ONCE: Final = 100
_ANSWER_S: Final = 300
Shape = tuple[Any, ...]


class Reading(StrEnum):
    """How the two readings of a file stand to each other."""

    SAME = "read alike"
    BOTH_REFUSE = "refused there, and by one of our two parsers"
    REFUSED = "a right file, refused here"
    ACCEPTED = "refused there, taken by both our parsers"
    DIFFERENT = "other blocks and arguments here than there"
    WRONG = "another value in it here than there"


@dataclass(frozen=True)
class Read:
    """A file with its judgement.

    :param detail: what was refused or differs, for people.
    :param values: of its local values: how many are the same, and how many are unknown here.
    """

    made: MadeFile
    reading: Reading
    detail: str = ""
    values: tuple[int, int] = (0, 0)


def read(toolchain: Toolchain, parser: TerraformParser, files: Sequence[MadeFile]) -> Iterator[Read]:
    """Every file, judged."""
    terraform = Terraform(toolchain)
    for at in range(0, len(files), _AT_ONCE):
        some = files[at : at + _AT_ONCE]
        refused = _refused_by_fmt(toolchain, some)
        right = [made for made in some if made.whole]
        values = dict(zip((n for m in right for n in m.names), _values(terraform, right), strict=True))
        for number, made in enumerate(some):
            yield _judged(parser, made, refused.get(number), values)


def _judged(parser: TerraformParser, made: MadeFile, refused: str | None, values: dict[str, str | None]) -> Read:
    plain = made.text.removeprefix("\ufeff")
    try:
        body = parse("main.tf", made.text)
        error = ""
    except SubmissionError as problem:
        body, error = None, str(problem)
    if refused is not None:
        if body is None or _problems(parser, plain):
            return Read(made, Reading.BOTH_REFUSE)
        return Read(made, Reading.ACCEPTED, refused)
    if body is None:
        return Read(made, Reading.REFUSED, error)
    try:
        theirs = _theirs(_structure(parser, plain, body))
    except SubmissionError as problem:
        return Read(made, Reading.REFUSED, f"second parser: {problem}")
    if _ours(body) != theirs:
        return Read(made, Reading.DIFFERENT, f"{_ours(body)}\n{theirs}")
    return _compared(made, values) if made.whole else Read(made, Reading.SAME)


def _problems(parser: TerraformParser, text: str) -> bool:
    try:
        return bool(parser.problems({"main.tf": text}))
    except SubmissionError:  # a brace too many
        return True


def _structure(parser: TerraformParser, text: str, body: Body) -> RawBody:
    try:
        return parser.structure({"main.tf": text})["main.tf"]
    except SubmissionError:  # its answer holds no operators
        return parser.structure({"main.tf": neutralise("main.tf", text, body).text})["main.tf"]


def _ours(body: Body) -> Shape:
    names = sorted([*body.attributes, *(a.name for a in body.duplicates)])
    return (tuple(names), tuple((b.type, b.labels, _ours(b.body)) for b in body.blocks))


def _theirs(body: RawBody) -> Shape:
    names = sorted(name for _, name in body.attributes)
    return (tuple(names), tuple((b.type, b.labels, _theirs(b.body)) for b in body.blocks))


def _compared(made: MadeFile, values: dict[str, str | None]) -> Read:
    """The local values of a file that is read alike."""
    tree = load_tree([("context.tf", CONTEXT), ("main.tf", made.text)], ".")
    equal = unknown = 0
    for name in made.names:
        found = constant(tree, "", _inner(tree.root.locals[name].expression))
        theirs = values[name]
        if found is UNKNOWN:
            unknown += theirs is not None
        elif theirs is None or not same(found, json.loads(theirs, parse_float=Fraction)[0]):
            return Read(made, Reading.WRONG, f"{name}: {found!r} here, {theirs} there")
        else:
            equal += 1
    return Read(made, Reading.SAME, values=(equal, unknown))


def _inner(expression: Expression) -> Expression:
    """What ``try(nonsensitive(jsonencode([…])), "!")`` is about."""
    while isinstance(expression, Call):
        expression = expression.args[0]
    assert isinstance(expression, Tuple)  # noqa: S101 - so it is written
    return expression.items[0]


def _refused_by_fmt(toolchain: Toolchain, files: Sequence[MadeFile]) -> dict[int, str]:
    """Which files ``terraform fmt`` finds an error in, by their numbers, and the first line of what it says."""
    with temporary_directory("agreement") as directory:
        for number, made in enumerate(files):
            (directory / f"f{number}.tf").write_text(made.text.removeprefix("\ufeff"), encoding="utf-8", newline="")
        try:
            done = subprocess.run(
                [*toolchain.terraform, "fmt", "-no-color", "-check", "-list=false", directory],
                env=child_environment(toolchain.cli_config),
                capture_output=True,
                text=True,
                timeout=_ANSWER_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TerraformError(f"Terraform gave no answer in {_ANSWER_S} seconds.") from None
    found: dict[int, str] = {}
    for message in re.split(r"^Error: ", done.stderr, flags=re.MULTILINE)[1:]:
        for number in re.findall(r"\bf(\d+)\.tf\b", message):
            found.setdefault(int(number), message.partition("\n")[0])
    return found


def _values(terraform: Terraform, files: Sequence[MadeFile]) -> list[str | None]:
    """The local values of files that stand beside each other in one module."""
    found = terraform.of_files(
        {"context.tf": CONTEXT, **{f"f{number}.tf": made.locals_ for number, made in enumerate(files)}},
        [f"local.{name}" for made in files for name in made.names],
    )
    if found is not None:
        return [None if value == ERROR else value for value in found]
    if len(files) == 1:
        return [None for _ in files[0].names]
    middle = len(files) // 2
    return [*_values(terraform, files[:middle]), *_values(terraform, files[middle:])]
