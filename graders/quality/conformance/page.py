"""``docs/engines.md``: what was seen on each engine, beside what AWS documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import RootModel

from graders.quality.conformance.behaviour import Seen
from lab_env.errors import LabError
from lab_env.tables import Text, toml_table

DIFFERENCES = Path(__file__).with_name("differences.toml")
_SERVICES = {
    "kms": "KMS",
    "secrets": "Secrets Manager",
    "iam": "IAM and STS",
    "sts": "IAM and STS",
    "ecs": "ECS",
    "logs": "CloudWatch Logs",
    "trail": "CloudTrail",
    "refused": "What AWS refuses",
}
_TEXT = Path(__file__).with_name("page.md")


class _Effects(RootModel[dict[str, dict[str, Text]]]):
    """Sentences by engine and behaviour id."""


@dataclass(frozen=True)
class Look:
    """What was seen on one engine. :param name: as ``--engine`` has it."""

    name: str
    version: str
    seen: Sequence[Seen]

    def differing(self) -> Mapping[str, str]:
        """By behaviour id, how it answers otherwise."""
        return {one.behaviour.id: one.differs for one in self.seen if one.differs is not None}


def effects() -> Mapping[str, Mapping[str, str]]:
    """By engine and behaviour id, what a known difference means for a mark."""
    return toml_table(DIFFERENCES.read_text(encoding="utf-8"), _Effects, DIFFERENCES.name).root


def page(looks: Sequence[Look], known: Mapping[str, Mapping[str, str]]) -> str:
    """The page's text.

    :param looks: of each engine, all over the same behaviours.
    :raises LabError: a difference is not known, or a known one is not seen.
    """
    for one in looks:
        _require_known(one, known.get(one.name, {}))
    text = _TEXT.read_text(encoding="utf-8")
    return text.replace("{table}", _table(looks)).replace("{differences}", _differences(looks, known))


def _require_known(one: Look, known: Mapping[str, str]) -> None:
    seen = one.differing()
    if new := sorted(seen.keys() - known.keys()):
        raise LabError(
            f"The engine {one.name} differs from AWS in {', '.join(f'{id} ({seen[id]})' for id in new)}, which nobody has judged.",
            next_step=f"Say in {DIFFERENCES.name} what it means for a mark.",
        )
    if gone := sorted(known.keys() - seen.keys()):
        raise LabError(
            f"The engine {one.name} does {', '.join(gone)} as AWS does.",
            next_step=f"Take it out of {DIFFERENCES.name}.",
        )


def _table(looks: Sequence[Look]) -> str:
    lines = []
    service = ""
    for row in zip(*(one.seen for one in looks), strict=True):
        behaviour = row[0].behaviour
        heading = _SERVICES[behaviour.id.partition(".")[0]]
        if heading != service:
            service = heading
            names = " | ".join(f"{one.name} {one.version}" for one in looks)
            lines += ["", f"## {service}", "", f"| AWS documents | {names} | |", "|---|" + "---|" * len(looks) + "---|"]
        cells = " | ".join("yes" if one.differs is None else f"no: {one.differs}" for one in row)
        lines.append(f"| {behaviour.says} | {cells} | `{behaviour.id}`, {behaviour.source} |")
    return "\n".join(lines[1:]) + "\n"


def _differences(looks: Sequence[Look], known: Mapping[str, Mapping[str, str]]) -> str:
    lines = ["| engine | behaviour | what it does | effect on learners and marks |", "|---|---|---|---|"]
    for one in looks:
        lines += [f"| {one.name} | `{id}` | {how} | {known[one.name][id]} |" for id, how in one.differing().items()]
    return "\n".join(lines) + "\n"
