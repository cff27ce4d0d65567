"""``docs/iam-agreement.md``: figures by suite, and every difference with the answer that AWS's documentation supports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graders.quality.agreement.model import Outcome, Said
from graders.quality.agreement.suites import Suite
from lab_env.errors import LabError
from lab_env.tables import ClosedTable, Text, toml_table

DIFFERENCES = Path(__file__).with_name("differences.toml")
_TEXT = Path(__file__).with_name("page.md")
_COLUMNS = {
    Said.ALIKE: "alike",
    Said.UNDETERMINED: "undetermined",
    Said.REFUSED: "not stored",
    Said.OUTSIDE: "outside",
    Said.DIFFERS: "differ",
}


class Difference(ClosedTable):
    """:param cases: how the ids of those it is about begin."""

    suite: Text
    cases: Text
    supports: Literal["ours", "the suite", "neither"]
    why: Text
    source: Text


class _Differences(ClosedTable):
    difference: tuple[Difference, ...]


@dataclass(frozen=True)
class Held:
    """A suite held against ours.

    :param commit: of the suite's checkout, 40 hex digits.
    """

    suite: Suite
    commit: str
    outcomes: Sequence[Outcome]

    def of(self, said: Said) -> list[Outcome]:
        """Those that came to it, in the suite's order."""
        return [one for one in self.outcomes if one.said is said]


def known_differences() -> tuple[Difference, ...]:
    """Those that somebody has judged."""
    return toml_table(DIFFERENCES.read_text(encoding="utf-8"), _Differences, DIFFERENCES.name).difference


def page(held: Sequence[Held], known: Sequence[Difference]) -> str:
    """The page's text.

    :raises LabError: a difference is not known, or a known one is not seen.
    """
    command = " ".join(f"{one.suite.name}=CHECKOUT" for one in held)
    text = _TEXT.read_text(encoding="utf-8").replace("{command}", command).replace("{totals}", _totals(held))
    return text.replace("{suites}\n", "\n".join(_section(one, known) for one in held))


def _totals(held: Iterable[Held]) -> str:
    lines = [f"| suite | commit | cases | {' | '.join(_COLUMNS.values())} |", "|---|---|---|" + "---|" * len(_COLUMNS)]
    for one in held:
        counts = " | ".join(str(len(one.of(said))) for said in _COLUMNS)
        link = f"[{one.suite.repository}](https://github.com/{one.suite.repository})"
        lines.append(f"| {link} | `{one.commit[:12]}` | {len(one.outcomes)} | {counts} |")
    return "\n".join(lines) + "\n"


def _section(one: Held, known: Sequence[Difference]) -> str:
    parts = [f"## {one.suite.name}\n"]
    for said, heading in ((Said.UNDETERMINED, "undetermined"), (Said.REFUSED, "not stored"), (Said.OUTSIDE, "outside")):
        if reasons := Counter(outcome.why for outcome in one.of(said)):
            parts += [_reasons(heading, reasons)]
    judged = _judged(one, [item for item in known if item.suite == one.suite.name])
    if judged:
        parts.append(_judgements(judged))
    return "\n".join(parts)


def _reasons(heading: str, reasons: Mapping[str, int]) -> str:
    lines = [f"| {heading} because of | cases |", "|---|---|"]
    lines += [f"| {why} | {count} |" for why, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))]
    return "\n".join(lines) + "\n"


def _judged(one: Held, known: Sequence[Difference]) -> list[tuple[Difference, list[Outcome]]]:
    differing = one.of(Said.DIFFERS)
    found = [(item, [o for o in differing if o.case.id.startswith(item.cases)]) for item in known]
    seen = {outcome.case.id for _, outcomes in found for outcome in outcomes}
    if new := [outcome for outcome in differing if outcome.case.id not in seen]:
        raise LabError(
            f"In {one.suite.name} ours differs in {new[0].case.id!r} ({new[0].why}), which nobody has judged"
            + (f"; {len(new) - 1} more." if len(new) > 1 else "."),
            next_step=f"Mend the evaluator, or say in {DIFFERENCES.name} which answer AWS's documentation supports.",
        )
    if gone := [item.cases for item, outcomes in found if not outcomes]:
        raise LabError(
            f"In {one.suite.name} ours no longer differs in {gone[0]!r}.",
            next_step=f"Take it out of {DIFFERENCES.name}.",
        )
    return found


def _judgements(judged: Sequence[tuple[Difference, list[Outcome]]]) -> str:
    lines = ["| differ | cases | AWS's documentation supports | why |", "|---|---|---|---|"]
    for item, outcomes in judged:
        lines.append(
            f"| {item.cases.strip(': ')} | {len(outcomes)} | {item.supports} | {item.why} [Source]({item.source}) |"
        )
    return "\n".join(lines) + "\n"
