"""Plans the module under every environment in as few Terraform calls as will do: one, when nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graders.evidence.plan import EnvironmentPlan, PlanFacts, read_environment
from graders.gate import check_plan
from graders.model import SourceDiagnostic
from lab_env.hcl.addresses import hcl_string
from lab_env.terraform import Diagnostic, Event, RunResult, Terraform
from lab_env.workspace import ROOT_FILE, Workspace, module_name

PLAN_FILE = "grade.tfplan"


def plan_environments(
    terraform: Terraform,
    workspace: Workspace,
    environments: Sequence[str],
    *,
    mentioned: Sequence[str] = (),
    on_event: Callable[[Event], None] | None = None,
    on_document: Callable[[Mapping[str, Any]], None] | None = None,
) -> PlanFacts:
    """Plan all environments in one root; fall back to fewer when one of them is refused or fails.

    :param environments: the first is the one that will be deployed; without it there is no plan.
    :param mentioned: more of them, which do no harm when they cannot be planned.
    :param on_event: told what Terraform does while it plans.
    :param on_document: given the plan as ``terraform show -json`` writes it, when there is one.
    """
    wanted = [*environments, *mentioned]
    refused: list[str] = []
    failed: list[EnvironmentPlan] = []
    while True:
        workspace.set_environments(tuple(wanted))
        run = terraform.plan(workspace.directory / PLAN_FILE, on_event=on_event)
        if run.ok:
            break
        by_validation = _refused_by_validation(run, workspace, wanted)
        if by_validation:
            if wanted[0] in by_validation:
                return PlanFacts(environments=(), errors=learner_diagnostics(run, workspace))
            refused += by_validation
            wanted = [name for name in wanted if name not in by_validation]
        elif len(wanted) == 1:
            return PlanFacts(environments=(), refused=tuple(refused), errors=learner_diagnostics(run, workspace))
        else:
            # Something is wrong under at least one environment and the diagnostics do not say which: the last one is tried
            # for itself, so that each failure is laid to the environment that has it.
            last = wanted.pop()
            workspace.set_environments((last,))
            alone = terraform.plan(workspace.directory / PLAN_FILE)
            if alone.ok:
                document = terraform.show(workspace.directory / PLAN_FILE)
                failed.append(read_environment(document, module_name(0), last))
            else:
                failed.append(
                    EnvironmentPlan(environment=last, resources=(), diagnostics=learner_diagnostics(alone, workspace))
                )
    document = terraform.show(workspace.directory / PLAN_FILE)
    if on_document is not None:
        on_document(document)
    planned = [
        read_environment(document, call, name)
        for call, name in ((module_name(i), name) for i, name in enumerate(wanted))
    ]
    by_name = {plan.environment: plan for plan in (*planned, *failed)}
    return PlanFacts(
        environments=tuple(by_name[name] for name in environments if name in by_name),
        mentioned=tuple(by_name[name] for name in mentioned if name in by_name and by_name[name].ok),
        refused=tuple(name for name in refused if name in environments),
        violations=check_plan(document),
    )


def learner_diagnostics(run: RunResult, workspace: Workspace) -> tuple[SourceDiagnostic, ...]:
    """Terraform's errors at the learner's own file, line and cell; each once, though every environment's call repeats it."""
    found = [_diagnostic(d, workspace) for d in run.diagnostics if d.severity == "error"]
    return tuple({(d.path, d.line, d.summary): d for d in reversed(found)}.values())[::-1]


def _diagnostic(diagnostic: Diagnostic, workspace: Workspace) -> SourceDiagnostic:
    place = workspace.source_location(diagnostic.file, diagnostic.line) if diagnostic.file and diagnostic.line else None
    return SourceDiagnostic(
        summary=diagnostic.summary,
        detail=" ".join(diagnostic.detail.split()),
        path=place.path if place else None,
        line=place.line if place else None,
        cell=place.cell if place else None,
        address=diagnostic.address,
        refused=diagnostic.refused,
    )


def _refused_by_validation(run: RunResult, workspace: Workspace, environments: Sequence[str]) -> list[str]:
    """The environments whose module call Terraform points at with its own words for a validation that says no.

    The diagnostic's range is the argument in the generated root, so the line tells the environment.
    """
    root = (workspace.directory / ROOT_FILE).read_text().splitlines()
    pointed = {
        root[d.line - 1].strip()
        for d in run.diagnostics
        if d.severity == "error" and d.summary == "Invalid value for variable" and d.file == ROOT_FILE and d.line
    }
    return [name for name in environments if f"environment = {hcl_string(name)}" in pointed]
