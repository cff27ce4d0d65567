"""Step module: it is valid, and it follows its environment."""

from __future__ import annotations

from graders.evidence.facts import Facts
from graders.evidence.plan import EnvironmentPlan
from graders.evidence.subject import planned
from graders.model import Evidence, Layer, Outcome, SourceDiagnostic
from graders.rubric.look import Finding, in_every_environment, lines, plan_evidence, show
from graders.rubric.requirement import Blocked, failed, passed, requirement
from graders.rubric.steps.environments import Difference, differences
from lab_env.hcl import conditional_uses
from lab_env.lesson import LESSON

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
        return failed("no resource", expected, message, [facts.whole_module("no resource block")])
    if facts.plan is not None and facts.plan.errors:
        seen = [_terraform(error) for error in facts.plan.errors]
        return failed(str(facts.plan.errors[0]), expected, f"Terraform says: {facts.plan.errors[0]}", seen)
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


def _terraform(error: SourceDiagnostic) -> Evidence:
    return error.evidence("plan" if error.path is None else "hcl")


@requirement(
    "module.environment",
    points=4,
    layer=Layer.PLAN,
    needs=("secret.container", "kms.alias"),
    hints=(
        "Compare what the module would build for dev, for prod and for a name you have never heard of.",
        f"Alias, secret name and {LESSON.environment_tag} tags are made of var.environment; nothing is chosen by its value.",
        'Write "${var.environment}" into those names and tags, and make every other choice a variable of its own.',
    ),
)
def environment(facts: Facts) -> Outcome:
    """Names and tags follow var.environment, and nothing else depends on its value."""
    expected = (
        f"alias, secret name and {LESSON.environment_tag} tags follow var.environment; "
        "all else is the same in every environment"
    )
    plans = [plan for plan in planned(facts).environments if plan.ok]
    broken = [plan for plan in planned(facts).environments if not plan.ok]
    if broken:
        error = broken[0].diagnostics[0]
        message = f"Under the environment {broken[0].environment} the module cannot be planned: {error}"
        return failed(f"{broken[0].environment}: {error.summary}", expected, message, [_terraform(error)])
    if not any(plan.of_type(*_NAMED) for plan in plans):
        raise Blocked("secret.container", "there is no secret, key or alias whose name or tags could follow")
    names_and_tags = in_every_environment(facts, lambda plan: _follows(facts, plan))
    if not names_and_tags.ok:
        observed = names_and_tags.observed
        message = f"A name or tag does not follow var.environment: {observed}."
        return failed(observed, expected, message, names_and_tags.evidence)
    found = differences(plans)
    if found:
        return _differs(facts, found[0], expected)
    for use in conditional_uses(facts.tree):
        where = facts.at(use.span, f"var.environment is used in {use.construct}")
        message = "Something is chosen by the environment's value. Make that choice a variable of its own."
        return failed(f"var.environment is used in {use.construct}", expected, message, [where])
    names = ", ".join(plan.environment for plan in plans)
    same = Evidence(kind="plan", detail=f"planned under {names}: only texts made of the name differ")
    refused = [
        Evidence(kind="plan", detail=f"{name}: refused by the module's own validation, so not planned")
        for name in planned(facts).refused
    ]
    message = "The module builds the same thing in every environment, under its own names."
    return passed(
        "names and tags follow, the rest is the same", expected, message, [same, *refused, *names_and_tags.evidence]
    )


def _follows(facts: Facts, plan: EnvironmentPlan) -> Finding:
    """The lesson's derived names and tags, as far as their resources are there; absent ones are other lines' matter."""
    name = plan.environment
    evidence: list[Evidence] = []
    for type_ in ("aws_kms_alias", "aws_secretsmanager_secret"):
        for resource in plan.of_type(type_):
            value = resource.values.get("name")
            seen = (plan_evidence(plan, resource, "name"), *lines(facts, resource.address, "name"))
            if (
                isinstance(value, str)
                and name not in value
                and _is_derived(facts, resource.config_address, type_, plan)
            ):
                return Finding(False, f"name = {show(value)}", seen)
            evidence += seen
    for type_ in ("aws_kms_key", "aws_secretsmanager_secret"):
        for resource in plan.of_type(type_):
            tags = resource.values.get("tags") or {}
            value = tags.get(LESSON.environment_tag)
            seen = (plan_evidence(plan, resource, "tags"), *lines(facts, resource.address, "tags"))
            if value is not None and value != name:
                return Finding(False, f"tag {LESSON.environment_tag} = {show(value)}", seen)
    return Finding(True, "names and tags follow", tuple(evidence))


def _is_derived(facts: Facts, config_address: str, type_: str, plan: EnvironmentPlan) -> bool:
    """Whether a name is one that the lesson derives: the only one of its kind, or one with the name in it elsewhere."""
    if len(plan.of_type(type_)) == 1:
        return True
    others = [
        r
        for p in planned(facts).environments
        if p.ok
        for r in p.at(config_address)
        if p.environment in str(r.values.get("name"))
    ]
    return bool(others)


def _differs(facts: Facts, difference: Difference, expected: str) -> Outcome:
    evidence = [
        Evidence(kind="plan", address=difference.address, detail=difference.text),
        *lines(facts, difference.address, difference.attribute),
    ]
    message = f"{difference.text}. Make that choice a variable of its own, with the same default everywhere."
    return failed(difference.text, expected, message, evidence)
