"""Shared ways of looking: the same property under every environment, with the learner's lines as evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graders.evidence.deployed import RoleFacts
from graders.evidence.facts import Facts
from graders.evidence.plan import EnvironmentPlan, PlannedResource
from graders.evidence.subject import planned
from graders.model import Evidence, Outcome, SourceDiagnostic
from graders.rubric.requirement import failed, passed
from lab_env.hcl import Attribute, Call, Expression, Node, Span, Traversal, reached_by, walk
from lab_env.hcl.addresses import in_module, type_of, without_indexes


@dataclass(frozen=True)
class Finding:
    """One look at one thing: whether it is as it should be, what was seen, and where."""

    ok: bool
    observed: str
    evidence: tuple[Evidence, ...]


NOT_PLANNED = Finding(True, "not planned", ())
"""What is not there under one environment: the line about its being there loses by that, and no other."""

Look = Callable[[EnvironmentPlan], Finding]


def api(detail: str, address: str | None = None) -> Evidence:
    return Evidence(kind="api", detail=detail, address=address)


def drill(detail: str, address: str | None = None) -> Evidence:
    return Evidence(kind="drill", detail=detail, address=address)


def plan_evidence(plan: EnvironmentPlan, resource: PlannedResource, attribute: str) -> Evidence:
    """The planned value of an attribute under one environment."""
    if resource.known(attribute):
        shown = f"{attribute} = {show(resource.values.get(attribute))}"
    else:
        shown = f"{attribute} is known after apply"
    return Evidence(kind="plan", address=resource.address, detail=f"{plan.environment}: {shown}")


def lines(facts: Facts, address: str, attribute: str | None = None) -> tuple[Evidence, ...]:
    """The learner's own lines of a resource, or of one attribute of it and of where its value is given."""
    block = facts.block(without_indexes(address))
    if block is None:
        return ()
    found = block.body.attributes.get(attribute) if attribute else None
    span = found.span if found else block.span
    if found is None and attribute is not None:
        detail = f"{'.'.join(block.labels)} sets no {attribute}"
    else:
        detail = f"{attribute} of {'.'.join(block.labels)}" if attribute else ".".join(block.labels)
    given = () if found is None else _given(facts, address, found.expression)
    read = () if found is None else files_read(facts, address, found.expression)
    return (
        facts.at(span, detail, address=address),
        *(facts.at(s, f"{what} for {attribute}") for s, what in given),
        *(facts.at(content.span, f"{content.span.path} is read for {attribute}") for content in read),
    )


def files_read(facts: Facts, address: str, expression: Expression) -> tuple[Expression, ...]:
    """The texts and templates of the files that an expression reads, in path order; also in locals that it uses."""
    return contents_read(facts, facts.tree.nodes[facts.tree.split(in_module(address))[0]], expression)


def contents_read(facts: Facts, node: Node, expression: Expression) -> tuple[Expression, ...]:
    """The same for an expression of a module."""
    found = (
        content
        for reached in reached_by(node, expression)
        for inner in walk(reached)
        if isinstance(inner, Call) and (content := facts.tree.content(node, inner)) is not None
    )
    return tuple(sorted({content.span.path: content for content in found}.values(), key=lambda one: one.span.path))


def _given(facts: Facts, address: str, expression: Expression) -> Iterator[tuple[Span, str]]:
    """Where a value that is nothing but a local's or a variable's is written: in the local, the call, the default."""
    path = facts.tree.split(in_module(address))[0]
    for _ in range(_MOST_HANDED_ON):
        node = facts.tree.nodes[path]
        if (
            not isinstance(expression, Traversal)
            or len(expression.names) != 1
            or expression.root not in ("local", "var")
        ):
            return
        name = expression.names[0]
        given: Attribute | None
        if expression.root == "local":
            given = node.module.locals.get(name)
        elif node.call is not None and node.parent is not None:
            given, path = node.call.body.attributes.get(name), node.parent
        else:
            block = node.module.variables.get(name)
            given = block.body.attributes.get("default") if block else None
        if given is None:
            return
        yield given.span, f"{expression.root}.{name}"
        expression = given.expression


_MOST_HANDED_ON = 6
_POLICIES_OF = {
    "aws_kms_key": ("aws_kms_key_policy", "key_id"),
    "aws_secretsmanager_secret": ("aws_secretsmanager_secret_policy", "secret_arn"),
}


