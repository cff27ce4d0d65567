"""Where a secret's value flows, decided by reference: a value that is harmless today is still a leak."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from graders.evidence.facts import Facts, reference_to
from lab_env.hcl import Attr, Expression, ModuleTree, Node, Span, constant, origins
from lab_env.hcl.addresses import in_module
from lab_env.hcl.origins import Origins
from lab_env.hcl.resolve import Flow, Steps
from lab_env.hcl.scope import Scope
from lab_env.text import parsed_json

# These say which secret or version it is, not what is in it.
_HARMLESS = frozenset(
    [
        "arn",
        "id",
        "secret_id",
        "secret_arn",
        "version_id",
        "version_stage",
        "version_stages",
        "has_secret_string_wo",
        "secret_string_wo_version",
        "created_date",
        "region",
    ]
)
_LOOKED_AT = 50
"""Arguments between an output and a secret's value that are looked at: what is found names places and decides nothing."""
_NO_ATTRIBUTES = frozenset({"for_each", "count", "depends_on", "provider"})
"""Arguments that say how many there are of a resource, and when: none of them is read from it again."""
_HOLDERS = frozenset({"aws_secretsmanager_secret_version", "aws_secretsmanager_random_password"})


@dataclass(frozen=True)
class Argument:
    """An argument of a resource, as it is written: ``description`` of ``aws_iam_policy.read`` in a module."""

    module_path: str
    address: str
    name: str
    expression: Expression


class _ThroughResources(Flow):
    """Follows a value into a resource's argument as well: what a tag or a name is made of comes out of it again."""

    def __init__(self, tree: ModuleTree) -> None:
        super().__init__(tree)
        self.passed: dict[Span, Argument] = {}
        """The resources' arguments that were gone through, by where they stand."""

    def _resource(self, root: str, steps: Steps, labels: int, node: Node) -> None:
        super()._resource(root, steps, labels, node)
        places = [place for place, step in enumerate(steps) if isinstance(step, Attr)]
        names = [step.name for step in steps if isinstance(step, Attr)]
        if len(places) < labels:
            return
        blocks = node.module.data if root == "data" else node.module.resources
        address = ".".join((root, *names[:labels]))
        block = next((b for b in blocks.values() if b.address == address), None)
        if block is None:
            return
        if len(places) == labels:  # the resource as a whole, with all that it is made of
            for argument, attribute in block.body.attributes.items():
                if argument in _NO_ATTRIBUTES:
                    continue
                self._pass(Argument(node.path, block.address, argument, attribute.expression), ())
            return
        # What terraform_data is given, it gives out.
        name = "input" if (root, names[labels]) == ("terraform_data", "output") else names[labels]
        value = block.body.get(name)
        if value is not None:
            self._pass(Argument(node.path, block.address, name, value), steps[places[labels] + 1 :])

    def _pass(self, argument: Argument, steps: Steps) -> None:
        self.passed[argument.expression.span] = argument
        self.into(argument.expression, steps, Scope(self._tree.nodes[argument.module_path]))


class _LiteralsThroughResources(_ThroughResources, Origins):
    pass


def literals_through_resources(facts: Facts, module_path: str, expression: Expression) -> frozenset[Span]:
    """Where the literals stand that flow into an expression, through resources' arguments too."""
    flow = _LiteralsThroughResources(facts.tree)
    flow.into(expression, (), Scope(facts.tree.nodes[module_path]))
    flow.run()
    return frozenset(literal.span for literal in flow.literals.values())


def secret_value_references(
    facts: Facts, module_path: str, expression: Expression, *, through_resources: bool = False
) -> tuple[str, ...]:
    """The references through which a secret's value flows into an expression; a whole resource counts.

    :param through_resources: also through an argument of another resource, such as a tag.
    """
    references = facts.flows_into(module_path, expression)
    if through_resources:
        flow = _ThroughResources(facts.tree)
        flow.into(expression, (), Scope(facts.tree.nodes[module_path]))
        flow.run()
        references |= {reference_to(text) for text in flow.found}
    return tuple(
        sorted(
            f"{in_module(r.resource)}{'.' + r.attribute if r.attribute else ''}"
            for r in references
            if r.type in _HOLDERS and (r.attribute is None or r.attribute not in _HARMLESS)
        )
    )


def arguments_on_the_way(facts: Facts, module_path: str, expression: Expression) -> tuple[Argument, ...]:
    """The other resources' arguments through which a secret's value flows into an expression, in the order of their places."""
    flow = _ThroughResources(facts.tree)
    flow.into(expression, (), Scope(facts.tree.nodes[module_path]))
    flow.run()
    return tuple(
        argument
        for _, argument in islice(
            sorted(flow.passed.items(), key=lambda item: (item[0].path, item[0].line)), _LOOKED_AT
        )
        if argument.address.split(".")[0] not in _HOLDERS
        and secret_value_references(facts, argument.module_path, argument.expression, through_resources=True)
    )


def password_origins(facts: Facts) -> frozenset[Span]:
    """Where the literals stand that end up as the password of a first version."""
    found: set[Span] = set()
    for node in facts.tree.nodes.values():
        for block in node.module.resources.values():
            if block.labels[0] != "aws_secretsmanager_secret_version":
                continue
            for argument in ("secret_string", "secret_string_wo"):
                value = block.body.get(argument)
                if value is not None:
                    found |= _origins_of_password(facts, node.path, value)
    return frozenset(found)


def _origins_of_password(facts: Facts, module_path: str, value: Expression) -> set[Span]:
    """Of a value that is written as one text only the pieces count that have to do with its password."""
    literals = origins(facts.tree, module_path, value, steps=(Attr("password"),))
    parsed = parsed_json(text) if isinstance(text := constant(facts.tree, module_path, value), str) else None
    password = parsed.get("password") if isinstance(parsed, dict) else None
    if isinstance(password, str) and password:
        literals = tuple(o for o in literals if str(o.value) in password or password in str(o.value))
    return {o.span for o in literals if str(o.value)}
