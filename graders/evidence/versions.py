"""The secret's version resources: which they are, and by which argument they set its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graders.evidence.facts import Facts
from lab_env.hcl import Block
from lab_env.hcl.addresses import without_indexes
from lab_env.lesson import LESSON

Argument = Literal["secret_string", "secret_string_wo"]


@dataclass(frozen=True)
class SecretVersion:
    """One ``aws_secretsmanager_secret_version`` of the secret.

    :param generated: its value is write-only and comes from an ephemeral resource: it is in no file, plan or state.
    """

    address: str
    config_address: str
    argument: Argument
    block: Block
    generated: bool


def versions_of_secret(facts: Facts) -> tuple[SecretVersion, ...]:
    """The version blocks in the module whose ``secret_id`` leads to the secret; all of them when there is one secret only.

    Decided by reference in HCL, so that it holds before anything is deployed.
    """
    secrets = facts.resources("aws_secretsmanager_secret")
    wanted = _secret_addresses(facts)
    found = []
    for address, block in facts.resources("aws_secretsmanager_secret_version").items():
        if len(secrets) > 1 and wanted:
            targets = {r.resource for r in facts.references(address, "secret_id")}
            if not targets & wanted:
                continue
        argument: Argument = "secret_string_wo" if "secret_string_wo" in block.body.attributes else "secret_string"
        generated = argument == "secret_string_wo" and any(
            r.mode == "ephemeral" for r in facts.references(address, argument)
        )
        found.append(SecretVersion(address, without_indexes(address), argument, block, generated))
    return tuple(found)


def _secret_addresses(facts: Facts) -> frozenset[str]:
    """Config addresses of the secret with the required name, as far as the plan or the deployment tells."""
    if facts.plan is None or not facts.plan.ok:
        return frozenset()
    plan = facts.plan.deployed_environment
    name = LESSON.secret_name(plan.environment)
    return frozenset(
        r.config_address for r in plan.of_type("aws_secretsmanager_secret") if r.values.get("name") == name
    )
