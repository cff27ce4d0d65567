"""Step module: it is valid, and it follows its environment."""

from __future__ import annotations

from collections.abc import Mapping

from graders.evidence.facts import Facts
from graders.evidence.plan import EnvironmentPlan, PlannedResource
from graders.evidence.subject import planned
from graders.model import Evidence, Layer, Outcome, SourceDiagnostic
from graders.rubric.look import Finding, diagnostic_evidence, in_every_environment, lines, plan_evidence, show
from graders.rubric.requirement import Blocked, failed, passed, requirement
from graders.rubric.steps.environments import UNIQUE_NAMES, Difference, choices, differences, same_names
from lab_env.hcl import Call, walk

NO_RESOURCE = "no resource"
"""What is observed where nobody has begun yet."""
_NAMED = ("aws_kms_alias", "aws_secretsmanager_secret", "aws_kms_key")


@requirement(
    "module.valid",
    points=2,
    layer=Layer.PLAN,
    hints=(
        "Read the first error from the top: file, line, Terraform's own words.",
        "Only the lesson's resources are allowed, and no provider block: the lab configures the provider for you.",
        "Run lab check --depth plan after each change; fix one error at a time.",
    ),
)
def valid(facts: Facts) -> Outcome:
    """The module is accepted, has a resource, and Terraform initialises and validates it."""
    expected = "only what the lesson allows; at least one resource; no error from Terraform"
    if not facts.gate.accepted:
        first = facts.gate.violations[0]
        return failed(first.summary, expected, str(first), [v.evidence("hcl") for v in facts.gate.violations])
    blocks = list(facts.tree.resources())
    if not blocks:
        message = "The module has no resource yet."
        return failed(NO_RESOURCE, expected, message, [facts.whole_module("no resource block")])
    if facts.plan is not None and facts.plan.errors:
        seen = [diagnostic_evidence(error) for error in facts.plan.errors]
        if all(error.path is None for error in facts.plan.errors):
            # Terraform points at the root's call, which is not the learner's: what is called is.
            seen += _declaration(facts)
        said = f"Terraform {facts.plan.terraform}".rstrip()
        message = f"{said} says: {facts.plan.errors[0]}{_of_a_newer_terraform(facts, facts.plan.errors[0])}"
        return failed(str(facts.plan.errors[0]), expected, message, seen)
    if facts.plan is not None and facts.plan.violations:
        seen = [Evidence(kind="plan", detail=str(violation)) for violation in facts.plan.violations]
        return failed(seen[0].detail, expected, seen[0].detail, seen)
    plans = ", ".join(p.environment for p in planned(facts).environments if p.ok)
    planned_dev = planned(facts).deployed_environment
    count = sum(1 for r in planned_dev.resources if r.mode == "managed")
    if count == 0:
        message = "Terraform would create nothing: every resource has a count or for_each of none."
        return failed("no resource is planned", expected, message, [facts.whole_module("0 resources planned")])
    seen_plan = Evidence(
        kind="plan", detail=f"terraform plan: {count} resources under {planned_dev.environment}; planned: {plans}"
    )
    return passed("valid", expected, "The module is valid.", [seen_plan])


@requirement(
    "module.environment",
    points=4,
    layer=Layer.PLAN,
    needs=("secret.container", "kms.alias"),
    hints=lambda lesson: (
        "Compare what the module would build for dev, for prod and for a name you have never heard of.",
        f"Alias, secret name and {lesson.environment_tag} tags are made of var.environment; nothing is chosen by its value.",
        'Write "${var.environment}" into those names and tags, and make every other choice a variable of its own.',
    ),
)
def environment(facts: Facts) -> Outcome:
    """Names and tags follow var.environment, and nothing else depends on its value."""
    expected = (
        f"alias, secret name and {facts.lesson.environment_tag} tags follow var.environment; "
        "all else is the same in every environment"
    )
    plans = [plan for plan in planned(facts).environments if plan.ok]
    broken = [plan for plan in planned(facts).environments if not plan.ok]
    if broken:
        error = broken[0].diagnostics[0]
        message = f"Under the environment {broken[0].environment} the module cannot be planned: {error}"
        return failed(f"{broken[0].environment}: {error.summary}", expected, message, [diagnostic_evidence(error)])
    if not any(plan.of_type(*_NAMED) for plan in plans):
        raise Blocked("secret.container", "there is no secret, key or alias whose name or tags could follow")
    refused = [
        Evidence(kind="plan", detail=f"{name}: refused by the module's own validation, so not planned")
        for name in planned(facts).refused
    ]
    if len(plans) < 2:
        observed = f"the module accepts {plans[0].environment} only"
        message = "The module accepts one environment only, so nothing shows that its names follow."
        return failed(observed, expected, message, [*refused, *_declaration(facts)])
    tags = in_every_environment(facts, lambda plan: _follows(facts, plan))
    if not tags.ok:
        message = f"A tag does not follow var.environment: {tags.observed}."
        return failed(tags.observed, expected, message, tags.evidence)
    for resource, one, other in same_names(plans):
        name = resource.values["name"]
        kind = UNIQUE_NAMES[resource.type]
        observed = f"name = {show(name)} under {one.environment} and {other.environment}"
        where = [plan_evidence(one, resource, "name"), *lines(facts, resource.address, "name")]
        message = f"A {kind}'s name is unique in an account, and this one does not follow var.environment: {observed}."
        return failed(observed, expected, message, where)
    everywhere = (*plans, *planned(facts).mentioned)
    found = [*differences(everywhere), *choices(facts, everywhere)]
    if found:
        return _differs(facts, found[0], expected)
    names = ", ".join(plan.environment for plan in plans)
    same = Evidence(kind="plan", detail=f"planned under {names}: only texts made of the name differ")
    message = "The module builds the same thing in every environment, under its own names."
    return passed("names and tags follow, the rest is the same", expected, message, [same, *refused, *tags.evidence])


