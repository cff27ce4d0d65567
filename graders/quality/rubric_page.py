"""The rubric as a page for people: ``python -m graders.quality.rubric_page`` writes ``docs/rubric.md`` again from the registry."""

from __future__ import annotations

from pathlib import Path

from graders.rubric import Rubric, registry
from graders.rubric.requirement import Requirement

PAGE = Path(__file__).parents[2] / "docs" / "rubric.md"

_HEAD = """# The rubric

Written by `python -m graders.quality.rubric_page` from the requirements in `graders/rubric/`; edit those, not this page.

{count} requirements, {points} points. A requirement that needs another one is `blocked` while that one is not met; all but
`module.valid` itself need `module.valid`, which the tables leave out. The layer is where the proof comes from: `hcl` the files,
`plan` the plan under every environment, `deployed` the API's answers on what was built, `behaviour` a drill. The hint is the
first of three; `lab hint ID` tells the others.

How often each requirement notices what breaks it, and how often it takes points from what is right (kill rate and false-fail
rate, with their denominators), is measured on mutants of right solutions: [mutation.md](mutation.md).
"""


def document(rubric: Rubric) -> str:
    """The page: a table a step, a row a requirement, in the rubric's order."""
    parts = [_HEAD.format(count=len(rubric.requirements), points=rubric.max_score).rstrip()]
    for step in rubric.steps:
        rows = [r for r in rubric.requirements if r.step == step]
        parts.append(f"\n## {step} ({sum(r.points for r in rows)} points)\n")
        parts.append("| id | points | layer | needs | met when | first hint |\n|---|---|---|---|---|---|")
        parts += [_row(requirement) for requirement in rows]
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
