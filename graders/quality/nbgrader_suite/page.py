"""``docs/nbgrader-suite.md``: figures by program, and every test that our configuration does not pass, judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from graders.quality.nbgrader_suite.suite import Outcome, Ran
from lab_env.errors import LabError
from lab_env.tables import ClosedTable, Text, toml_table
from lab_env.text import counted

JUDGED = Path(__file__).with_name("judged.toml")
_TEXT = Path(__file__).with_name("page.md")


class Judgement(ClosedTable):
    """:param tests: how the names of those it is about begin. :param why: why the test does not apply to a course of ours."""

    tests: Text
    why: Text


class _Judgements(ClosedTable):
    failure: tuple[Judgement, ...] = ()


def judged() -> tuple[Judgement, ...]:
    """Those that somebody has judged."""
    return toml_table(JUDGED.read_text(encoding="utf-8"), _Judgements, JUDGED.name).failure


def page(ran: Ran, known: Sequence[Judgement]) -> str:
    """The page's text.

    :raises LabError: a test fails with our configuration alone and is not judged, or a judged one passes.
    """
    ours = [test for test, outcome in ran.ours.items() if outcome is Outcome.FAILED and not _fails_anyway(ran, test)]
    found = [(item, [test for test in ours if test.startswith(item.tests)]) for item in known]
    if new := sorted(set(ours).difference(*(tests for _, tests in found))):
        raise LabError(
            f"{new[0]} fails with our configuration alone, which nobody has judged"
            + (f"; {len(new) - 1} more." if len(new) > 1 else "."),
            next_step=f"Mend what breaks it, or say in {JUDGED.name} why it does not apply.",
        )
    if gone := [item.tests for item, tests in found if not tests]:
        raise LabError(f"{gone[0]} no longer fails.", next_step=f"Take it out of {JUDGED.name}.")
    text = _TEXT.read_text(encoding="utf-8")
    return text.format(version=ran.version, table=_table(ran), judgements=_judgements(found), anyway=_anyway(ran))


def _fails_anyway(ran: Ran, test: str) -> bool:
    return ran.plain.get(test) is Outcome.FAILED


def _table(ran: Ran) -> str:
    counts: dict[str, Counter[str]] = {}
    for test, outcome in ran.ours.items():
        kind = "anyway" if outcome is Outcome.FAILED and _fails_anyway(ran, test) else outcome.value
        counts.setdefault(test.partition("::")[0].removeprefix("test_"), Counter())[kind] += 1
    counts["all"] = sum(counts.values(), Counter())
    kinds = ("passed", "failed", "anyway", "skipped")
    lines = [
        "| program | tests | pass | fail with ours alone | fail without ours, too | skipped |",
        "|---|---|---|---|---|---|",
    ]
    for program, found in counts.items():
        lines.append(f"| {program} | {found.total()} | {' | '.join(str(found[kind]) for kind in kinds)} |")
    return "\n".join(lines) + "\n"


def _judgements(found: Sequence[tuple[Judgement, list[str]]]) -> str:
    if not found:
        return "There is none.\n"
    lines = ["| test | tests | why it does not apply |", "|---|---|---|"]
    lines += [f"| `{item.tests}` | {len(tests)} | {item.why} |" for item, tests in found]
    return "\n".join(lines) + "\n"


def _anyway(ran: Ran) -> str:
    failing = sorted(test for test in ran.plain if _fails_anyway(ran, test))
    if not failing:
        return ""
    names = ", ".join(f"`{test}`" for test in failing)
    return f"\n{counted(len(failing), 'test')} that nbgrader does not pass here without us either: {names}.\n"