def policy_lines(facts: Facts, address: str) -> tuple[Evidence, ...]:
    """Where the policy of a key or a secret is written: in a resource of its own, in the resource itself, in a policy document."""
    block = facts.block(without_indexes(address))
    if block is None:
        return ()
    owners = _policies_of(facts, address)
    if not owners and "policy" not in block.body.attributes:
        return lines(facts, address)
    return tuple(
        e for owner in owners or [address] for e in (*lines(facts, owner, "policy"), *documents_of(facts, owner))
    )


def writes_policy(facts: Facts, address: str) -> bool:
    """Whether the module gives a key or a secret a policy at all."""
    block = facts.block(without_indexes(address))
    return block is not None and ("policy" in block.body.attributes or bool(_policies_of(facts, address)))


def _policies_of(facts: Facts, address: str) -> list[str]:
    block = facts.block(without_indexes(address))
    own_type, argument = _POLICIES_OF.get(block.labels[0], ("", "")) if block else ("", "")
    return [
        other
        for other in facts.resources(own_type)
        if without_indexes(address) in {r.resource for r in facts.references(other, argument)}
    ]


def documents_of(facts: Facts, address: str, argument: str = "policy") -> tuple[Evidence, ...]:
    """The policy documents (data sources) and locals that an argument takes its text from."""
    wanted = sorted(
        r.resource
        for r in facts.references(without_indexes(address), argument)
        if r.mode == "data" and r.type == "aws_iam_policy_document"
    )
    return (
        *(e for document in wanted for e in lines(facts, document)),
        *(e for where in (address, *wanted) for e in _locals_of(facts, where)),
    )


def _locals_of(facts: Facts, address: str) -> Iterator[Evidence]:
    block = facts.block(without_indexes(address))
    node = facts.tree.nodes.get(facts.tree.split(in_module(address))[0])
    if block is None or node is None:
        return
    for expression in block.body.expressions():
        for reached in [*reached_by(node, expression)][1:]:
            yield facts.at(reached.span, "a local that the policy is made of", address=address)


def role_policy_lines(facts: Facts, role: RoleFacts) -> list[Evidence]:
    """The lines of the blocks that give a role its permissions and limits, and of nobody else's; where nothing gives it any, of
    what could have."""
    found: list[Evidence] = []
    left: list[str] = []
    own = without_indexes(role.address)
    named = f'"{role.name}"'
    for type_, argument in (("aws_iam_role_policy", "policy"), ("aws_iam_role_policy_attachment", "policy_arn")):
        for address, block in facts.resources(type_).items():
            references = {r.resource for r in facts.references(address, "role")}
            written = block.body.get("role")
            if references and own not in references and (written is None or named not in str(written)):
                left.append(address)
                continue
            found += (*lines(facts, address, argument), *documents_of(facts, address), *lines(facts, address, "role"))
            found += lines(facts, address, "for_each") if "for_each" in block.body.attributes else ()
            for reference in sorted({r.resource for r in facts.references(address, "policy_arn")}):
                found += (*lines(facts, reference, "policy"), *documents_of(facts, reference))
    for reference in sorted({r.resource for r in facts.references(own, "permissions_boundary")}):
        found += (*lines(facts, reference, "policy"), *documents_of(facts, reference))
    if found:
        return found
    unused = [*left, *facts.resources("aws_iam_policy")]
    return [*lines(facts, role.address), *(e for address in unused for e in lines(facts, address))]


_ALIAS = re.compile(r"\baws_kms_alias\.[\w-]+(?:\[[^\]]*\])?\.arn\b|:alias/")
_LONGEST_LINE = 1_000


