"""All evidence on one submission, gathered once and kept apart from verdicts: what the rubric's checks read."""

from __future__ import annotations

from dataclasses import dataclass

from graders.evidence.deployed import DeployedFacts
from graders.evidence.drills import DrillFacts
from graders.evidence.plan import PlanFacts
from graders.gate import GateReport
from graders.model import Depth, Evidence
from lab_env.hcl import Block, Expression, ModuleTree, Span, resolve
from lab_env.hcl.addresses import CALL, in_module, without_indexes
from lab_env.lesson import STANDARD, Lesson
from lab_env.submission import Submission


@dataclass(frozen=True)
class Reference:
    """A resource attribute whose value flows into an expression.

    :param resource: config address, ``module.secrets.module.store.aws_secretsmanager_secret.this``; for a variable of the
        module under test ``module.secrets.var.environment``.
    :param type: ``aws_secretsmanager_secret``; ``var`` for a variable.
    :param mode: ``managed``, ``data``, ``ephemeral`` or ``var``.
    :param attribute: None when the whole resource is taken.
    """

    resource: str
    type: str
    mode: str
    attribute: str | None


@dataclass(frozen=True)
class Facts:
    """``plan``, ``deployed`` and ``drills`` are None when the depth did not ask for them or an earlier stage failed.

    :param capabilities: what the engine can show (``iam``, ``trail``, ``ecs``).
    :param lesson: what was asked of this submission.
    """

    submission: Submission
    depth: Depth
    gate: GateReport
    plan: PlanFacts | None = None
    deployed: DeployedFacts | None = None
    drills: DrillFacts | None = None
    capabilities: frozenset[str] = frozenset()
    lesson: Lesson = STANDARD

    @property
    def tree(self) -> ModuleTree:
        """The module under test; only an accepted submission has one that may be looked at."""
        if self.gate.tree is None:
            raise ValueError("a submission that the gate refused has no module to look at")
        return self.gate.tree

    def at(self, span: Span, detail: str, *, address: str | None = None) -> Evidence:
        """Evidence at the learner's own lines."""
        file = self.submission.any_file(span.path)
        cell = file.cell_at(span.line) if file else None
        return Evidence(
            kind="hcl",
            path=span.path,
            line=span.line,
            end_line=span.end_line,
            cell=cell,
            address=address,
            detail=detail,
        )

    def whole_module(self, detail: str) -> Evidence:
        """Evidence on the module as a whole, for what is not there."""
        return Evidence(kind="hcl", path=self.submission.module_dir, detail=detail)

    def block(self, address: str) -> Block | None:
        """The block of ``module.secrets.module.kms.aws_kms_key.this`` in the learner's files."""
        return self.tree.block(in_module(address))

    def resources(self, type: str) -> dict[str, Block]:
        """Resource blocks of a type by config address, child modules too."""
        return {f"{CALL}.{self.tree.nodes[path].address(b.address)}": b for path, b in self.tree.resources(type)}

    def data(self, type: str) -> dict[str, Block]:
        """Data blocks of a type by config address, child modules and those inside ``check`` too."""
        return {
            f"{CALL}.{node.address(block.address)}": block
            for node in self.tree.nodes.values()
            for block in (*node.module.data.values(), *node.module.checked_data)
            if block.labels[0] == type
        }

    def references(self, address: str, attribute: str) -> frozenset[Reference]:
        """What flows into an attribute of a resource; nothing when the attribute is not there."""
        block = self.block(address)
        expression = block.body.get(attribute) if block else None
        if expression is None:
            return frozenset()
        return self.flows_into(self.tree.split(in_module(address))[0], expression)

    def flows_into(self, module_path: str, expression: Expression) -> frozenset[Reference]:
        """What flows into an expression that stands in the module at ``module_path``."""
        return frozenset(reference_to(text) for text in resolve(self.tree, module_path, expression))


def reference_to(address: str) -> Reference:
    """An address in the module under test, with or without an attribute and indexes, in its parts."""
    text = without_indexes(address)
    parts = text.split(".")
    steps: list[str] = []
    while parts[0] == "module" and len(parts) > 2:
        steps += parts[:2]
        parts = parts[2:]
    if parts[0] == "var":
        return Reference(".".join((CALL, *steps, *parts[:2])), "var", "var", None)
    mode = parts[0] if parts[0] in ("data", "ephemeral") else "managed"
    width = 2 if mode == "managed" else 3
    resource = parts[:width]
    attribute = parts[width] if len(parts) > width else None
    return Reference(".".join((CALL, *steps, *resource)), resource[-2] if len(resource) > 1 else "", mode, attribute)