_SINCE_1_15 = {"variable": ("const", "deprecated"), "output": ("type", "deprecated")}
"""Arguments of blocks (https://github.com/hashicorp/terraform/blob/v1.15/CHANGELOG.md)."""


def _of_a_newer_terraform(facts: Facts, error: SourceDiagnostic) -> str:
    """Which Terraform the line of an error is written for, where it is a newer one than the grader's may be."""
    for module in facts.tree.modules:
        body = module.files.get(error.path or "")
        for block in body.blocks if body is not None else ():
            for name in _SINCE_1_15.get(block.type, ()):
                there = block.body.attributes.get(name)
                if there is not None and there.span.line == error.line:
                    return f" The argument {name} of {block.type} blocks needs Terraform 1.15 or newer, and an older one grades."
        for expr in (e for root in (body.expressions() if body is not None else ()) for e in walk(root)):
            if isinstance(expr, Call) and expr.name == "convert" and expr.span.line == error.line:
                return " The function convert needs Terraform 1.15 or newer, and an older one grades."
    return ""


def _declaration(facts: Facts) -> list[Evidence]:
    """Where the module says what an environment may be."""
    block = facts.tree.root.variables.get("environment")
    return [] if block is None else [facts.at(block.span, 'variable "environment"')]


def _follows(facts: Facts, plan: EnvironmentPlan) -> Finding:
    """The Environment tags of everything that has one; the lesson's names as evidence. What is absent is another line's matter."""
    evidence: list[Evidence] = []
    for resource in plan.resources:
        tags = resource.values.get("tags") or {}
        value = tags.get(facts.lesson.environment_tag) if isinstance(tags, Mapping) else None
        seen = (plan_evidence(plan, resource, "tags"), *lines(facts, resource.address, "tags"))
        if isinstance(value, str) and _stands_still(facts, plan, resource, value):
            return Finding(False, f"tag {facts.lesson.environment_tag} = {show(value)}", seen)
    for resource in plan.of_type("aws_kms_alias", "aws_secretsmanager_secret"):
        evidence += (plan_evidence(plan, resource, "name"), *lines(facts, resource.address, "name"))
    return Finding(True, "names and tags follow", tuple(evidence))


def _stands_still(facts: Facts, plan: EnvironmentPlan, resource: PlannedResource, value: str) -> bool:
    """Whether another environment's resource at the same place has the same tag."""
    return resource.mode == "managed" and any(
        (there.values.get("tags") or {}).get(facts.lesson.environment_tag) == value
        for other in planned(facts).environments
        if other.ok and other is not plan
        for there in other.at(resource.config_address)
        if there.index == resource.index or len(other.at(resource.config_address)) == 1
    )


def _differs(facts: Facts, difference: Difference, expected: str) -> Outcome:
    where = lines(facts, difference.address, difference.attribute)
    if difference.span is not None:
        chosen = facts.at(difference.span, difference.text, address=difference.address)
        where = (chosen, *(line for line in where if line.path and not line.path.endswith(".tf")))
    evidence = [Evidence(kind="plan", address=difference.address, detail=difference.text), *where]
    message = f"{difference.text}. Make that choice a variable of its own, with the same default everywhere."
    return failed(difference.text, expected, message, evidence)
