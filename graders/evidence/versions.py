"""The secret's version resources: which they are, and by which argument they set its value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from graders.evidence.facts import Facts, Reference
from graders.evidence.plan import EnvironmentPlan, PlannedResource
from graders.evidence.subject import counterpart, planned_subjects, the_secret
from lab_env.hcl import UNKNOWN, Attr, Block, constant, sources
from lab_env.hcl.addresses import in_module, without_indexes

Argument = Literal["secret_string", "secret_string_wo"]
_TYPE = "aws_secretsmanager_secret_version"


@dataclass(frozen=True)
class SecretVersion:
    """One ``aws_secretsmanager_secret_version`` block of the secret that has an instance.

    :param argument: of the two arguments the one that is set.
    :param generated: its password is write-only and comes from an ephemeral resource: it is in no file, plan or state.
    """

    address: str
    config_address: str
    argument: Argument
    block: Block
    generated: bool


def versions_of_secret(facts: Facts) -> tuple[SecretVersion, ...]:
    """The version blocks of the secret: whose ``secret_id`` leads to it, also through another version; all of them when
    there is one secret only. A block without planned instances (``count = 0``) is none.

    Decided by reference in HCL, so that it holds before anything is deployed.
    """
    secrets = facts.resources("aws_secretsmanager_secret")
    wanted = _secret_addresses(facts)
    found = []
    for address, block in facts.resources(_TYPE).items():
        if len(secrets) > 1 and wanted and not _secrets_of(facts, address) & wanted:
            continue
        if _is_counted_out(facts, address, block):
            continue
        argument = _argument(facts, address, block)
        found.append(
            SecretVersion(
                address, without_indexes(address), argument, block, _is_generated(facts, address, block, argument)
            )
        )
    return tuple(found)


def planned_instances(facts: Facts, version: SecretVersion, plan: EnvironmentPlan) -> tuple[PlannedResource, ...]:
    """The instances of a version block that belong to the secret in one environment's plan.

    One block may write many secrets by ``for_each``: then the instances count whose counterpart wrote the deployed secret, or
    that stand at the secret's own key.
    """
    instances = plan.at(version.config_address)
    if len(instances) < 2:
        return instances
    if facts.deployed is not None and facts.plan is not None:
        dev = facts.plan.deployed_environment.environment
        secret = the_secret(facts)
        own = [
            v.address
            for v in facts.deployed.versions
            if secret is not None
            and v.secret_arn == secret.arn
            and without_indexes(v.address) == version.config_address
        ]
        there = [counterpart(plan, address, deployed_environment=dev) for address in own]
        if own and None not in there:
            return tuple(resource for resource in there if resource is not None)
    planned_secret = next((s.secret for s in planned_subjects(facts) if s.plan is plan), None)
    same = tuple(r for r in instances if planned_secret is not None and r.index == planned_secret.index)
    return same or instances


def _is_counted_out(facts: Facts, address: str, block: Block) -> bool:
    """Whether the block has no instance: by the plan, and without one where ``count`` or ``for_each`` can be worked out."""
    if facts.plan is not None and facts.plan.ok:
        return not facts.plan.deployed_environment.at(without_indexes(address))
    path = facts.tree.split(in_module(address))[0]
    repeats = [block.body.get(name) for name in ("count", "for_each")]
    return any(
        constant(facts.tree, path, repeat, variables={"environment": "dev"}) in (0, "0", [], {})
        for repeat in repeats
        if repeat is not None
    )


def _secret_addresses(facts: Facts) -> frozenset[str]:
    """The secret's config address, as far as the plan or the deployment tells."""
    if facts.plan is None or not facts.plan.ok:
        return frozenset()
    secret = planned_subjects(facts)[0].secret if planned_subjects(facts) else None
    return frozenset({secret.config_address}) if secret is not None else frozenset()


def _secrets_of(facts: Facts, address: str) -> frozenset[str]:
    """Config addresses of the secrets to which a version's ``secret_id`` leads."""
    found: set[str] = set()
    pending: list[Reference] = [*facts.references(address, "secret_id")]
    seen: set[Reference] = set()
    while pending:
        reference = pending.pop()
        if reference in seen:
            continue
        seen.add(reference)
        if reference.type == _TYPE:
            pending += facts.references(reference.resource, "secret_id")
        elif reference.type == "aws_secretsmanager_secret":
            found.add(reference.resource)
    return frozenset(found)


def _argument(facts: Facts, address: str, block: Block) -> Argument:
    """The argument that is set; of a write-only one no plan shows the value, so of both the one that is not null."""
    plain, write_only = block.body.get("secret_string"), block.body.get("secret_string_wo")
    if write_only is None or plain is None:
        return "secret_string" if write_only is None else "secret_string_wo"
    if facts.plan is not None and facts.plan.ok:
        instances: Iterable[PlannedResource] = facts.plan.deployed_environment.at(without_indexes(address))
        set_there = any(not r.known("secret_string") or r.values.get("secret_string") is not None for r in instances)
        return "secret_string" if set_there else "secret_string_wo"
    path = facts.tree.split(in_module(address))[0]
    value = constant(facts.tree, path, plain)
    return "secret_string" if value is UNKNOWN or value is not None else "secret_string_wo"


def _is_generated(facts: Facts, address: str, block: Block, argument: Argument) -> bool:
    expression = block.body.get(argument)
    if argument != "secret_string_wo" or expression is None:
        return False
    path = facts.tree.split(in_module(address))[0]
    part = sources(facts.tree, path, expression, steps=(Attr("password"),))
    if not part.literals and not part.references:
        part = sources(facts.tree, path, expression)
    # What is written beside it is no part of what is generated.
    written = [
        one.value for one in part.literals if isinstance(one.value, str) and len(re.findall(r"\w", one.value)) > 2
    ]
    return not written and any(".ephemeral." in f".{reference}" for reference in part.references)
