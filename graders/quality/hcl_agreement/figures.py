"""How many of the made expressions and files come out the same, and what does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from graders.quality.hcl_agreement.asking import Answered, Terraform, Verdict, ask, smallest
from graders.quality.hcl_agreement.expressions import Expressions
from graders.quality.hcl_agreement.files import Files
from graders.quality.hcl_agreement.reading import Read, Reading, read
from lab_env.hcl.terraform_parser import TerraformParser
from lab_env.terraform import Toolchain

_FAULTS = frozenset({Verdict.WRONG, Verdict.REFUSED})
_RIGHT = frozenset({Reading.SAME, Reading.BOTH_REFUSE})
_SHOWN = 10


@dataclass(frozen=True)
class Values:
    """Of expressions.

    :param faults: each made as small as it stays one.
    """

    counts: Counter[Verdict]
    faults: tuple[Answered, ...]

    @property
    def unknown_share(self) -> float:
        """Of those that have a value there."""
        known = sum(self.counts.values()) - self.counts[Verdict.BOTH_REFUSE]
        return self.counts[Verdict.UNKNOWN] / max(known, 1)

    def __str__(self) -> str:
        lines = [f"  {self.counts[verdict]:6}  {verdict}" for verdict in Verdict]
        lines += [
            f"  {one.made.text!r}: {one.ours!r} here, {one.theirs or 'an error'} there" for one in self.faults[:_SHOWN]
        ]
        return "\n".join(["Expressions:", *lines, f"  {self.unknown_share:6.1%}  of the values there are unknown here"])


@dataclass(frozen=True)
class Readings:
    """Of files.

    :param values: of the local values in them: how many are the same, and how many are unknown here.
    """

    counts: Counter[Reading]
    values: tuple[int, int]
    faults: tuple[Read, ...]

    def __str__(self) -> str:
        lines = [f"  {self.counts[reading]:6}  {reading}" for reading in Reading]
        lines += [f"  {one.reading}: {one.detail}\n{one.made.text}" for one in self.faults[:_SHOWN]]
        same, unknown = self.values
        return "\n".join(["Files:", *lines, f"  {same:6}  values in them are the same, {unknown} unknown here"])


def of_expressions(toolchain: Toolchain, count: int, seed: int) -> Values:
    """Made expressions, asked of both."""
    terraform, expressions = Terraform(toolchain), Expressions(seed)
    counts: Counter[Verdict] = Counter()
    faults: list[Answered] = []
    for answered in ask(terraform, [expressions.one() for _ in range(count)]):
        verdict = answered.verdict
        counts[verdict] += 1
        if verdict in _FAULTS and len(faults) < _SHOWN:
            faults.append(smallest(terraform, answered))
    return Values(counts, tuple(faults))


def of_files(toolchain: Toolchain, parser: TerraformParser, count: int, seed: int) -> Readings:
    """Made files, read by both."""
    files = Files(seed)
    found = list(read(toolchain, parser, [files.one() for _ in range(count)]))
    return Readings(
        Counter(one.reading for one in found),
        (sum(one.values[0] for one in found), sum(one.values[1] for one in found)),
        tuple(one for one in found if one.reading not in _RIGHT),
    )
