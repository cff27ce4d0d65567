"""How a Terraform command looks: while it runs, what it came to, and what Terraform refuses at the learner's own line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from lab.output.cards import Mark
from lab.output.problem import Problem
from lab.output.view import View
from lab.terraform.outputs import OutputLine, of_state
from lab.terraform.plan_diff import Diff, ResourceDiff, sensitive_tree, shown_address, state_lines
from lab_env.advice import explain
from lab_env.text import counted, one_line

if TYPE_CHECKING:
    from graders.model import SourceDiagnostic
    from lab.session.place import Place
    from lab_env.terraform import RunResult

_DONE = Mark("✓", "done", "pass")
_PLANNED = Mark("•", "planned", "not_run")
_REFUSED = Mark("✗", "refused", "fail")
_NOTHING = Mark("•", "nothing deployed", "not_run")
_CLASSES = {"+": "add", "-": "remove", "~": "change", "-/+": "replace", "<=": "read", " ": "same"}


@dataclass(frozen=True)
class Step:
    """What happens to one resource while a command runs."""

    symbol: str
    address: str
    text: str


@dataclass(frozen=True)
class TerraformView(View):
    """One state of one command's output.

    :param phase: what is going on now; empty when it is over.
    :param share: how much of it is done, 0 to 1; None when that cannot be said.
    :param folded: what a change is in full is shown when it is asked for; ``brief``: the text form leaves it out.
    """

    template: ClassVar = "terraform.html.j2"
    classes: ClassVar = _CLASSES
    command: str
    lead: str = ""
    mark: Mark | None = None
    phase: str = ""
    share: float | None = None
    steps: tuple[Step, ...] = ()
    changes: tuple[ResourceDiff, ...] = ()
    outputs: tuple[OutputLine, ...] = ()
    folded: bool = False
    brief: bool = False
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    next_step: str = ""

    def lines(self) -> Iterator[str]:
        """Give the text form, line by line."""
        mark = f"{self.mark.symbol} " if self.mark else ""
        yield one_line(f"{mark}terraform {self.command}: {self.lead or self.phase}")
        for note in self.notes:
            yield one_line(f"Note: {note}")
        for step in self.steps:
            yield f"  {step.symbol} {one_line(f'{step.address}: {step.text}')}"
        for problem in self.problems:
            yield ""
            yield one_line(f"✗ {problem.where}: {problem.text}")
            if problem.number is not None:
                yield f"{problem.number:>5} | {one_line(problem.quoted)}"
            yield from problem.explained()
        for change in self.changes:
            if not self.brief:
                yield ""
            yield f"{change.sign:>3} {change.address} {change.what}".rstrip()
            for line in () if self.brief else change.lines:
                yield f"{line.sign:>3} {'  ' * line.depth}{line.text}"
        if self.outputs:
            yield ""
            yield "Outputs:"
        for output in self.outputs:
            yield one_line(f"{output.name} = {output.text}")
        if self.next_step:
            yield ""
            yield one_line(f"Next: {self.next_step}")


def planned(diff: Diff, notes: tuple[str, ...], outputs: tuple[OutputLine, ...] = ()) -> TerraformView:
    """Show a plan that was not applied."""
    return TerraformView(
        "plan",
        diff.summary,
        _PLANNED,
        changes=diff.changes,
        outputs=outputs,
        notes=(*notes, *diff.drift),
        next_step="%terraform apply does it." if diff.changes or outputs else "",
    )


def applied(diff: Diff, run: RunResult, notes: tuple[str, ...], outputs: tuple[OutputLine, ...] = ()) -> TerraformView:
    """Show an apply that went well."""
    added, changed, destroyed = _counts(run)
    lead = f"Apply complete: {added} added, {changed} changed, {destroyed} destroyed."
    changes = tuple(replace(change, what=change.done) for change in diff.changes)
    drift = (*notes, *diff.drift)
    return TerraformView("apply", lead, _DONE, changes=changes, outputs=outputs, folded=True, brief=True, notes=drift)


def given_out(state: Mapping[str, Any] | None, notes: tuple[str, ...]) -> TerraformView:
    """Show the module's outputs, as the state has them."""
    if state is None:
        return TerraformView("output", "Nothing is deployed.", _NOTHING, notes=notes, next_step="%terraform apply")
    outputs = of_state(state)
    lead = f"{counted(len(outputs), 'output')} in the state." if outputs else "The module has no outputs."
    return TerraformView("output", lead, Mark("•", "deployed", "not_run"), outputs=outputs, notes=notes)


