"""Which resource an argument picks under one environment, where no plan tells because AWS makes its value only later."""

from __future__ import annotations

from graders.evidence.facts import Facts, Reference, reference_to
from lab_env.hcl import ResourceValue, constant
from lab_env.hcl.addresses import in_module


def chosen_under(facts: Facts, environment: str, config_address: str, attribute: str) -> Reference | None:
    """The resource's attribute that an argument is, with ``var.environment`` given: ``element(values({…}), 0)`` and the like.

    :return: None when it is something else, or more than picking is done with it.
    """
    block = facts.block(config_address)
    expression = block.body.get(attribute) if block else None
    if expression is None:
        return None
    path = facts.tree.split(in_module(config_address))[0]
    value = constant(facts.tree, path, expression, variables={"environment": environment}, references=True)
    return reference_to(value.address) if isinstance(value, ResourceValue) else None
