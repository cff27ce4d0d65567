"""Our reader and evaluator of HCL beside Terraform itself: is any value another one, any right file refused?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from graders.quality.hcl_agreement import asking
from graders.quality.hcl_agreement.asking import Answered, Terraform, Verdict, same, smallest
from graders.quality.hcl_agreement.expressions import Expressions
from graders.quality.hcl_agreement.figures import of_expressions, of_files
from graders.quality.hcl_agreement.files import Files
from graders.quality.hcl_agreement.made import made
from graders.quality.hcl_agreement.reading import Reading
from lab_env.hcl import UNKNOWN
from lab_env.hcl.terraform_parser import TerraformParser, find_program
from lab_env.terraform import Toolchain

SEED = 2026
UNKNOWN_SHARE = 0.1
VALUES = 0.5
"""Of the expressions, those that must have a value there: else it would only be proved that both refuse nonsense."""


@pytest.mark.parametrize("count", [250, pytest.param(10_000, marks=pytest.mark.full)])
def test_expressions(toolchain: Toolchain, count: int) -> None:
    """Is each made expression's value Terraform's own or unknown, hardly ever unknown, and no right one refused?"""
    values = of_expressions(toolchain, count, SEED)
    print(values)
    assert values.faults == (), str(values)
    assert sum(values.counts.values()) == count
    assert count - values.counts[Verdict.BOTH_REFUSE] >= VALUES * count
    assert values.unknown_share < UNKNOWN_SHARE


@pytest.mark.parametrize("count", [50, pytest.param(2_000, marks=pytest.mark.full)])
def test_files(toolchain: Toolchain, count: int) -> None:
    """Is each right file read with its blocks, arguments and values, and each wrong one refused by one of our two parsers?"""
    parser = TerraformParser(find_program())
    try:
        readings = of_files(toolchain, parser, count, SEED)
    finally:
        parser.close()
    print(readings)
    assert readings.faults == (), str(readings)
    assert sum(readings.counts.values()) == count
    assert readings.counts[Reading.SAME] >= VALUES * count
    assert readings.values[0] >= VALUES * count


def test_a_wrong_answer_is_seen(toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would the comparison see another value, another type, a value where Terraform has an error, and make it small?"""
    assert Answered(made("1"), "[1]", 1).verdict is Verdict.SAME
    assert Answered(made("1"), "[1]", UNKNOWN).verdict is Verdict.UNKNOWN
    assert Answered(made("1"), None, UNKNOWN).verdict is Verdict.BOTH_REFUSE
    for theirs, ours in (
        ("[1]", 2),
        ("[1]", "1"),
        ("[1]", True),
        ("[1]", 1.0),
        ("[[1]]", ["1"]),
        (None, 1),
        ("[null]", ""),
    ):
        assert Answered(made("1"), theirs, ours).verdict is Verdict.WRONG
    assert same({"a": [1.5, None]}, {"a": [Fraction("1.5"), None]})
    assert not same({"a": 1}, {"a": 1, "b": 1})
    wrong = Answered(made("[", made("upper(", made('"a"'), ")"), ", ", made("local.n"), "]"), '[["A", 3]]', ["a", 3])
    assert wrong.verdict is Verdict.WRONG
    monkeypatch.setattr(asking, "ours", lambda text: "a" if "upper(" in text else UNKNOWN)
    assert smallest(Terraform(toolchain), wrong).made.text == 'upper("a")'


def test_the_same_seed_makes_the_same() -> None:
    """Can what was found be found again, and does another seed ask something else?"""
    first, again, other = ([expressions.one().text for _ in range(50)] for expressions in map(Expressions, (1, 1, 2)))
    assert first == again != other
    files, once_more = ([f.one() for _ in range(20)] for f in (Files(1), Files(1)))
    assert files == once_more
