"""Whether `secret.no_plaintext` finds a credential in a labelled line, and the figures of a whole file of them.

A line is read as the grader reads it: a line of a ``.tf`` file as HCL, in the block that it could stand in; any other as a file
that was handed in with the module.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graders.evidence.facts import Facts
from graders.gate import GateReport
from graders.model import Depth, Status
from graders.rubric.requirement import Blocked
from graders.rubric.steps.plaintext import no_plaintext
from lab_env.errors import LabError
from lab_env.hcl import ModuleTree, load_tree
from lab_env.submission import SourceFile, Submission
from tests.graders.rubric.credentials.labelled.labelled import HERE, Labelled, develop, held_out

FIGURES = HERE / "figures.json"
"""What was measured when the rules were done, once for the held-out lines."""
_AROUND = (
    "{}",
    "locals {{\n{}\n}}",
    'resource "aws_ecs_task_definition" "app" {{\n{}\n}}',
    "locals {{\n  containers = [{{\n    environment = [\n{}\n    ]\n  }}]\n}}",
    "locals {{\n  containers = [{{\n{}\n  }}]\n}}",
    "locals {{\n{}\n  }}\n}}",
    "{}\n}}",
)


@dataclass(frozen=True)
class Figures:
    """How often a file of labelled lines was told right."""

    lines: int
    found: int
    missed: int
    accused: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.accused)

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed)


def figures(lines: Iterable[Labelled]) -> Figures:
    """Measure."""
    told = [(line.label == "credential", holds(line)) for line in lines]
    return Figures(len(told), told.count((True, True)), told.count((True, False)), told.count((False, True)))


def holds(line: Labelled) -> bool:
    """Whether the rubric finds a credential in the line."""
    if not line.file.endswith(".tf"):
        return _fails(load_tree([], "."), (), (SourceFile(line.file, line.text.encode()),))
    for text, tree in _read(line):
        return _fails(tree, (SourceFile(line.file, text.encode()),), ())
    return _fails(load_tree([], "."), (SourceFile(line.file, line.text.encode()),), ())


def _read(line: Labelled) -> Iterator[tuple[str, ModuleTree]]:
    for around in _AROUND:
        text = around.format(line.text) + "\n"
        try:
            tree = load_tree([(line.file, text)], ".")
        except LabError:
            continue
        body = tree.nodes[""].module.files[line.file]
        if not body.attributes:  # Terraform allows none outside of blocks
            yield text, tree
        elif body.blocks:
            # Blocks, and arguments of another one beside them.
            outside = {n for a in body.attributes.values() for n in range(a.span.line, a.span.end_line + 1)}
            lines = list(enumerate(text.splitlines(), 1))
            kept = "\n".join(said for number, said in lines if number not in outside)
            moved = "\n".join(said for number, said in lines if number in outside)
            again = f"{kept}\nlocals {{\n{moved}\n}}\n"
            yield again, load_tree([(line.file, again)], ".")


def _fails(tree: ModuleTree, files: tuple[SourceFile, ...], ignored: tuple[SourceFile, ...]) -> bool:
    submission = Submission("line", "sha256:0", files, ".", ignored)
    facts = Facts(submission=submission, depth=Depth.STATIC, gate=GateReport(True, (), (), tree))
    try:
        return no_plaintext.check(facts).status is Status.FAIL
    except Blocked:  # no resource, and nothing found
        return False


def main() -> None:
    """Measure all and keep the figures; the held-out lines count only once, when the rules are done."""
    told = {name: figures(lines()) for name, lines in (("develop", develop), ("held-out", held_out))}
    record = {
        name: {"lines": f.lines, "found": f.found, "missed": f.missed, "accused": f.accused} for name, f in told.items()
    }
    Path(FIGURES).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