def at_the_alias(facts: Facts, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with the line that names an alias's ARN in the place of the block or argument that it is in."""
    found: list[Evidence] = []
    for seen in evidence:
        places = [facts.at(span, ALIAS_NAMED) for span in _aliases_in(facts, seen)]
        found = [*places, *found] if places else [*found, seen]
    return found


ALIAS_NAMED = "names a key by the ARN of its alias"


def _aliases_in(facts: Facts, seen: Evidence) -> Iterator[Span]:
    file = facts.submission.any_file(seen.path) if seen.kind == "hcl" and seen.path else None
    if file is None or seen.line is None:
        return
    lines = file.text.split("\n")
    for number in range(seen.line, min(seen.end_line or seen.line, len(lines)) + 1):
        if _ALIAS.search(lines[number - 1][:_LONGEST_LINE]):
            yield Span(file.path, number, number)


def refused_by_aws(facts: Facts, *types: str) -> SourceDiagnostic | None:
    """The error with which the apply could not create a resource of one of these types."""
    errors = facts.deployed.errors if facts.deployed is not None else ()
    return next((e for e in errors if e.address and type_of(e.address) in types), None)


def diagnostic_evidence(error: SourceDiagnostic) -> Evidence:
    """Terraform's own words at the learner's lines."""
    return Evidence(
        kind="plan" if error.path is None else "hcl",
        path=error.path,
        line=error.line,
        end_line=error.end_line,
        cell=error.cell,
        address=error.address,
        detail=f"{error.summary}: {error.detail}" if error.detail else error.summary,
    )


def show(value: object) -> str:
    """A value as HCL writes it, short."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k} = {show(v)}" for k, v in sorted(value.items())) + "}"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 120 else text[:117] + "…"


def planned_attribute(
    facts: Facts, resources: Mapping[str, PlannedResource], name: str, good: Callable[[Any], bool]
) -> Look:
    """Whether an attribute's planned value is good; None stands for one that is not set or not known yet.

    :param resources: the planned resource by environment.
    """

    def look(plan: EnvironmentPlan, resource: PlannedResource) -> Finding:
        value = resource.values.get(name)
        evidence = (plan_evidence(plan, resource, name), *lines(facts, resource.address, name))
        return Finding(good(value), f"{name} = {show(value)}", evidence)

    return _at_each(resources, look)


def planned_tags(
    facts: Facts, resources: Mapping[str, PlannedResource], wanted: Callable[[str], Mapping[str, str]]
) -> Look:
    """Whether a resource carries the tags that it should have under each environment.

    :param resources: the planned resource by environment.
    """

    def look(plan: EnvironmentPlan, resource: PlannedResource) -> Finding:
        found = resource.values.get("tags") or {}
        tags = wanted(plan.environment)
        wrong = {name: found.get(name) for name, value in tags.items() if found.get(name) != value}
        evidence = (plan_evidence(plan, resource, "tags"), *lines(facts, resource.address, "tags"))
        if not wrong:
            return Finding(True, f"tags {', '.join(tags)} are right", evidence)
        return Finding(False, ", ".join(f"tag {name} is {show(value)}" for name, value in wrong.items()), evidence)

    return _at_each(resources, look)


def _at_each(
    resources: Mapping[str, PlannedResource],
    look: Callable[[EnvironmentPlan, PlannedResource], Finding],
) -> Look:
    def at(plan: EnvironmentPlan) -> Finding:
        resource = resources.get(plan.environment)
        return NOT_PLANNED if resource is None else look(plan, resource)

    return at


def in_every_environment(facts: Facts, look: Look) -> Finding:
    """The same look under every planned environment.

    :returns: whether all are as they should be; what was observed, naming the environments that differ; the evidence of all
        of them, or of the differing ones.
    """
    looks = [(plan.environment, look(plan)) for plan in planned(facts).environments if plan.ok]
    bad = [(name, found) for name, found in looks if not found.ok]
    if bad:
        first = bad[0][1]
        where = "" if len(bad) == len(looks) else f" under {', '.join(n for n, _ in bad)}"
        return Finding(False, f"{first.observed}{where}", tuple(e for _, found in bad for e in found.evidence))
    seen = next((found for _, found in looks if found is not NOT_PLANNED), NOT_PLANNED)
    return Finding(True, seen.observed, tuple(e for _, found in looks for e in found.evidence))


def everywhere(
    facts: Facts,
    look: Look,
    *,
    expected: str,
    passes: str,
    fails: str | Callable[[str], str],
    observed: str | None = None,
    around: tuple[Iterable[Evidence], Iterable[Evidence]] = ((), ()),
) -> Outcome:
    """The verdict on what must hold under every environment.

    :param passes: what the learner is told then; ``fails`` otherwise, perhaps made of what was observed.
    :param observed: of a pass, when what the looks saw does not say it.
    :param around: evidence that stands before that of the looks, and behind that of a pass.
    """
    found = in_every_environment(facts, look)
    seen, where = around
    if found.ok:
        return passed(observed or found.observed, expected, passes, [*seen, *found.evidence, *where])
    message = fails if isinstance(fails, str) else fails(found.observed)
    return failed(found.observed, expected, message, [*seen, *found.evidence])