def destroyed(run: RunResult | None, notes: tuple[str, ...]) -> TerraformView:
    """Show a destroy that went well, or had nothing to do."""
    if run is None:
        return TerraformView("destroy", "Nothing is deployed, so 0 destroyed.", _NOTHING, notes=notes)
    steps = tuple(Step("-", shown_address(one.address), "destroyed") for one in run.applied)
    kept = "The next apply goes to a fresh account: in this one, a deleted secret holds its name until its window ends."
    return TerraformView(
        "destroy", f"Destroy complete: {_counts(run)[2]} destroyed.", _DONE, steps=steps, notes=(*notes, kept)
    )


def shown(state: Mapping[str, Any] | None, account: str, notes: tuple[str, ...]) -> TerraformView:
    """Show what is deployed, as the state has it, without anything sensitive."""
    changes = tuple(sorted(_resources(state or {}), key=lambda one: one.address))
    if not changes:
        return TerraformView("show", "Nothing is deployed.", _NOTHING, notes=notes, next_step="%terraform apply")
    lead = f"{counted(len(changes), 'resource')} in your practice account {account}."
    return TerraformView("show", lead, Mark("•", "deployed", "not_run"), changes=changes, folded=True, notes=notes)


def refused(
    command: str, diagnostics: tuple[SourceDiagnostic, ...], place: Place, notes: tuple[str, ...]
) -> TerraformView:
    """Show what stands in the way, each at the learner's own line."""
    return TerraformView(
        command,
        f"{counted(len(diagnostics), 'error')}; {_left(command)}.",
        _REFUSED,
        problems=tuple(problem_at(one, place) for one in diagnostics),
        notes=notes,
        next_step=remedy(diagnostics, place),
    )


def problem_at(diagnostic: SourceDiagnostic, place: Place) -> Problem:
    """Put an error of Terraform at the line of the cell that it is about."""
    from lab.session.cells import cell_line

    text = f"{diagnostic.summary.rstrip('.')}. {diagnostic.detail}".strip()
    advice = explain(diagnostic.said(), {path: place.text(path) or "" for path in place.paths()})
    if diagnostic.path is None:
        where = shown_address(diagnostic.address) if diagnostic.address else "the module"
        return Problem(where, text, advice=advice)
    if diagnostic.line is None:
        return Problem(diagnostic.path, text, advice=advice)
    lines = (place.text(diagnostic.path) or "").split("\n")
    quoted = lines[diagnostic.line - 1] if diagnostic.line <= len(lines) else ""
    cell = cell_line(place, diagnostic.path, diagnostic.line)
    where = f"{diagnostic.path}, line {diagnostic.line}" + (f" ({cell})" if cell else "")
    return Problem(where, text, diagnostic.line, quoted, advice=advice)


def remedy(diagnostics: tuple[SourceDiagnostic, ...], place: Place) -> str:
    """Name the one thing to do about errors of Terraform."""
    from lab.deployment import placed

    said = " ".join(f"{one.summary} {one.detail}" for one in diagnostics)
    if not declares_environment(place):
        return place.front.environment
    if "scheduled for deletion" in said:
        return "Run %terraform destroy, then %terraform apply: a fresh account knows nothing of the deleted secret."
    if not placed(diagnostics):
        return "Run %lab_check; when it finds nothing wrong, run `lab doctor` in a terminal."
    return place.front.correct


def declares_environment(place: Place) -> bool:
    """Tell whether a file of the workspace declares ``variable "environment"``, without which no module of the course works."""
    from lab_env.errors import SubmissionError
    from lab_env.hcl import parse

    for path in place.paths():
        try:
            blocks = parse(path, place.text(path) or "").blocks_of("variable")
        except SubmissionError:
            return True  # what cannot be read may be just that; its own error is the one to tell
        if any(block.labels == ("environment",) for block in blocks):
            return True
    return False


def _left(command: str) -> str:
    return {"apply": "not everything was applied", "destroy": "not everything was destroyed"}.get(
        command, "nothing was planned"
    )


def _counts(run: RunResult) -> tuple[int, int, int]:
    actions = [one.action for one in run.applied]
    return actions.count("create"), actions.count("update"), actions.count("delete")


def _resources(state: Mapping[str, Any]) -> Iterator[ResourceDiff]:
    from graders.evidence.deploy_reader import state_resources

    sensitive: dict[str, dict[str, Any]] = {}
    for resource in state.get("resources", ()):
        tree = sensitive.setdefault(f"{resource.get('module')}.{resource['type']}.{resource['name']}", {})
        for instance in resource.get("instances", ()):
            tree.update(sensitive_tree(instance.get("sensitive_attributes") or ()))
    for one in state_resources(state):
        hidden = sensitive.get(one.resource, True)
        yield ResourceDiff(" ", shown_address(one.address), "", state_lines(one.attributes, hidden))
