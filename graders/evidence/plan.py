"""Plan facts: what Terraform would build under each environment, read from ``terraform show -json``.

One plan carries every environment: the generated root calls the module once for each (``module.secrets``,
``module.secrets_2`` …). Addresses are written as the learner's own ``module.secrets…`` whatever the call.
Format: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from graders.model import Frozen, SourceDiagnostic
from lab_env.hcl.addresses import CALL, without_indexes


class PlannedResource(Frozen):
    """One planned resource instance.

    :param address: canonical address, ``module.secrets.aws_kms_key.this["dev"]``.
    :param config_address: the same without indexes: the block in the learner's files.
    :param values: attributes known at plan time.
    :param unknown: Terraform's ``after_unknown``: ``true`` where a value is known after apply only.
    """

    address: str
    config_address: str
    mode: Literal["managed", "data"]
    type: str
    name: str
    index: str | int | None
    values: dict[str, Any]
    unknown: dict[str, Any]

    def known(self, attribute: str) -> bool:
        """Whether the attribute's whole value is known at plan time."""
        return not _any_true(self.unknown.get(attribute))


class EnvironmentPlan(Frozen):
    """The module planned under one environment."""

    environment: str
    resources: tuple[PlannedResource, ...]
    diagnostics: tuple[SourceDiagnostic, ...] = ()
    """Errors that stop the plan under this environment alone; then ``resources`` is empty."""

    @property
    def ok(self) -> bool:
        return not self.diagnostics

    def of_type(self, *types: str) -> tuple[PlannedResource, ...]:
        """Managed resources of the given types, by address."""
        return tuple(r for r in self.resources if r.mode == "managed" and r.type in types)

    def at(self, config_address: str) -> tuple[PlannedResource, ...]:
        return tuple(r for r in self.resources if r.config_address == config_address)


class PlanFacts(Frozen):
    """All planned environments, ``dev`` first.

    :param refused: environments that the learner's own ``validation`` refuses (skipped, with a note).
    :param errors: Terraform's errors when even ``dev`` cannot be planned.
    :param terraform: the version that said all this.
    """

    environments: tuple[EnvironmentPlan, ...]
    mentioned: tuple[EnvironmentPlan, ...] = ()
    """Under the names that the module itself compares with or looks up by; only whether they differ is asked of them."""
    refused: tuple[str, ...] = ()
    errors: tuple[SourceDiagnostic, ...] = ()
    violations: tuple[SourceDiagnostic, ...] = ()
    """What the second check found in the plan's JSON; nothing is applied then."""
    terraform: str = ""

    @property
    def ok(self) -> bool:
        return not self.errors and bool(self.environments)

    @property
    def deployed_environment(self) -> EnvironmentPlan:
        return self.environments[0]


def third_environment(digest: str) -> str:
    """A third environment name that nobody can have written a rule for: it follows from the submission's digest."""
    return "qa" + digest.removeprefix("sha256:")[:5]


def read_environment(plan: Mapping[str, Any], call: str, environment: str) -> EnvironmentPlan:
    """The resources under ``module.<call>`` of a plan's JSON."""
    prefix = f"module.{call}."
    resources = [
        _resource(change, prefix)
        for change in plan.get("resource_changes", ())
        if str(change["address"]).startswith(prefix)
    ]
    # Data sources that could be read at plan time are in no change, but in the prior state.
    for values in _prior_resources(plan.get("prior_state", {}).get("values", {}).get("root_module", {})):
        if values["mode"] == "data" and str(values["address"]).startswith(prefix):
            change = {**values, "change": {"after": values.get("values", {}), "after_unknown": {}}}
            resources.append(_resource(change, prefix))
    return EnvironmentPlan(environment=environment, resources=tuple(sorted(resources, key=lambda r: r.address)))


def _resource(change: Mapping[str, Any], prefix: str) -> PlannedResource:
    address = f"{CALL}." + str(change["address"]).removeprefix(prefix)
    unknown = change["change"].get("after_unknown")
    return PlannedResource(
        address=address,
        config_address=without_indexes(address),
        mode=change["mode"],
        type=change["type"],
        name=change["name"],
        index=change.get("index"),
        values=change["change"].get("after") or {},
        unknown=unknown if isinstance(unknown, dict) else {},
    )


def _prior_resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _prior_resources(child)


def _any_true(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return any(_any_true(v) for v in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_any_true(v) for v in value)
    return False
